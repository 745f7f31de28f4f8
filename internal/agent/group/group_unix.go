//go:build unix

package group

import (
	"os"
	"os/exec"
	"syscall"
)

// own makes a command start as the leader of a new process group.
func own(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	killWithParent(cmd.SysProcAttr)
}

// processes is the process group of a program. It can outlive the program, and its id is not
// reused while any process is left in it.
type processes struct{ id int }

// groupOf is the group of a program that [own] prepared. exited is closed once the program has
// been waited for.
func groupOf(leader *os.Process, _ <-chan struct{}) processes { return processes{leader.Pid} }

// Terminate asks every process in the group to end.
func (g processes) Terminate() { _ = syscall.Kill(-g.id, syscall.SIGTERM) }

// Kill ends every process in the group.
func (g processes) Kill() { _ = syscall.Kill(-g.id, syscall.SIGKILL) }

// Gone reports whether no process in the group can be signalled any more. macOS answers EPERM
// for a group in which only zombies are left.
func (g processes) Gone() bool { return syscall.Kill(-g.id, 0) != nil }
