//go:build unix

package group

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// guardScript waits for its input to end, then kills a process group. A line on its input
// tells it that there is nothing left to kill.
const guardScript = `read -r _ || kill -s KILL -- "-$1"`

// watch starts a shell that kills the group if this process ends without calling release, for
// example by SIGKILL: the kernel then closes the shell's input. The death signal alone reaches
// only the program itself, not what it started. Without /bin/sh there is no guard.
func (g processes) watch() (release func()) {
	//nolint:noctx // it has to outlive every context
	shell := exec.Command("/bin/sh", "-c", guardScript, "agent-gate-guard", strconv.Itoa(g.id))
	shell.Dir = "/"
	shell.Env = []string{} // it needs none of ours, least of all the keys
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	theirs, ours, err := os.Pipe()
	if err != nil {
		return func() {}
	}
	defer theirs.Close()
	shell.Stdin = theirs
	if err := shell.Start(); err != nil {
		ours.Close()
		return func() {}
	}
	return func() {
		_, _ = ours.WriteString("done\n")
		ours.Close()
		_ = shell.Wait()
	}
}
