package gate

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/gate/plan"
	"github.com/agent-gate/agent-gate/internal/text"
)

// under is the agent under test, from its start to its end.
type under struct {
	*tools
	start func(ctx context.Context, warn func(text.Untrusted)) (agent.Agent, error)
	agent agent.Agent // nil before it was started
	// closing ends it, once; gone waits for that.
	closing sync.Once
	gone    sync.WaitGroup
}

// open starts the agent and waits until it is ready. An agent that does not become ready is a mistake
// in the configuration, found before anything is paid for.
func (u *under) open(ctx context.Context) error {
	input := text.New(u.config.Agent.Input())
	u.log.Note(text.Sprintf("Waiting until the agent is ready, at most %s.", u.config.Agent.Ready))
	a, err := u.start(context.WithoutCancel(ctx), u.warn)
	if err != nil {
		return plan.ConfigError{Reason: text.Sprintf("%s: %s", input, text.New(err.Error()))}
	}
	u.agent = a
	err = a.Ready(ctx)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		u.tellLast(err)
		return plan.ConfigError{Reason: text.Sprintf("%s: %s", input, reasonOf(err))}
	}
	u.log.Note(text.New("The agent is ready."))
	return nil
}

// rehearse starts the agent, asks it one harmless question and ends it, for a dry run.
func (u *under) rehearse(ctx context.Context) error {
	defer u.close()
	if err := u.open(ctx); err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, u.config.Agent.TurnTimeout)
	defer cancel()
	_, err := u.agent.Ask(bounded, agent.Question{
		Conversation: uuid.NewString(), Turn: 1, Scenario: text.New("dry run of agent-gate"),
		Messages: []agent.Message{{Role: agent.RoleUser, Content: text.New("This is a dry run of agent-gate. Please say hello.")}},
	})
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		u.tellLast(err)
		return plan.ConfigError{Reason: text.Sprintf("%s: the agent did not answer a greeting: %s", text.New(u.config.Agent.Input()), reasonOf(err))}
	}
	u.log.Note(text.New("The agent is ready and answered a greeting."))
	return nil
}

// present is alive before an execution. An agent that has died before its first conversation is a mistake
// in the configuration, like one that does not become ready: nothing is to be started for it.
func (u *under) present(l leg) error {
	gone := u.alive()
	if gone == nil || !l.first() {
		return gone
	}
	err := u.agent.Err()
	u.tellLast(err)
	return plan.ConfigError{Reason: text.Sprintf("%s: the agent was ready and died before the first conversation: %s", text.New(u.config.Agent.Input()), reasonOf(err))}
}

// warn passes on what the agent has to say about itself. It is called by goroutines of the agent,
// where a bug of an observer must not end the process.
func (u *under) warn(said text.Untrusted) {
	defer func() {
		if recover() != nil {
			u.log.Silence()
		}
	}()
	u.log.Warn(said)
}

// tellLast logs the last lines of an agent that died: they say why.
func (u *under) tellLast(err error) {
	failure, ok := errors.AsType[*agent.Error](err)
	if !ok || len(failure.Stderr) == 0 {
		return
	}
	u.log.Warn(text.Sprintf("The last lines that the agent wrote to stderr: %s", text.Join(" | ", failure.Stderr...)))
}

// reasonOf returns why an agent failed, for reports.
func reasonOf(err error) text.Untrusted {
	if failure, ok := errors.AsType[*agent.Error](err); ok {
		return failure.Reason()
	}
	return text.New(err.Error())
}

// alive returns why the agent cannot hold a conversation any more; nil if it can.
func (u *under) alive() error {
	if u.agent == nil {
		return nil
	}
	err := u.agent.Err()
	if err == nil {
		return nil
	}
	return fmt.Errorf("the agent has ended: %w", err)
}

// shut begins to end the agent; close waits for that. Both may be called again, and before open.
func (u *under) shut() {
	if u.agent == nil {
		return
	}
	u.closing.Do(func() { u.gone.Go(func() { _ = u.agent.Close() }) })
}

// close ends the agent and returns when nothing is left of it.
func (u *under) close() {
	u.shut()
	u.gone.Wait()
}
