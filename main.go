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

	"github.com/agent-gate/agent-gate/internal/agent/group"
	"github.com/agent-gate/agent-gate/internal/command"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// version is set by the linker on a release build.
var version string

func main() {
	if group.IsKeeper(os.Args) {
		os.Exit(group.Keep(os.Args))
	}
	// The reader of a pipe may go away, as head does. SIGPIPE must not kill the gate and
	// leave a paid run behind. The output is lost, and the exit code tells.
	signal.Ignore(syscall.SIGPIPE)
	// A fatal runtime error ends the process with SIGABRT instead of exit code 2, which
	// means bad configuration. No core file is written, because memory holds the keys.
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
		Keeper:  group.Keeper(),
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
	}
	os.Exit(c.Main(withSignals(context.Background())))
}

// withSignals returns a context that ends with the first signal that asks the process to
// stop, with the signal's meaning as its cause. A second signal ends the process
// immediately.
func withSignals(parent context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() { os.Exit(watch(signals, cancel, os.Stderr)) }()
	return ctx
}

// sameSignal is how soon a repeated signal counts as the same one: GNU timeout, for
// example, signals its child and microseconds later the whole process group.
const sameSignal = time.Second

// watch cancels on the first signal, and returns the exit code for the second one that is
// not a repeat. SIGHUP, from a closed terminal, and SIGQUIT, from Ctrl-\ or as the stop signal
// of a container, count as SIGTERM: nothing paid for is left running. Kernel and shell may
// both send SIGHUP, so it is never the second signal; a second one that is SIGQUIT asks for the
// stacks of a hanging program.
func watch(signals <-chan os.Signal, cancel context.CancelCauseFunc, stderr io.Writer) int {
	first := <-signals
	since := time.Now()
	switch first {
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
	say(stderr, "agent-gate: stopped immediately; an execution may still be running: use agent-gate cleanup or the dashboard\n")
	if second == os.Interrupt {
		return verdict.ExitInterrupted
	}
	return verdict.ExitTerminated
}

// exitQuit is the exit code after a second signal that is SIGQUIT, 128 + 3. The runtime's own is 2, which means
// bad configuration.
const exitQuit = 131

// quit prints the stacks of all goroutines.
func quit(stderr io.Writer) int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	say(stderr, fmt.Sprintf("agent-gate: SIGQUIT; an execution may still be running: use agent-gate cleanup or the dashboard\n\n%s\n", stacks))
	return exitQuit
}

// say writes to a stream that may have no reader. It gives up after a second, because the
// process has to end immediately.
func say(stderr io.Writer, words string) {
	said := make(chan struct{})
	go func() {
		defer close(said)
		_, _ = io.WriteString(stderr, words) // there is nowhere left to report an error
	}()
	select {
	case <-said:
	case <-time.After(time.Second):
	}
}
