package chat

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Kind is how an execution of chats was started.
type Kind string

// The kinds: chat-execute (chat.md 2), the vendor's runner (8), and a prompt (9).
const (
	Plain  Kind = "chat"
	Hosted Kind = "alk"
	Prompt Kind = "prompt"
)

// Execution is one execution of chats.
type Execution struct {
	board  *Board
	n      uint64
	Kind   Kind
	Status story.Status
	Began  time.Time
	Ended  time.Time // of the last end; zero before
	Calls  []*Call
	Evals  func(*Call) []Eval // that run when the call has completed

	Stuck       bool // calls that the customer has ended stay analyzing
	CancelBegun int  // somebody cancels it when so many calls were begun; 0 is never
	noRows      bool // its calls cannot be made

	rows []Row // in the order in which they become calls
}

// Eval is an eval that runs with the calls.
type Eval struct {
	ID   uuid.UUID
	Late time.Duration // how much later than others it comes
}

// Start begins an execution of the given rows. Without Evals set none are run.
func (b *Board) Start(kind Kind, n int, rows []Row, now time.Time) *Execution {
	e := &Execution{board: b, n: uint64(n), Kind: kind, Status: story.StatusPending, Began: now, rows: rows, Evals: func(*Call) []Eval { return nil }}
	b.executions = append(b.executions, e)
	b.wake(now)
	return e
}

// open reports whether a call of the execution has not ended.
func (e *Execution) open() bool {
	return slices.ContainsFunc(e.Calls, func(c *Call) bool { return !c.Status.Terminal() })
}

// over reports whether all calls there are have ended, and those that completed are
// evaluated. A call that somebody set to completed never is (chat.md 5).
func (e *Execution) over() bool {
	return !e.open() && !slices.ContainsFunc(e.Calls, func(c *Call) bool { return c.Status == story.StatusCompleted && !c.evaluated })
}

// review is what the 60-second job does with an execution.
func (e *Execution) review(at time.Time) {
	if len(e.Calls) == 0 {
		e.end(story.StatusCompleted, at)
	} else {
		e.monitor(at)
	}
}

// monitor ends an execution that is over. Evals and the runner's endpoint wake it at once,
// the end of a call does not (chat.md 4.3).
func (e *Execution) monitor(at time.Time) {
	if len(e.Calls) == 0 || !e.over() {
		return
	}
	completed, failed := 0, 0
	for _, c := range e.Calls {
		switch c.Status {
		case story.StatusCompleted:
			completed++
		case story.StatusFailed:
			failed++
		}
	}
	if failed > 0 && completed == 0 {
		e.end(story.StatusFailed, at)
	} else {
		e.end(story.StatusCompleted, at)
	}
}

func (e *Execution) end(as story.Status, at time.Time) { e.Status, e.Ended = as, at }

// Cancel cancels at once: open calls are cancelled, evals under way are stopped. A call
// that is analyzing completes all the same, and the execution after it (chat.md 6).
func (e *Execution) Cancel(now time.Time) {
	e.end(story.StatusCancelled, now)
	for _, c := range e.Calls {
		switch {
		case c.Status == story.StatusAnalyzing:
		case !c.Status.Terminal():
			c.close(story.StatusCancelled, "Cancelled by user")
		case c.Status == story.StatusCompleted && !c.evaluated:
			c.stopEvals(now)
		}
	}
}

// CancelAt lets somebody cancel the execution at a time, unless it has ended by then.
func (e *Execution) CancelAt(at time.Time) {
	e.board.schedule(at, func(at time.Time) {
		if !e.Status.Terminal() {
			e.Cancel(at)
		}
	})
}

// FailAt lets the execution fail at a time, before it has any call: they cannot be made.
func (e *Execution) FailAt(at time.Time) {
	e.noRows = true
	e.board.schedule(at, func(at time.Time) {
		if !e.Status.Terminal() {
			e.end(story.StatusFailed, at)
		}
	})
}

// begins notes the first begin of a call.
func (e *Execution) begins(now time.Time) {
	begun := 0
	for _, c := range e.Calls {
		if !c.firstLine.IsZero() {
			begun++
		}
	}
	if begun == e.CancelBegun {
		e.CancelAt(now.Add(e.board.rules.Span(e.board.rules.ReplyTime)))
	}
}

// running marks the execution as running with its first conversation.
func (e *Execution) running() {
	if e.Status == story.StatusPending {
		e.Status = story.StatusRunning
	}
}

// evaluating marks an execution without open calls as evaluating.
func (e *Execution) evaluating() {
	if !e.Status.Terminal() && !e.open() {
		e.Status = story.StatusEvaluating
	}
}
