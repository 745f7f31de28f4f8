//go:build !unix

package main

// noCore forbids core files, which only Unix systems write.
func noCore() {}
