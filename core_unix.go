//go:build unix

package main

import "syscall"

// noCore disables core files. If the system refuses, there is nothing more to do.
func noCore() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }
