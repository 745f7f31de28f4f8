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
	"time"

	"github.com/agent-gate/agent-gate/internal/gate"
)

func TestSignals(t *testing.T) {
	t.Parallel()
	const atOnce = "agent-gate: stopped immediately; an execution may still be running: use agent-gate cleanup or the dashboard\n"
	type sent struct {
		after time.Duration
		os.Signal
	}
	for _, c := range []struct {
		name      string
		signals   []sent
		wantCause error
		wantCode  int
	}{
		{"interrupted twice", []sent{{0, os.Interrupt}, {2 * time.Second, os.Interrupt}}, gate.ErrInterrupted, 130},
		{"terminated twice", []sent{{0, syscall.SIGTERM}, {2 * time.Second, syscall.SIGTERM}}, gate.ErrTerminated, 143},
		{"a cancelled job on GitHub", []sent{{0, os.Interrupt}, {time.Millisecond, syscall.SIGTERM}}, gate.ErrInterrupted, 143},
		{"timeout signals its child and then the group", []sent{{0, syscall.SIGTERM}, {time.Microsecond, syscall.SIGTERM}, {time.Minute, syscall.SIGTERM}}, gate.ErrTerminated, 143},
		{"a signal that keeps coming within the second", []sent{{0, os.Interrupt}, {400 * time.Millisecond, os.Interrupt}, {500 * time.Millisecond, os.Interrupt}, {600 * time.Millisecond, os.Interrupt}}, gate.ErrInterrupted, 130},
		{"a closed terminal tells twice", []sent{{0, syscall.SIGHUP}, {0, syscall.SIGHUP}, {0, os.Interrupt}}, gate.ErrTerminated, 130},
		{"quit like a container whose stop signal it is", []sent{{0, syscall.SIGQUIT}, {10 * time.Second, syscall.SIGTERM}}, gate.ErrTerminated, 143},
		{"quit by a terminal and by its shell", []sent{{0, syscall.SIGQUIT}, {time.Millisecond, syscall.SIGQUIT}, {time.Second, os.Interrupt}}, gate.ErrTerminated, 130},
		{"a terminal that is closed later", []sent{{0, os.Interrupt}, {0, syscall.SIGHUP}, {0, syscall.SIGTERM}}, gate.ErrInterrupted, 143},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				signals := make(chan os.Signal, len(c.signals))
				go func() {
					for _, s := range c.signals {
						time.Sleep(s.after)
						signals <- s.Signal
					}
				}()
				var stderr strings.Builder
				if got := watch(signals, cancel, &stderr); got != c.wantCode {
					t.Errorf("exit code %d, want %d", got, c.wantCode)
				}
				if got := context.Cause(ctx); !errors.Is(got, c.wantCause) {
					t.Errorf("cause %v, want %v", got, c.wantCause)
				}
				if got := stderr.String(); got != atOnce {
					t.Errorf("stderr %q, want %q", got, atOnce)
				}
				synctest.Wait()
				if len(signals) != 0 {
					t.Errorf("%d signals are left", len(signals))
				}
			})
		})
	}
}

func TestASecondQuitShowsTheStacksAndHasAnExitCodeOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, first := range []os.Signal{syscall.SIGQUIT, os.Interrupt} {
		synctest.Test(t, func(t *testing.T) {
			signals := make(chan os.Signal, 2)
			signals <- first
			time.AfterFunc(2*time.Second, func() { signals <- syscall.SIGQUIT })
			var stderr strings.Builder
			if got := watch(signals, func(error) {}, &stderr); got != 131 {
				t.Errorf("exit code %d, want 131", got)
			}
			if !strings.Contains(stderr.String(), "cleanup") || !strings.Contains(stderr.String(), "goroutine ") {
				t.Errorf("stderr %q has no stacks", stderr.String())
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
		signals <- syscall.SIGTERM
		if got := watch(signals, func(error) {}, writer); got != 143 {
			t.Errorf("exit code %d, want 143", got)
		}
	})
}
