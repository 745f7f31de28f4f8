package verdict

import (
	"iter"
	"maps"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// Calls are the calls of a run with what reruns changed, packed into little memory (see
// [calls.List]). They are immutable; [Calls.With] returns changed ones. The zero value is empty.
type Calls struct {
	list  *calls.List
	tries map[uuid.UUID]Tries       // for calls whose attempts the list does not have
	tried []bool                    // which calls are in tries; nil if none
	said  map[uuid.UUID]*Transcript // requested transcripts
}

// Tries is how often a call was placed, and its first outcome.
type Tries struct {
	Attempts int // 1 if it was never rerun
	First    Outcome
}

// CallsOf makes calls from a list as read. tries are for calls of which more is known than the server
// keeps.
func CallsOf(list *calls.List, tries map[uuid.UUID]Tries) Calls {
	return Calls{list: list, tries: maps.Clone(tries)}.marked()
}

// marked returns the calls with tried filled in, which spares most look-ups in tries.
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

// CallPacker builds [Calls] one by one. The zero value is empty.
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

// Calls returns the calls. Nothing may be added afterwards.
func (p *CallPacker) Calls() Calls {
	p.calls.list = p.list.List()
	return p.calls.marked()
}

// set puts a value into a map that may be nil.
func set[K comparable, V any](m map[K]V, key K, value V) map[K]V {
	if m == nil {
		m = map[K]V{}
	}
	m[key] = value
	return m
}

// Len is the number of calls.
func (c Calls) Len() int { return c.list.Len() }

// All iterates over the calls with their indices.
func (c Calls) All() iter.Seq2[int, Call] {
	return func(yield func(int, Call) bool) {
		for i := range c.Len() {
			if !yield(i, c.At(i)) {
				return
			}
		}
	}
}

// At is call i. What its pointers refer to must not be changed.
func (c Calls) At(i int) Call { return c.known(i, c.list.At(i)) }

// Brief is call i without its times and evals, which avoids allocations.
func (c Calls) Brief(i int) Call { return c.known(i, c.list.Brief(i)) }

// known adds to call i what is known beside the list.
func (c Calls) known(i int, read calls.Call) Call {
	call := callOf(read)
	if c.tried != nil && c.tried[i] {
		t := c.tries[read.ID]
		call.Attempts, call.FirstOutcome = max(call.Attempts, t.Attempts), t.First // others may have rerun it since
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

// Places returns the indices of calls by id, without those that do not exist.
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

// Counts counts the calls by how they ended. Without rules it does not know which passed.
func (c Calls) Counts() Counts {
	r := newRoll(Evidence{Calls: c}, Rules{})
	return r.count(r.all())
}

// With returns the calls with change applied to each.
func (c Calls) With(change func(i int, call *Call)) Calls {
	var p CallPacker
	for i, call := range c.All() {
		change(i, &call)
		p.Add(call)
	}
	return p.Calls()
}

// Joined returns the calls of several lists that are kept, ordered by scenario name and then id.
func Joined(keep func(Call) bool, lists ...Calls) Calls {
	var p CallPacker
	for _, list := range lists {
		for _, call := range list.All() {
			if keep(call) {
				p.Add(call)
			}
		}
	}
	p.Sort()
	return p.Calls()
}

// WithTranscripts returns the calls with transcripts, by call id; nil for none.
func (c Calls) WithTranscripts(said map[uuid.UUID]*Transcript) Calls {
	c.said = said
	return c
}
