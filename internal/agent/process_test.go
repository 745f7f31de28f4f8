package agent_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/text"
)

func TestCommand_answersTurnsOfManyConversations(t *testing.T) {
	t.Parallel()
	p := start(t, options("echo"))
	if err := p.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for c := range 25 {
		group.Go(func() {
			for turn := range 10 {
				answers(t, p, ask(fmt.Sprint("call ", c), turn+1, fmt.Sprint(c, turn)), fmt.Sprint(c, turn))
			}
		})
	}
	group.Wait()
	if err := p.Err(); err != nil {
		t.Errorf("got %v of an agent that lives", err)
	}
}

func TestCommand_slowStarterIsWaitedFor(t *testing.T) {
	t.Parallel()
	seen := watch(t)
	p := start(t, options("slow starter", seen.variable))
	_, life := seen.next(t)
	ready := make(chan error, 1)
	go func() { ready <- p.Ready(t.Context()) }()
	select {
	case err := <-ready:
		t.Fatalf("ready before it said so: %v", err)
	default:
	}
	fmt.Fprint(life, "!")
	if err := <-ready; err != nil {
		t.Fatal(err)
	}
	answers(t, p, ask("c", 1, "hello"), "hello")
}

func TestCommand_thatSaysNothingIsAskedAndItsAnswerDecides(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, kind string
		answer     time.Duration
		want       string
	}{
		{"an answer", "echo that does not say it is ready", time.Hour, ""},
		{"garbage", "garbage", time.Hour, "agent: not ready: broken answer: no JSON object but: Thinking about it"},
		{"an error", "says error", time.Hour, "agent: not ready: it reported an error: no model"},
		{"silence", "silent", 2 * time.Millisecond, `agent: not ready: no answer within 2ms: a question was asked after 1ms without {"ready":true}; does the program flush each line of its output?`},
		{"an end", "dies in the middle of a line", time.Hour, "agent: not ready: process died (exit status 3): KeyError: 'order'"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := options(c.kind)
			o.Ready, o.Answer = time.Millisecond, c.answer
			p := start(t, o)
			err := p.Ready(t.Context())
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if err := p.Ready(t.Context()); err != nil {
					t.Errorf("it was ready, and then: %v", err)
				}
				return
			}
			if got := failure(t, err); !got.Starting || got.Error() != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestCommand_thatDiesBeforeItIsReadyFailsAtOnceWithItsLastLines(t *testing.T) {
	t.Parallel()
	p := start(t, options("dies at once"))
	got := failure(t, p.Ready(t.Context()))
	if want := "agent: not ready: process died (exit status 1): no module named agent"; got.Error() != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got.Kind != agent.KindDied || !got.Starting {
		t.Errorf("got %+v", got)
	}
}

func TestCommand_chattyStderrNeverBlocks(t *testing.T) {
	t.Parallel()
	o := options("chatty")
	var lines int
	o.Log = func(text.Untrusted) { lines++ }
	p := start(t, o)
	answers(t, p, ask("c", 1, "hello"), "hello")
	answers(t, p, ask("c", 2, "again"), "again")
	_, err := p.Ask(t.Context(), ask("c", 3, "die"))
	got := failure(t, err)
	if got.Kind != agent.KindDied || got.Exit != "exit status 3" || got.Detail.Raw() != "the last word" {
		t.Errorf("got %+v", got)
	}
	if n := len(got.Stderr); n == 0 || n > 20 {
		t.Errorf("%d lines were kept", n)
	}
	for _, line := range got.Stderr {
		if len(line.Raw()) > 1000 {
			t.Errorf("a line of %d bytes was kept", len(line.Raw()))
		}
	}
	if lines != 60_002 {
		t.Errorf("the log has %d lines", lines)
	}
}

func TestCommand_answersOutOfOrderAndSeveralAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t, options("answers three in reverse"))
	var group sync.WaitGroup
	for _, c := range []string{"a", "b", "c"} {
		group.Go(func() { answers(t, p, ask(c, 1, "of "+c), "of "+c) })
	}
	group.Wait()
}

func TestCommand_longLines(t *testing.T) {
	t.Parallel()
	p := start(t, options("tells as many bytes as asked"))
	answers(t, p, ask("c", 1, "10000000"), strings.Repeat("z", 10_000_000))
	answers(t, p, ask("c", 2, "3 "+strings.Repeat("x", 1<<20)), "zzz")
}

func TestCommand_lineAboveTheLimitFailsItsConversationOnly(t *testing.T) {
	t.Parallel()
	p := start(t, options("tells as many bytes as asked"))
	other := make(chan error, 1)
	go func() {
		_, err := p.Ask(t.Context(), ask("other", 1, "5000000"))
		other <- err
	}()
	_, err := p.Ask(t.Context(), ask("too long", 1, "17000000"))
	if got, want := failure(t, err).Error(), "agent: broken answer: longer than 16 MB"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := <-other; err != nil {
		t.Error(err)
	}
	answers(t, p, ask("too long", 2, "3"), "zzz")
}

func TestCommand_lastLineNeedsNoEnd(t *testing.T) {
	t.Parallel()
	p := start(t, options("last line without end"))
	answers(t, p, ask("c", 1, "hello"), "hello")
}

func TestCommand_silenceIsATimeout(t *testing.T) {
	t.Parallel()
	p := start(t, options("silent"))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	_, err := p.Ask(ctx, ask("c", 1, "hello"))
	if got := failure(t, err); got.Kind != agent.KindTimeout || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestCommand_garbage(t *testing.T) {
	t.Parallel()
	t.Run("fails the one conversation that is open", func(t *testing.T) {
		t.Parallel()
		p := start(t, options("garbage"))
		_, err := p.Ask(t.Context(), ask("c", 1, "hello"))
		if got, want := failure(t, err).Error(), "agent: broken answer: no JSON object but: Thinking about it"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("is a warning when two are", func(t *testing.T) {
		t.Parallel()
		o := options("garbage between two questions")
		heard := make(chan text.Untrusted, 1)
		o.Warn = func(w text.Untrusted) { heard <- w }
		p := start(t, o)
		var group sync.WaitGroup
		for _, c := range []string{"a", "b"} {
			group.Go(func() { answers(t, p, ask(c, 1, "hello"), "hello") })
		}
		group.Wait()
		if got, want := (<-heard).Line(), "a line of the agent is not understood and was dropped: no JSON object but: Thinking about it"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestCommand_warningsAreBounded(t *testing.T) {
	t.Parallel()
	o := options("floods")
	var heard []text.Untrusted
	o.Warn = func(w text.Untrusted) { heard = append(heard, w) }
	p := start(t, o)
	if err := p.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	_ = p.Close()
	if len(heard) != 20 {
		t.Errorf("got %d warnings, want 20", len(heard))
	}
}

func TestCommand_thatDoesNotReadHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	seen := watch(t)
	o := options("deaf", seen.variable)
	o.Grace = 10 * time.Millisecond
	p := start(t, o)
	_, life := seen.next(t)
	var group sync.WaitGroup
	for c := range 10 {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
			defer cancel()
			_, err := p.Ask(ctx, ask(fmt.Sprint(c), 1, strings.Repeat("x", 1<<20)))
			if got := failure(t, err); got.Kind != agent.KindTimeout {
				t.Errorf("got %v", got)
			}
		})
	}
	group.Wait()
	_ = p.Close()
	life.end()
}
