package agent_test

import (
	"sync"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent"
)

func TestCommand_endInTheMiddleFailsEveryOpenQuestion(t *testing.T) {
	t.Parallel()
	p := start(t, options("dies in the middle of a line"))
	var group sync.WaitGroup
	for _, c := range []string{"a", "b"} {
		group.Go(func() {
			_, err := p.Ask(t.Context(), ask(c, 1, "hello"))
			got := failure(t, err)
			if want := "agent: process died (exit status 3): KeyError: 'order'"; got.Error() != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if len(got.Stderr) != 2 {
				t.Errorf("got the last lines %v", got.Stderr)
			}
		})
	}
	group.Wait()
	<-p.Dead()
	if got := failure(t, p.Err()); got.Kind != agent.KindDied {
		t.Errorf("got %v", got)
	}
}

func TestCommand_endAfterTheLastAnswerFailsNoQuestion(t *testing.T) {
	t.Parallel()
	p := start(t, options("answers once and ends"))
	answers(t, p, ask("c", 1, "hello"), "hello")
	<-p.Dead()
	if got, want := failure(t, p.Err()).Error(), "agent: process died (exit status 0)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := p.Ask(t.Context(), ask("c", 2, "hello")); failure(t, err).Kind != agent.KindDied {
		t.Errorf("got %v", err)
	}
}

func TestCommand_thatShutsItsOutputIsOver(t *testing.T) {
	t.Parallel()
	o := options("shuts its output")
	o.Grace = 10 * time.Millisecond
	p := start(t, o)
	_, err := p.Ask(t.Context(), ask("c", 1, "hello"))
	if got, want := failure(t, err).Error(), "agent: process died: it closed its stdout"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
