package group

import "os/exec"

// Running is a program and what it has started.
type Running interface {
	// Exited is closed once the program itself has ended.
	Exited() <-chan struct{}
	// Exit says how it ended, such as "exit status 1", once Exited is closed.
	Exit() string
	// Terminate asks all of it to end; Kill ends it.
	Terminate()
	Kill()
	// Gone reports whether nothing of it is left.
	Gone() bool
	// Release frees what is held for it. What is left of it is killed.
	Release()
}

// Start starts a command, whose SysProcAttr it sets. keeper is from [Keeper], or empty for none.
func Start(cmd *exec.Cmd, keeper string) (Running, error) {
	if cmd.Err != nil {
		return nil, cmd.Err
	}
	if keeper != "" {
		return startKept(cmd, keeper)
	}
	return startDirect(cmd)
}

// isClosed reports whether a channel is closed.
func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
