package calls

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Packer builds a [List]. The zero value is empty.
type Packer struct {
	calls List
	seed  maphash.Seed
	kinds map[callKind]uint32
	// texts and alikes map a hash of a value to its index in calls. If several values have the
	// same hash, the latest wins.
	texts, alikes [memorySlots]uint32
}

// memorySlots is how many texts and eval results are remembered for sharing. A run has a
// handful of evals with a handful of values each, not counting numbers.
const memorySlots = 1024

// Add appends calls.
func (p *Packer) Add(calls ...Call) {
	for _, c := range calls {
		p.calls.rows = append(p.calls.rows, p.pack(c))
	}
}

// List returns the list. Nothing may be added afterwards.
func (p *Packer) List() *List {
	list := p.calls // a copy, so the list does not retain the packer
	return &list
}

// Grow makes room for n more calls.
func (p *Packer) Grow(n int) { p.calls.rows = slices.Grow(p.calls.rows, n) }

// Replace replaces call i. The old call's texts and evals stay in memory, unused.
func (p *Packer) Replace(i int, c Call) { p.calls.rows[i] = p.pack(c) }

// CompareUpdate compares the update time of c with that of call i.
func (p *Packer) CompareUpdate(c Call, i int) int {
	return cmp.Compare(microseconds(c.UpdatedAt), p.calls.rows[i].updated)
}

// Sort sorts the calls by scenario name and then id. Nothing may be added afterwards.
func (p *Packer) Sort() {
	slices.SortFunc(p.calls.rows, func(a, b callRow) int {
		if a.kind != b.kind {
			if byName := cmp.Compare(p.calls.kinds[a.kind].scenario.Raw(), p.calls.kinds[b.kind].scenario.Raw()); byName != 0 {
				return byName
			}
		}
		return bytes.Compare(a.id[:], b.id[:])
	})
	// Results in the order of their calls are faster to find.
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

// pack returns the row for a call, and stores what is kept outside of it.
func (p *Packer) pack(c Call) callRow {
	if p.kinds == nil {
		p.kinds, p.seed = map[callKind]uint32{}, maphash.MakeSeed()
		p.calls.texts.add(text.Untrusted{}) // at index 0, which all indexes start from
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

// kind returns the index of what a call shares with others.
func (p *Packer) kind(c Call) uint32 {
	k := callKind{scenario: c.Scenario, scenarioID: c.ScenarioID, status: c.Status, skipped: c.ProcessingSkipped, reruns: c.Reruns, earlier: c.Earlier, execution: c.Execution}
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

// alike returns the index of what a result shares with others.
func (p *Packer) alike(e Eval) uint32 {
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

// alike reports whether two results differ at most in number and reason.
func alike(a, b *EvalResult) bool {
	return a.ConfigID == b.ConfigID && a.Name == b.Name && a.Type == b.Type && a.State == b.State &&
		a.Value.Kind == b.Value.Kind && a.Value.Passed == b.Value.Passed && slices.Equal(a.Value.Labels, b.Value.Labels)
}

// text returns the index of a text.
func (p *Packer) text(t text.Untrusted) uint32 {
	if t.IsEmpty() {
		return 0
	}
	last := &p.texts[maphash.String(p.seed, t.Raw())%memorySlots]
	if *last == 0 || *p.calls.texts.at(*last) != t {
		*last = p.calls.texts.add(t)
	}
	return *last
}

// orNaN returns a number, or NaN if it is unknown.
func orNaN(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}
