//go:build unix

package group

import (
	"os"
	"os/exec"
	"syscall"
)

// Own makes a command start as the leader of a new process group. Start it on a thread that
// lives as long as the program: Linux sends the death signal when the thread ends.
func Own(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	killWithParent(cmd.SysProcAttr)
}

// Group is the process group of a program. It can outlive the program, and its id is not
// reused while any process is left in it.
type Group struct{ id int }

// Of is the group of a program that [Own] prepared. exited is closed once the program has
// been waited for.
func Of(leader *os.Process, _ <-chan struct{}) Group { return Group{leader.Pid} }

// Terminate asks every process in the group to end.
func (g Group) Terminate() { _ = syscall.Kill(-g.id, syscall.SIGTERM) }

// Kill ends every process in the group.
func (g Group) Kill() { _ = syscall.Kill(-g.id, syscall.SIGKILL) }

// Gone reports whether no process in the group can be signalled any more. macOS answers EPERM
// for a group in which only zombies are left.
func (g Group) Gone() bool { return syscall.Kill(-g.id, 0) != nil }
