//go:build linux || freebsd

package group

import "syscall"

// killWithParent makes the kernel kill the program when the thread that started it ends, which
// it does at the latest with this process.
func killWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
