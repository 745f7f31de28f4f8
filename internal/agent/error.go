package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Errors that are not the agent's failure.
var (
	ErrClosed = errors.New("the agent was closed")
	ErrBusy   = errors.New("the conversation has an open question")
	ErrAsked  = errors.New("this turn of the conversation, or a later one, was asked before")
)

// Kind says how an agent failed.
type Kind string

// The kinds of failure.
const (
	KindError       Kind = "error"       // it reported an error: an "error" in its answer, or an HTTP status
	KindEmpty       Kind = "empty"       // an answer with neither visible content nor tool calls
	KindBroken      Kind = "broken"      // not an answer: no JSON, a wrong type, too long
	KindTimeout     Kind = "timeout"     // the deadline of the context passed
	KindDied        Kind = "died"        // the process exited, or closed its stdin or stdout
	KindUnreachable Kind = "unreachable" // endpoint: no connection, or it broke before the answer was complete
)

// Error is a failure of the agent.
type Error struct {
	Kind   Kind
	Detail text.Untrusted // what the agent said or did; secrets removed, shortened
	Status int            // of HTTP; 0 when there was none
	// Exit is how a process that died ended, such as "exit status 1".
	Exit string
	// Stderr is the last lines that a process that died wrote there; secrets removed.
	Stderr []text.Untrusted
	Wait   time.Duration // how long was waited, for a timeout
	// Starting is true if the agent did not become ready.
	Starting bool
	Err      error // the cause, where there is one
}

// Error is [Error.Reason] as a line of a log.
func (e *Error) Error() string { return e.Reason().Line() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Reason is the sentence for reports: "agent: " and what happened, in part in the agent's words.
func (e *Error) Reason() text.Untrusted {
	starting := ""
	if e.Starting {
		starting = "not ready: "
	}
	said := text.Sprintf("agent: %s%s", starting, e.what())
	if e.Detail.IsEmpty() {
		return said
	}
	return text.Sprintf("%s: %s", said, e.Detail)
}

// what describes the failure without the agent's words.
func (e *Error) what() string {
	switch e.Kind {
	case KindError:
		if e.Status != 0 {
			return strings.TrimRight(fmt.Sprintf("HTTP %d %s", e.Status, http.StatusText(e.Status)), " ")
		}
		return "it reported an error"
	case KindEmpty:
		return "empty answer"
	case KindBroken:
		return "broken answer"
	case KindTimeout:
		return "no answer within " + seconds(e.Wait)
	case KindDied:
		if e.Exit != "" {
			return "process died (" + e.Exit + ")"
		}
		return "process died"
	case KindUnreachable:
		return "unreachable"
	}
	return string(e.Kind)
}

// starting marks a failure as one of an agent that did not become ready.
func starting(err error) error {
	if failure, ok := errors.AsType[*Error](err); ok {
		early := *failure
		early.Starting = true
		return &early
	}
	return err
}

// ended is the error for a context that ended while waiting since from: the agent's failure
// if it was a deadline, else the cause of the cancel.
func ended(ctx context.Context, from time.Time) error {
	cause := context.Cause(ctx)
	deadline, ok := ctx.Deadline()
	if !ok || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return cause
	}
	return &Error{Kind: KindTimeout, Wait: max(deadline.Sub(from), 0), Err: cause}
}

// seconds formats a duration the way users write it: 60s, 1.5s.
func seconds(d time.Duration) string {
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return fmt.Sprintf("%gs", d.Round(100*time.Millisecond).Seconds())
}
