//go:build unix && !linux && !freebsd

package group

import "syscall"

// killWithParent does nothing: the kernel has no such signal. The guard remains.
func killWithParent(*syscall.SysProcAttr) {}
