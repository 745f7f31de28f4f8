package client

import (
	"iter"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Calls is a list of calls in little memory: 96 bytes for each, and 16 for each result of
// an eval, beside the texts that no other call has. A run has up to a hundred thousand
// calls, and all of them are judged and listed. A list is made by a
// [CallPacker] and not changed afterwards. The nil list has no calls.
type Calls struct {
	rows   []callRow
	kinds  []callKind
	evals  blocks[evalRow]
	alikes []*EvalResult // what results have in common, by evalRow.alike
	texts  blocks[text.Untrusted]
}

// callRow is a call but for what is held elsewhere. It has no pointers, so that the
// collector need not look at it.
type callRow struct {
	id               uuid.UUID
	numbers          Numbers
	updated, started int64 // in microseconds since 1970, noTime when not known
	row              uint64
	kind             uint32 // place in kinds
	evals            uint32 // place of the first one in evals
	ended, skip      uint32 // places in texts
	count            uint32 // of evals
}

// Numbers are the numbers of a call, each NaN when it is not known.
type Numbers struct {
	OverallScore, DurationSeconds, ResponseSeconds, CostCents float64
}

// callKind is what many calls have in common.
type callKind struct {
	scenario   text.Untrusted
	scenarioID uuid.UUID
	status     CallStatus
	skipped    bool
	reruns     int
	rerun      bool // first is known
	first      Try
	lostFirst  bool
}

// evalRow is the result of an eval but for what is held elsewhere.
type evalRow struct {
	alike  uint32  // place in alikes
	reason uint32  // place in texts
	number float64 // of a text, which has none, its place in texts
}

// noTime is a time that is not known: before all others.
const noTime = math.MinInt64

// Len is the number of calls.
func (c *Calls) Len() int {
	if c == nil {
		return 0
	}
	return len(c.rows)
}

// Count is the number of calls with a status.
func (c *Calls) Count(s CallStatus) int {
	n := 0
	for i := range c.Len() {
		if c.kinds[c.rows[i].kind].status == s {
			n++
		}
	}
	return n
}

// All are the calls with their places.
func (c *Calls) All() iter.Seq2[int, Call] {
	return func(yield func(int, Call) bool) {
		for i := range c.Len() {
			if !yield(i, c.At(i)) {
				return
			}
		}
	}
}

// At is call i. What its pointers point at must not be changed.
func (c *Calls) At(i int) Call {
	call, r := c.Brief(i), &c.rows[i]
	call.UpdatedAt, call.StartedAt = instantAt(r.updated), instantAt(r.started)
	from, to := c.EvalsOf(i)
	if from < to {
		call.Evals = make([]Eval, to-from)
		for k := range call.Evals {
			call.Evals[k] = c.Eval(from + k)
		}
	}
	return call
}

// Brief is call i without its times and evals, for which nothing has to be allocated.
func (c *Calls) Brief(i int) Call {
	r := &c.rows[i]
	kind, n := &c.kinds[r.kind], &r.numbers
	call := Call{
		ID:                r.id,
		Scenario:          kind.scenario,
		ScenarioID:        kind.scenarioID,
		Status:            kind.status,
		OverallScore:      known(&n.OverallScore),
		DurationSeconds:   known(&n.DurationSeconds),
		ResponseSeconds:   known(&n.ResponseSeconds),
		CostCents:         known(&n.CostCents),
		EndedReason:       *c.texts.at(r.ended),
		ProcessingSkipped: kind.skipped,
		SkipReason:        *c.texts.at(r.skip),
		Row:               r.row,
		Reruns:            kind.reruns,
	}
	if kind.rerun {
		call.First, call.LostFirst = &kind.first, kind.lostFirst
	}
	return call
}

// ID is the id of call i.
func (c *Calls) ID(i int) uuid.UUID { return c.rows[i].id }

// Scenario is the scenario of call i.
func (c *Calls) Scenario(i int) text.Untrusted { return c.kinds[c.rows[i].kind].scenario }

// ScenarioKey is the scenario of call i with its id, which is uuid.Nil when not said.
func (c *Calls) ScenarioKey(i int) (name text.Untrusted, id uuid.UUID) {
	k := &c.kinds[c.rows[i].kind]
	return k.scenario, k.scenarioID
}

// Numbers are the numbers of call i.
func (c *Calls) Numbers(i int) Numbers { return c.rows[i].numbers }

// EvalsOf are the results of call i: those from one place to before another. See
// [Calls.Eval].
func (c *Calls) EvalsOf(i int) (from, to int) {
	r := &c.rows[i]
	return int(r.evals), int(r.evals) + int(r.count)
}

// Eval is the result at a place. See [Calls.EvalsOf].
func (c *Calls) Eval(place int) Eval {
	r := c.evals.at(uint32(place))
	e := Eval{alike: c.alikes[r.alike], number: r.number, Reason: *c.texts.at(r.reason)}
	if e.Kind() == ValueText {
		e.number, e.text = 0, *c.texts.at(uint32(r.number))
	}
	return e
}

// BriefEval is the result at a place without its reason and text, which take longest to
// find. Of a text it has a number that is another one for another text.
func (c *Calls) BriefEval(place int) Eval {
	r := c.evals.at(uint32(place))
	return Eval{alike: c.alikes[r.alike], number: r.number}
}

// known is a number, or nil when it is not known.
func known(v *float64) *float64 {
	if math.IsNaN(*v) {
		return nil
	}
	return v
}

// instantAt is a time, or nil when it is not known.
func instantAt(micro int64) *time.Time {
	if micro == noTime {
		return nil
	}
	return new(time.UnixMicro(micro).UTC())
}

// microseconds is a time as it is held: servers tell them to the microsecond.
func microseconds(t *time.Time) int64 {
	if t == nil {
		return noTime
	}
	return t.UnixMicro()
}

// blockSize is how many values are allocated at a time. Room for all of them is never made
// anew, for which they would be held twice.
const blockSize = 512

// blocks is a list that grows.
type blocks[T any] struct {
	all [][]T
	n   uint32
}

// add adds a value and returns its place.
func (b *blocks[T]) add(v T) uint32 {
	if b.n%blockSize == 0 {
		b.all = append(b.all, make([]T, blockSize))
	}
	at := b.n
	b.n++
	*b.at(at) = v
	return at
}

// at is the value at a place.
func (b *blocks[T]) at(place uint32) *T { return &b.all[place/blockSize][place%blockSize] }
