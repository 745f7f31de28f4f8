//go:build !unix

package group

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
)

// Own does nothing: there are no process groups.
func Own(*exec.Cmd) {}

// Group is a program and the processes that descend from it.
type Group struct {
	leader *os.Process
	exited <-chan struct{}
}

// Of is the group of a program. exited is closed once the program has been waited for.
func Of(leader *os.Process, exited <-chan struct{}) Group { return Group{leader, exited} }

// Terminate ends the program and its descendants, on Windows. There is no way to ask first.
func (g Group) Terminate() {
	if runtime.GOOS == "windows" {
		//nolint:noctx // it runs after the context has ended, and does not take long
		_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(g.leader.Pid)).Run()
	}
}

// Kill ends the program.
func (g Group) Kill() { _ = g.leader.Kill() }

// Gone reports whether the program has ended. Its descendants are unknown by then.
func (g Group) Gone() bool {
	select {
	case <-g.exited:
		return true
	default:
		return false
	}
}

// Guard does nothing.
func (g Group) Guard() (release func()) { return func() {} }
