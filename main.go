// Command agent-gate is a CI/CD gate for the quality of AI agents: it runs a Future AGI
// simulation, judges it, and passes or fails the job.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/agent-gate/agent-gate/internal/command"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// version is set by the linker on a release build.
var version string

func main() {
	// The reader of a pipe may go away, as head does. That must not kill the gate and leave
	// a paid run behind: what it writes is lost, and the exit code tells.
	signal.Ignore(syscall.SIGPIPE)
	// A fatal error of the runtime ends the process with SIGABRT, and not with the exit code 2,
	// which says that the configuration is bad. Nothing of the memory, which holds the keys, is
	// written to a core file.
	debug.SetTraceback("crash")
	noCore()
	if _, chosen := os.LookupEnv("GOGC"); !chosen {
		debug.SetGCPercent(command.GCPercent)
	}
	c := command.Command{
		Version: version,
		Args:    os.Args[1:],
		Program: filepath.Base(os.Args[0]),
		Environ: os.Environ(),
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
	}
	os.Exit(c.Main(withSignals(context.Background())))
}

// withSignals is a context that ends with the first signal that asks the process to
// stop, and says which. A later one ends the process at once.
func withSignals(parent context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	if !signal.Ignored(syscall.SIGHUP) { // as nohup asks for
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() { os.Exit(watch(signals, cancel, os.Stderr)) }()
	return ctx
}

// sameSignal is how long after a signal another one of its kind is the same one: a program
// such as GNU timeout signals its child, and microseconds later the group that it is in.
const sameSignal = time.Second

// watch cancels with the first signal, and returns the exit code of the next one that is not
// the same. A terminal that is closed is as good as SIGTERM; it may be told twice, by the
// kernel and by the shell, so it is never the second. SIGQUIT asks for the stacks of a
// program that hangs: it ends the process at once.
func watch(signals <-chan os.Signal, cancel context.CancelCauseFunc, stderr io.Writer) int {
	first := <-signals
	since := time.Now()
	switch first {
	case syscall.SIGQUIT:
		return quit(stderr)
	case os.Interrupt:
		cancel(gate.ErrInterrupted)
	default:
		cancel(gate.ErrTerminated)
	}
	second := <-signals
	for second == syscall.SIGHUP || second == first && time.Since(since) < sameSignal {
		second = <-signals
	}
	if second == syscall.SIGQUIT {
		return quit(stderr)
	}
	say(stderr, "agent-gate: stopped at once; an execution may still be running: agent-gate cleanup or the dashboard\n")
	if second == os.Interrupt {
		return verdict.ExitInterrupted
	}
	return verdict.ExitTerminated
}

// exitQuit is the exit code after SIGQUIT: 128 + 3. The runtime's own is 2, which would say
// that the configuration is bad.
const exitQuit = 131

// quit writes the stacks of all goroutines.
func quit(stderr io.Writer) int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	say(stderr, fmt.Sprintf("agent-gate: SIGQUIT; an execution may still be running: agent-gate cleanup or the dashboard\n\n%s\n", stacks))
	return exitQuit
}

// say writes to a stream that perhaps nobody reads, and at once means at once.
func say(stderr io.Writer, words string) {
	said := make(chan struct{})
	go func() {
		defer close(said)
		_, _ = io.WriteString(stderr, words) // there is nowhere left to tell of an error
	}()
	select {
	case <-said:
	case <-time.After(time.Second):
	}
}
