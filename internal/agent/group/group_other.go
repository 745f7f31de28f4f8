//go:build !unix

package group

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
)

// own does nothing: there are no process groups.
func own(*exec.Cmd) {}

// processes is a program and the processes that descend from it.
type processes struct {
	leader *os.Process
	exited <-chan struct{}
}

// groupOf is the group of a program. exited is closed once the program has been waited for.
func groupOf(leader *os.Process, exited <-chan struct{}) processes {
	return processes{leader, exited}
}

// Terminate ends the program and its descendants, on Windows. There is no way to ask first.
func (g processes) Terminate() {
	if runtime.GOOS == "windows" {
		//nolint:noctx // it runs after the context has ended, and does not take long
		_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(g.leader.Pid)).Run()
	}
}

// Kill ends the program.
func (g processes) Kill() { _ = g.leader.Kill() }

// Gone reports whether the program has ended. Its descendants are unknown by then.
func (g processes) Gone() bool { return isClosed(g.exited) }

// watch does nothing.
func (g processes) watch() (release func()) { return func() {} }
