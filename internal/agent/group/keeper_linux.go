package group

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

const (
	// keeperWord is the first argument of a keeper.
	keeperWord = "keep-agent"
	// keeperOrders and keeperNews are the descriptors of what it is told and what it tells.
	keeperOrders, keeperNews = 3, 4
	// killTime is how long it kills: what is left after that it may not kill, such as a program
	// with the rights of another user.
	killTime = 5 * time.Second
	// killPause is the pause between two rounds: new processes may start meanwhile.
	killPause = 5 * time.Millisecond
)

// IsKeeper reports whether a process with these arguments, the first one its name, is to call [Keep]
// and nothing else.
func IsKeeper(args []string) bool { return len(args) > 3 && args[1] == keeperWord }

// Keep is the life of a keeper; code is for its exit. It starts the program that the arguments name,
// adopts all of its descendants that lose their parent, and ends when none is left. When whoever
// started it has ended, or says so, it kills them.
func Keep(args []string) (code int) {
	for _, fd := range []int{keeperOrders, keeperNews} {
		syscall.CloseOnExec(fd)
	}
	news := os.NewFile(keeperNews, "news")
	adopt()
	deaf()
	// The program is killed with the thread that started it: if somebody kills this process.
	runtime.LockOSThread()
	pid, err := syscall.ForkExec(args[2], args[3:], &syscall.ProcAttr{
		Env: syscall.Environ(), Files: []uintptr{0, 1, 2},
		Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		fmt.Fprintln(news, saidFailed+err.Error())
		return 1
	}
	letGo()
	fmt.Fprintln(news, saidStarted)

	orders, over := make(chan byte), make(chan struct{})
	go listen(os.NewFile(keeperOrders, "orders"), orders)
	go reap(pid, news, over)
	for {
		select {
		case <-over:
			return 0
		case what := <-orders:
			if what == orderTerminate {
				signalAll(syscall.SIGTERM)
				continue
			}
			killAll(over)
			return 0
		}
	}
}

// adopt makes this process the parent of descendants that lose theirs (prctl(2),
// PR_SET_CHILD_SUBREAPER). Where that does not work, those get away.
func adopt() {
	const setChildSubreaper = 36
	_, _, _ = syscall.RawSyscall6(syscall.SYS_PRCTL, setChildSubreaper, 1, 0, 0, 0, 0)
}

// deaf makes this process go on after signals to all processes of a job or a terminal: whoever
// started it decides. They are not ignored, since the program would inherit that.
func deaf() {
	unheard := make(chan os.Signal, 1)
	signal.Notify(unheard, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it, for the program too
		signal.Notify(unheard, syscall.SIGHUP)
	}
}

// letGo closes the standard streams, which are the program's.
func letGo() {
	null, err := syscall.Open(os.DevNull, syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	for fd := range 3 {
		if err != nil {
			_ = syscall.Close(fd)
			continue
		}
		_ = syscall.Dup3(null, fd, 0)
	}
}

// listen passes on orders. Their end is an order to kill.
func listen(from io.Reader, orders chan<- byte) {
	for {
		var order [1]byte
		if n, err := from.Read(order[:]); err != nil || n == 0 {
			order[0] = orderKill
		}
		orders <- order[0]
	}
}

// reap waits for all children, own and adopted, and tells how the program ended.
func reap(program int, news io.Writer, over chan<- struct{}) {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil: // no child is left
			close(over)
			return
		case pid == program:
			fmt.Fprintln(news, describe(status))
		}
	}
}

// describe says how a process ended, as os.ProcessState does.
func describe(status syscall.WaitStatus) string {
	if !status.Signaled() {
		return fmt.Sprintf("exit status %d", status.ExitStatus())
	}
	core := ""
	if status.CoreDump() {
		core = " (core dumped)"
	}
	return "signal: " + status.Signal().String() + core
}

// killAll kills all descendants, and those that start meanwhile, until over.
func killAll(over <-chan struct{}) {
	enough := time.After(killTime)
	for {
		signalAll(syscall.SIGKILL)
		select {
		case <-over:
			return
		case <-enough:
			return
		case <-time.After(killPause):
		}
	}
}
