package verdict

import (
	"iter"
	"maps"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// Calls are the calls of a run with what reruns changed, in little memory (see
// [calls.List]). They are not changed: [Calls.With] makes others of them. The zero value
// has none.
type Calls struct {
	list  *calls.List
	tries map[uuid.UUID]Tries       // of the calls of which the list does not tell
	tried []bool                    // the calls that are in tries; nil when none is
	said  map[uuid.UUID]*Transcript // of the calls of which it was asked for
}

// Tries is how often a call was placed, and how it came out at first.
type Tries struct {
	Attempts int // 1 when it was never rerun
	First    Outcome
}

// CallsOf are calls as they were read. Tries are those of calls of which more is known than
// the server keeps; of the others see [callOf].
func CallsOf(list *calls.List, tries map[uuid.UUID]Tries) Calls {
	return Calls{list: list, tries: maps.Clone(tries)}.marked()
}

// marked are the calls with what is looked up quickly: each of them is looked at often.
func (c Calls) marked() Calls {
	if len(c.tries) == 0 {
		return c
	}
	c.tried = make([]bool, c.Len())
	for i := range c.tried {
		_, c.tried[i] = c.tries[c.ID(i)]
	}
	return c
}

// CallPacker makes calls one by one. The zero value has none.
type CallPacker struct {
	list  calls.Packer
	calls Calls
}

// Add adds calls.
func (p *CallPacker) Add(calls ...Call) {
	for _, c := range calls {
		p.list.Add(c.Call)
		if known := callOf(c.Call); c.Attempts != known.Attempts || c.FirstOutcome != known.FirstOutcome {
			p.calls.tries = set(p.calls.tries, c.ID, Tries{c.Attempts, c.FirstOutcome})
		}
		if c.Transcript != nil {
			p.calls.said = set(p.calls.said, c.ID, c.Transcript)
		}
	}
}

// Sort orders the calls by scenario name and then by id.
func (p *CallPacker) Sort() { p.list.Sort() }

// Calls are the calls. Nothing may be added any more.
func (p *CallPacker) Calls() Calls {
	p.calls.list = p.list.List()
	return p.calls.marked()
}

// set puts a value into a map, which may be nil.
func set[K comparable, V any](m map[K]V, key K, value V) map[K]V {
	if m == nil {
		m = map[K]V{}
	}
	m[key] = value
	return m
}

// Len is the number of calls.
func (c Calls) Len() int { return c.list.Len() }

// All are the calls with their places.
func (c Calls) All() iter.Seq2[int, Call] {
	return func(yield func(int, Call) bool) {
		for i := range c.Len() {
			if !yield(i, c.At(i)) {
				return
			}
		}
	}
}

// At is call i. What its pointers point at must not be changed.
func (c Calls) At(i int) Call { return c.known(i, c.list.At(i)) }

// Brief is call i without its times and evals, for which nothing has to be allocated.
func (c Calls) Brief(i int) Call { return c.known(i, c.list.Brief(i)) }

// known is call i with what is known of it beside the list.
func (c Calls) known(i int, read calls.Call) Call {
	call := callOf(read)
	if c.tried != nil && c.tried[i] {
		t := c.tries[read.ID]
		call.Attempts, call.FirstOutcome = t.Attempts, t.First
	}
	if len(c.said) > 0 {
		call.Transcript = c.said[read.ID]
	}
	return call
}

// ID is the id of call i.
func (c Calls) ID(i int) uuid.UUID { return c.list.ID(i) }

// IDs are the ids of all calls.
func (c Calls) IDs() []uuid.UUID {
	ids := make([]uuid.UUID, c.Len())
	for i := range ids {
		ids[i] = c.ID(i)
	}
	return ids
}

// Places finds calls by their ids. Those that are not there are left out.
func (c Calls) Places(ids []uuid.UUID) map[uuid.UUID]int {
	asked := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		asked[id] = true
	}
	places := make(map[uuid.UUID]int, len(ids))
	for i := range c.Len() {
		if id := c.ID(i); asked[id] {
			places[id] = i
		}
	}
	return places
}

// Counts counts the calls by how they ended. Whether they passed is not known without
// rules.
func (c Calls) Counts() Counts {
	r := newRoll(Evidence{Calls: c}, Rules{})
	return r.count(r.all())
}

// With are the calls as change makes them.
func (c Calls) With(change func(i int, call *Call)) Calls {
	var p CallPacker
	for i, call := range c.All() {
		change(i, &call)
		p.Add(call)
	}
	return p.Calls()
}

// WithTranscripts are the calls with what was said in them, by their ids; nil for nothing.
func (c Calls) WithTranscripts(said map[uuid.UUID]*Transcript) Calls {
	c.said = said
	return c
}
