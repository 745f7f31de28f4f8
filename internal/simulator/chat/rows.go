package chat

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Row is a dataset row, or a scenario without dataset, that is to become a call.
type Row struct {
	ScenarioID uuid.UUID
	Plain      bool // of a scenario without dataset
	Broken     bool // its making fails, and is skipped without a word
	// Make makes the call's customer and its id when the row becomes a call; index is that
	// of the call in its execution.
	Make func(index int) (uuid.UUID, story.Customer)

	seen time.Time // by a batch without lock: when another one has made it
}

// Batch is what a request for rows made.
type Batch struct {
	Calls     []*Call
	More      bool
	Scenarios []uuid.UUID
	Takes     time.Duration
}

// The refusals of a batch (chat.md 3).
var (
	ErrNoneLeft = errors.New("no remaining call executions")
	ErrPrompt   = errors.New("the execution of a prompt has no rows to make")
	ErrNoRows   = errors.New("the rows cannot be made")
)

// BatchOpen makes the next rows as the endpoint without lock does: ten at most, of
// scenarios without dataset only up to the ninth, and without a look at what other
// requests are making (chat.md 3). It does not look at the execution's state.
func (e *Execution) BatchOpen(now time.Time) (Batch, error) {
	const most = 10
	if e.Kind == Prompt {
		return Batch{}, ErrPrompt
	}
	if e.noRows {
		return Batch{}, ErrNoRows
	}
	b := Batch{Takes: batchSpan(e.board)}
	for i := range e.rows {
		r := &e.rows[i]
		if !r.seen.IsZero() && !now.Before(r.seen) {
			continue
		}
		if r.Plain && len(b.Calls) >= most-1 {
			break // and tells of nothing that is left
		}
		if len(b.Calls) == most {
			b.More = true
			break
		}
		e.make(r, now.Add(b.Takes), &b, now)
	}
	if len(b.Calls) == 0 {
		return Batch{}, ErrNoneLeft
	}
	return b, nil
}

// BatchLocked makes the next count rows, one request after another, and tells honestly
// whether there are more (chat.md 8).
func (e *Execution) BatchLocked(count int, now time.Time) (Batch, error) {
	if e.noRows {
		return Batch{}, ErrNoRows
	}
	b := Batch{Takes: batchSpan(e.board)}
	for i := range e.rows {
		r := &e.rows[i]
		switch {
		case !r.seen.IsZero():
		case len(b.Calls) < count:
			e.make(r, now, &b, now)
		case !r.Broken:
			b.More = true
		}
	}
	if len(b.Calls) == 0 {
		return Batch{}, ErrNoneLeft
	}
	return b, nil
}

func batchSpan(b *Board) time.Duration { return b.rules.Span(batchTime) }

// make makes the call of a row, which other requests see from the given time on.
func (e *Execution) make(r *Row, seen time.Time, b *Batch, now time.Time) {
	if r.seen.IsZero() || r.seen.After(seen) {
		r.seen = seen
	}
	if r.Broken {
		return
	}
	c := e.add(r, now)
	b.Calls = append(b.Calls, c)
	if n := len(b.Scenarios); n == 0 || b.Scenarios[n-1] != r.ScenarioID {
		b.Scenarios = append(b.Scenarios, r.ScenarioID)
	}
}

// add makes the call of a row. Calls of one request are microseconds apart.
func (e *Execution) add(r *Row, now time.Time) *Call {
	c := &Call{exec: e, Index: len(e.Calls), Status: story.StatusPending}
	c.Created = now.Add(time.Duration(c.Index) * time.Microsecond)
	c.Touched = c.Created
	c.ID, c.customer = r.Make(c.Index)
	e.Calls = append(e.Calls, c)
	e.board.wake(now)
	return c
}
