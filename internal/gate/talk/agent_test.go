package talk_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/text"
)

// bot is an agent.
type bot struct {
	takes  time.Duration
	fault  func(conversation string, turn int) agent.Kind // "" for an answer
	answer func(q agent.Question) agent.Answer

	mu     sync.Mutex
	asked  map[string]int // by conversation and turn
	last   map[string]agent.Question
	failed map[string]bool // conversations in which it has failed
	open   int
	most   int // conversations that it was asked in at a time
	wrong  []string
	dead   chan struct{}
	why    error
}

func newBot() *bot {
	return &bot{
		takes:  50 * time.Millisecond,
		fault:  func(string, int) agent.Kind { return "" },
		answer: func(q agent.Question) agent.Answer { return say(fmt.Sprintf("answer %d", q.Turn)) },
		asked:  map[string]int{}, last: map[string]agent.Question{}, failed: map[string]bool{},
		dead: make(chan struct{}),
	}
}

// marked is an answer that the server knows again, whatever it says.
func marked(q agent.Question, said string) agent.Answer {
	a := say(said)
	a.ToolCalls = []agent.ToolCall{{ID: text.Sprintf("turn %d", q.Turn), Name: text.New("note"), Arguments: text.New("{}")}}
	return a
}

func say(s string) agent.Answer { return agent.Answer{Content: text.New(s)} }

func (b *bot) Dead() <-chan struct{} { return b.dead }

func (b *bot) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.why
}

// die is the death of the process.
func (b *bot) die() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.why == nil {
		b.why = &agent.Error{Kind: agent.KindDied, Exit: "exit status 1"}
		close(b.dead)
	}
}

func (b *bot) Ask(ctx context.Context, q agent.Question) (agent.Answer, error) {
	b.mu.Lock()
	turn := fmt.Sprintf("%s/%d", q.Conversation, q.Turn)
	if b.asked[turn]++; b.asked[turn] > 1 {
		b.wrong = append(b.wrong, "asked twice: "+turn)
	}
	b.last[q.Conversation] = q
	b.open++
	b.most = max(b.most, b.open)
	b.mu.Unlock()
	defer func() { b.mu.Lock(); b.open--; b.mu.Unlock() }()
	from := time.Now()
	kind := b.fault(q.Conversation, q.Turn)
	wait := time.After(b.takes)
	if kind == agent.KindTimeout {
		wait = nil
	}
	select {
	case <-b.dead:
		return agent.Answer{}, b.Err()
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			b.fail(q.Conversation)
			return agent.Answer{}, &agent.Error{Kind: agent.KindTimeout, Wait: time.Since(from), Err: context.Cause(ctx)}
		}
		return agent.Answer{}, context.Cause(ctx)
	case <-wait:
	}
	switch kind {
	case "":
		return b.answer(q), nil
	case agent.KindDied:
		b.die()
		return agent.Answer{}, b.Err()
	}
	b.fail(q.Conversation)
	return agent.Answer{}, &agent.Error{Kind: kind, Detail: text.New("as told")}
}

func (b *bot) fail(conversation string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failed[conversation] = true
}
