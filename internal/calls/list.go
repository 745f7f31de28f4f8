package calls

import (
	"iter"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// List is a packed list of calls: 96 bytes a call and 16 an eval result, plus the texts that no
// other call shares. A run has up to 100,000 calls, and all of them are judged and listed.
//
// A [Packer] makes a List, which is immutable. A nil List is empty.
type List struct {
	rows   []callRow
	kinds  []callKind
	evals  blocks[evalRow]
	alikes []*EvalResult // what results share, by evalRow.alike
	texts  blocks[text.Untrusted]
}

// callRow is the part of a call that is not stored elsewhere. It has no pointers, so the
// garbage collector skips it.
type callRow struct {
	id               uuid.UUID
	numbers          Numbers
	updated, started int64 // in microseconds since 1970; noTime if unknown
	row              uint64
	kind             uint32 // index in kinds
	evals            uint32 // index of the first one in evals
	ended, skip      uint32 // indexes in texts
	count            uint32 // number of evals
}

// Numbers are the numbers of a call. Each is NaN if unknown, not 0.
type Numbers struct {
	OverallScore, DurationSeconds, ResponseSeconds, CostCents float64
}

// callKind is what many calls have in common.
type callKind struct {
	scenario   text.Untrusted
	scenarioID uuid.UUID
	status     Status
	skipped    bool
	reruns     int
	rerun      bool // first is known
	first      Try
	earlier    Took
	lostFirst  bool
	execution  int
}

// evalRow is the part of an eval result that is not stored elsewhere.
type evalRow struct {
	alike  uint32  // index in alikes
	reason uint32  // index in texts
	number float64 // for a text, which has no number, its index in texts
}

// noTime is an unknown time. It sorts before all others.
const noTime = math.MinInt64

// Len returns the number of calls.
func (c *List) Len() int {
	if c == nil {
		return 0
	}
	return len(c.rows)
}

// Count returns the number of calls with a status.
func (c *List) Count(s Status) int {
	n := 0
	for i := range c.Len() {
		if c.kinds[c.rows[i].kind].status == s {
			n++
		}
	}
	return n
}

// All iterates over the calls and their indexes.
func (c *List) All() iter.Seq2[int, Call] {
	return func(yield func(int, Call) bool) {
		for i := range c.Len() {
			if !yield(i, c.At(i)) {
				return
			}
		}
	}
}

// At returns call i. The values behind its pointers must not be changed.
func (c *List) At(i int) Call {
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

// Brief returns call i without its times and evals. Unlike At it allocates nothing.
func (c *List) Brief(i int) Call {
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
		Earlier:           kind.earlier,
		Execution:         kind.execution,
	}
	if kind.rerun {
		call.First, call.LostFirst = &kind.first, kind.lostFirst
	}
	return call
}

// ID returns the id of call i.
func (c *List) ID(i int) uuid.UUID { return c.rows[i].id }

// Scenario returns the scenario name of call i.
func (c *List) Scenario(i int) text.Untrusted { return c.kinds[c.rows[i].kind].scenario }

// ScenarioKey returns the scenario name and id of call i; the id is uuid.Nil if unknown.
func (c *List) ScenarioKey(i int) (name text.Untrusted, id uuid.UUID) {
	k := &c.kinds[c.rows[i].kind]
	return k.scenario, k.scenarioID
}

// Numbers returns the numbers of call i.
func (c *List) Numbers(i int) Numbers { return c.rows[i].numbers }

// EvalsOf returns the index range of call i's results, for [List.Eval]; to is exclusive.
func (c *List) EvalsOf(i int) (from, to int) {
	r := &c.rows[i]
	return int(r.evals), int(r.evals) + int(r.count)
}

// Eval returns the result at an index from [List.EvalsOf].
func (c *List) Eval(place int) Eval {
	r := c.evals.at(uint32(place))
	e := Eval{alike: c.alikes[r.alike], number: r.number, Reason: *c.texts.at(r.reason)}
	if e.Kind() == ValueText {
		e.number, e.text = 0, *c.texts.at(uint32(r.number))
	}
	return e
}

// BriefEval returns a result without its reason and text, which are the slowest to find. A text
// value instead has a number that differs from text to text.
func (c *List) BriefEval(place int) Eval {
	r := c.evals.at(uint32(place))
	return Eval{alike: c.alikes[r.alike], number: r.number}
}

// known returns a number, or nil if it is unknown.
func known(v *float64) *float64 {
	if math.IsNaN(*v) {
		return nil
	}
	return v
}

// instantAt returns a stored time, or nil if it is unknown.
func instantAt(micro int64) *time.Time {
	if micro == noTime {
		return nil
	}
	return new(time.UnixMicro(micro).UTC())
}

// microseconds returns a time as it is stored. Servers send no more than microseconds.
func microseconds(t *time.Time) int64 {
	if t == nil {
		return noTime
	}
	return t.UnixMicro()
}

// blockSize is how many values are allocated at a time. Growing in blocks avoids the copy of
// the whole list that a slice makes.
const blockSize = 512

// blocks is a list that grows without moving its values.
type blocks[T any] struct {
	all [][]T
	n   uint32
}

// add appends a value and returns its index.
func (b *blocks[T]) add(v T) uint32 {
	if b.n%blockSize == 0 {
		b.all = append(b.all, make([]T, blockSize))
	}
	at := b.n
	b.n++
	*b.at(at) = v
	return at
}

// at returns the value at an index.
func (b *blocks[T]) at(place uint32) *T { return &b.all[place/blockSize][place%blockSize] }
