//go:build !unix

package main

// noCore does nothing: only Unix systems write core files.
func noCore() {}
