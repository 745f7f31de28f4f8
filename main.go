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
// stop, and says which. The second one ends the process at once.
func withSignals(parent context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as nohup asks for
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() { os.Exit(watch(signals, cancel, os.Stderr)) }()
	return ctx
}

// watch cancels with the first signal, and returns the exit code of the second. A
// terminal that is closed is as good as SIGTERM; it may be told twice, by the kernel and
// by the shell, so it is never the second.
func watch(signals <-chan os.Signal, cancel context.CancelCauseFunc, stderr io.Writer) int {
	if <-signals == os.Interrupt {
		cancel(gate.ErrInterrupted)
	} else {
		cancel(gate.ErrTerminated)
	}
	second := <-signals
	for second == syscall.SIGHUP {
		second = <-signals
	}
	said := make(chan struct{})
	go func() {
		defer close(said)
		fmt.Fprintln(stderr, "agent-gate: stopped at once; an execution may still be running: agent-gate cleanup or the dashboard")
	}()
	select {
	case <-said:
	case <-time.After(time.Second): // nobody reads the stream, and at once means at once
	}
	if second == os.Interrupt {
		return verdict.ExitInterrupted
	}
	return verdict.ExitTerminated
}
