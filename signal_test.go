package main

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/agent-gate/agent-gate/internal/gate"
)

func TestSignals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		signals   []os.Signal
		wantCause error
		wantCode  int
	}{
		{"interrupted twice", []os.Signal{os.Interrupt, os.Interrupt}, gate.ErrInterrupted, 130},
		{"terminated twice", []os.Signal{syscall.SIGTERM, syscall.SIGTERM}, gate.ErrTerminated, 143},
		{"a cancelled job on GitHub", []os.Signal{os.Interrupt, syscall.SIGTERM}, gate.ErrInterrupted, 143},
		{"a closed terminal tells twice", []os.Signal{syscall.SIGHUP, syscall.SIGHUP, os.Interrupt}, gate.ErrTerminated, 130},
		{"a terminal that is closed later", []os.Signal{os.Interrupt, syscall.SIGHUP, syscall.SIGTERM}, gate.ErrInterrupted, 143},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			signals := make(chan os.Signal, len(c.signals))
			for _, s := range c.signals {
				signals <- s
			}
			var stderr strings.Builder
			if got := watch(signals, cancel, &stderr); got != c.wantCode {
				t.Errorf("exit code %d, want %d", got, c.wantCode)
			}
			if got := context.Cause(ctx); !errors.Is(got, c.wantCause) {
				t.Errorf("cause %v, want %v", got, c.wantCause)
			}
			const want = "agent-gate: stopped at once; an execution may still be running: agent-gate cleanup or the dashboard\n"
			if got := stderr.String(); got != want {
				t.Errorf("stderr %q, want %q", got, want)
			}
			if len(signals) != 0 {
				t.Errorf("%d signals are left", len(signals))
			}
		})
	}
}

func TestTheSecondSignalDoesNotWaitForAReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe() // nobody reads
		defer reader.Close()
		signals := make(chan os.Signal, 2)
		signals <- os.Interrupt
		signals <- os.Interrupt
		if got := watch(signals, func(error) {}, writer); got != 130 {
			t.Errorf("exit code %d, want 130", got)
		}
	})
}
