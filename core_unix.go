//go:build unix

package main

import "syscall"

// noCore forbids core files. Where the system does not take that, it is its own affair.
func noCore() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }
