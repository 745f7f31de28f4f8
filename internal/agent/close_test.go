//go:build unix

package agent_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/agent/group"
)

// inBothWays runs a test with and without a keeper. Only Linux has one.
func inBothWays(t *testing.T, name string, test func(t *testing.T, keeper string)) {
	t.Helper()
	for _, keeper := range slices.Compact([]string{"", group.Keeper()}) {
		way := ", kept"
		if keeper == "" {
			way = ""
		}
		t.Run(name+way, func(t *testing.T) {
			t.Parallel()
			test(t, keeper)
		})
	}
}

func TestClose_endsTheWholeGroup(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, kind string
		shown      []string
	}{
		{"a child of the program too", "forks", []string{"forks", "lives on"}},
		{"a program that ignores SIGTERM", "lives on", []string{"lives on"}},
	}
	for _, c := range cases {
		inBothWays(t, c.name, func(t *testing.T, keeper string) {
			seen := watch(t)
			o := options(c.kind, seen.variable)
			o.Keeper, o.Grace = keeper, 10*time.Millisecond
			p := start(t, o)
			lives := seen.all(t, c.shown...)
			if err := p.Close(); err != nil {
				t.Error(err)
			}
			for _, life := range lives {
				life.end()
			}
			if err := p.Close(); err != nil {
				t.Errorf("closed twice: %v", err)
			}
			if !errors.Is(p.Err(), agent.ErrClosed) {
				t.Errorf("got %v, want ErrClosed", p.Err())
			}
		})
	}
}

func TestClose_firstEndsTheInputThenAsks(t *testing.T) {
	t.Parallel()
	inBothWays(t, "", func(t *testing.T, keeper string) {
		seen := watch(t)
		o := options("tidies up", seen.variable)
		o.Keeper = keeper
		o.SetPatience(time.Millisecond, time.Hour, time.Hour)
		p := start(t, o)
		_, life := seen.next(t)
		_ = p.Close()
		var said []string
		for life.Scan() {
			said = append(said, life.Text())
		}
		if want := []string{"input over", "asked to end"}; !slices.Equal(said, want) {
			t.Errorf("got %q, want %q", said, want)
		}
	})
}

func TestClose_endsOpenQuestionsWithoutBlame(t *testing.T) {
	t.Parallel()
	seen := watch(t)
	o := options("deaf", seen.variable)
	o.Grace = 10 * time.Millisecond
	p := start(t, o)
	_, life := seen.next(t)
	asked := make(chan error, 1)
	go func() {
		_, err := p.Ask(t.Context(), ask("c", 1, "hello"))
		asked <- err
	}()
	_ = p.Close()
	if err := <-asked; !errors.Is(err, agent.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	life.end()
}

func TestCommand_endsWithItsContext(t *testing.T) {
	t.Parallel()
	seen := watch(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := options("deaf", seen.variable)
	o.Grace = 10 * time.Millisecond
	p, err := agent.Command(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	_, life := seen.next(t)
	cancel()
	<-p.Dead()
	life.end()
	if !errors.Is(p.Err(), agent.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", p.Err())
	}
}

func TestCommand_whatItLeavesBehindIsEnded(t *testing.T) {
	t.Parallel()
	inBothWays(t, "", func(t *testing.T, keeper string) { leavesBehind(t, keeper, "leaves a child") })
}

// leavesBehind runs an agent that leaves a child behind, and waits for that to be ended.
func leavesBehind(t *testing.T, keeper, kind string) {
	t.Helper()
	seen := watch(t)
	o := options(kind, seen.variable)
	o.Keeper, o.Grace = keeper, 10*time.Millisecond
	p := start(t, o)
	lives := seen.all(t, kind, "lives on")
	_, _ = lives[kind].Write([]byte("!"))
	answers(t, p, ask("c", 1, "hello"), "hello")
	<-p.Dead()
	lives["lives on"].end()
	if got, want := failure(t, p.Err()).Error(), "agent: process died (exit status 0)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestKill_leavesNoAgent is about an agent with a child, neither of which ends by itself.
func TestKill_leavesNoAgent(t *testing.T) {
	t.Parallel()
	inBothWays(t, "", func(t *testing.T, keeper string) { killGate(t, keeper, "forks", "forks", "lives on") })
}

// killGate kills a process that has an agent of some kind, and waits for all to end that show.
func killGate(t *testing.T, keeper, kind string, shown ...string) {
	t.Helper()
	seen := watch(t)
	gate := exec.CommandContext(t.Context(), os.Args[0])
	gate.Env = append(os.Environ(), kindVariable+"=gate", "AGENT_TEST_OF_GATE="+kind, keeperVariable+"="+keeper, seen.variable)
	gate.Stderr = os.Stderr
	if err := gate.Start(); err != nil {
		t.Fatal(err)
	}
	lives := seen.all(t, append(shown, "gate")...)
	if err := gate.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = gate.Wait()
	for _, life := range lives {
		life.end()
	}
}
