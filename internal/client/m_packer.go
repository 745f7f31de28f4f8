package client

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// CallPacker makes a list of calls. The zero value is an empty one.
type CallPacker struct {
	calls Calls
	seed  maphash.Seed
	kinds map[callKind]uint32
	// texts and alikes are places in those of calls by a number made of what is there: of
	// those with the same number the one that came last.
	texts, alikes [memorySlots]uint32
}

// memorySlots is how many texts, and results of evals, are remembered for others to be like:
// a run has a handful of evals with a handful of values each. Numbers do not count as values.
const memorySlots = 1024

// Add adds calls.
func (p *CallPacker) Add(calls ...Call) {
	for _, c := range calls {
		p.calls.rows = append(p.calls.rows, p.pack(c))
	}
}

// Calls is the list. Nothing may be added any more.
func (p *CallPacker) Calls() *Calls {
	list := p.calls // a copy, since the list must not keep what it was made with
	return &list
}

// Grow makes room for n calls.
func (p *CallPacker) Grow(n int) { p.calls.rows = slices.Grow(p.calls.rows, n) }

// Replace puts a call in the place of call i. What was there of texts and evals stays, and
// nothing points at it.
func (p *CallPacker) Replace(i int, c Call) { p.calls.rows[i] = p.pack(c) }

// CompareUpdate compares when a call was updated last with when call i was.
func (p *CallPacker) CompareUpdate(c Call, i int) int {
	return cmp.Compare(microseconds(c.UpdatedAt), p.calls.rows[i].updated)
}

// Sort orders the calls by scenario name and then by id. Nothing may be added any more.
func (p *CallPacker) Sort() {
	slices.SortFunc(p.calls.rows, func(a, b callRow) int {
		if a.kind != b.kind {
			if byName := cmp.Compare(p.calls.kinds[a.kind].scenario.Raw(), p.calls.kinds[b.kind].scenario.Raw()); byName != 0 {
				return byName
			}
		}
		return bytes.Compare(a.id[:], b.id[:])
	})
	// Results in the order of their calls are found faster.
	var evals blocks[evalRow]
	for i := range p.calls.rows {
		r := &p.calls.rows[i]
		from := r.evals
		r.evals = evals.n
		for k := range r.count {
			evals.add(*p.calls.evals.at(from + k))
		}
	}
	p.calls.evals = evals
}

// pack is the row of a call.
func (p *CallPacker) pack(c Call) callRow {
	if p.kinds == nil {
		p.kinds, p.seed = map[callKind]uint32{}, maphash.MakeSeed()
		p.calls.texts.add(text.Untrusted{}) // at place 0, where all places begin
		p.calls.alikes = append(p.calls.alikes, new(EvalResult))
	}
	r := callRow{
		id:      c.ID,
		numbers: Numbers{orNaN(c.OverallScore), orNaN(c.DurationSeconds), orNaN(c.ResponseSeconds), orNaN(c.CostCents)},
		updated: microseconds(c.UpdatedAt),
		started: microseconds(c.StartedAt),
		row:     c.Row,
		kind:    p.kind(c),
		ended:   p.text(c.EndedReason),
		skip:    p.text(c.SkipReason),
		evals:   p.calls.evals.n,
		count:   uint32(len(c.Evals)),
	}
	for _, e := range c.Evals {
		row := evalRow{alike: p.alike(e), reason: p.text(e.Reason), number: e.number}
		if e.Kind() == ValueText {
			row.number = float64(p.text(e.text))
		}
		p.calls.evals.add(row)
	}
	return r
}

// kind is the place of what a call has in common with others.
func (p *CallPacker) kind(c Call) uint32 {
	k := callKind{scenario: c.Scenario, scenarioID: c.ScenarioID, status: c.Status, skipped: c.ProcessingSkipped, reruns: c.Reruns}
	if c.First != nil {
		k.rerun, k.first, k.lostFirst = true, *c.First, c.LostFirst
	}
	at, ok := p.kinds[k]
	if !ok {
		at = uint32(len(p.calls.kinds))
		p.kinds[k] = at
		p.calls.kinds = append(p.calls.kinds, k)
	}
	return at
}

// alike is the place of what a result has in common with others.
func (p *CallPacker) alike(e Eval) uint32 {
	r := e.shared()
	likeness := struct {
		id               uuid.UUID
		name, typ, label text.Untrusted
		state            EvalState
		kind             ValueKind
		passed           bool
	}{id: r.ConfigID, name: r.Name, typ: r.Type, state: r.State, kind: r.Value.Kind, passed: r.Value.Passed}
	if len(r.Value.Labels) > 0 {
		likeness.label = r.Value.Labels[0]
	}
	last := &p.alikes[maphash.Comparable(p.seed, likeness)%memorySlots]
	if !alike(p.calls.alikes[*last], r) {
		*last = uint32(len(p.calls.alikes))
		p.calls.alikes = append(p.calls.alikes, r)
	}
	return *last
}

// alike reports whether two results are the same but for number and reason.
func alike(a, b *EvalResult) bool {
	return a.ConfigID == b.ConfigID && a.Name == b.Name && a.Type == b.Type && a.State == b.State &&
		a.Value.Kind == b.Value.Kind && a.Value.Passed == b.Value.Passed && slices.Equal(a.Value.Labels, b.Value.Labels)
}

// text is the place of a text.
func (p *CallPacker) text(t text.Untrusted) uint32 {
	if t.IsEmpty() {
		return 0
	}
	last := &p.texts[maphash.String(p.seed, t.Raw())%memorySlots]
	if *last == 0 || *p.calls.texts.at(*last) != t {
		*last = p.calls.texts.add(t)
	}
	return *last
}

// orNaN is a number, NaN when it is not known.
func orNaN(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}
