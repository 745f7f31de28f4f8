package group

import (
	"os/exec"
	"runtime"
)

// direct is a program that this process has started itself.
type direct struct {
	processes
	exited chan struct{}
	exit   string // set before exited is closed
	guard  func() // releases it
}

// startDirect starts a command in a process group of its own. Linux sends the death signal when the
// thread that started the program ends, so that thread is kept until then.
func startDirect(cmd *exec.Cmd) (Running, error) {
	own(cmd)
	d := &direct{exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		_ = cmd.Wait() // the state says more
		d.exit = cmd.ProcessState.String()
		close(d.exited)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	d.processes = groupOf(cmd.Process, d.exited)
	d.guard = d.watch()
	return d, nil
}

// Exited implements [Running].
func (d *direct) Exited() <-chan struct{} { return d.exited }

// Exit implements [Running].
func (d *direct) Exit() string { return d.exit }

// Release implements [Running].
func (d *direct) Release() { d.guard() }
