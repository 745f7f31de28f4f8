package verdict

import (
	"cmp"
	"iter"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// eval is one eval of a run with its result on each successful call.
type eval struct {
	id    uuid.UUID // uuid.Nil if the server did not say
	name  text.Untrusted
	typ   text.Untrusted // as the server writes it, from a result if there is one
	typed bool           // typ is from a result
	told  bool           // typ is from the run test, unless typed
	run   *roll
	calls []int32 // positions of the successful calls
	// entries are its results on those, in the same order. Most evals run on all calls, but a server
	// may have many that run on few.
	entries []entry
	others  []evalResult // values on calls that took place and broke off
	// meant is its kind according to the run test, and gaveTypes counts the results that indicate
	// each kind, by type or else by value.
	meant     ownKind
	gaveTypes [ownPassFail + 1]int
	own       ownKind // the kind of results that count
	// foreign is how many values are of another kind, and so are not results.
	foreign int
	// twoScales means that some numbers are on 0-100 and others not: the meaning of all is unclear.
	twoScales bool
	// have is the number of results; kinds has a bit for each kind among them, oddKinds for each kind
	// among values that are not results.
	have            int
	kinds, oddKinds uint
	// seen has a bit for each kind among all values.
	seen uint
}

// usualEvals is how many evals get memory for a result on every call up front.
const usualEvals = 50

// entry is the result on the nth successful call: what every metric needs, and the index of the rest
// in the run's list.
type entry struct {
	n, place int32
	found
}

// results iterates over the eval's result on each successful call, in the order of the calls.
func (e *eval) results() iter.Seq[evalResult] {
	return func(yield func(evalResult) bool) {
		next := 0
		for n, at := range e.calls {
			r := evalResult{run: e.run, at: int(at)}
			if next < len(e.entries) && int(e.entries[next].n) == n {
				r.place, r.found = e.entries[next].place, e.entries[next].found
				next++
			}
			if !yield(r) {
				return
			}
		}
	}
}

// evalKey identifies an eval: by id, or by name if the server gave no id.
type evalKey struct {
	id   uuid.UUID
	name text.Untrusted
}

// evalKeys finds the eval of a call's entry. Pending entries have no name, and some servers give no id,
// so it looks up both.
type evalKeys struct {
	names map[uuid.UUID]text.Untrusted
	// ids maps a name to its id, or to uuid.Nil if several evals have that name.
	ids map[text.Untrusted]uuid.UUID
}

// newEvalKeys learns the names of ids. A config's name takes precedence, because users see that; among
// names that calls give to one id, the first in alphabetical order wins.
func newEvalKeys(run *roll, configs []calls.EvalConfig) evalKeys {
	k := evalKeys{names: map[uuid.UUID]text.Untrusted{}, ids: map[text.Untrusted]uuid.UUID{}}
	for at := range run.marks {
		for _, e := range run.entries(at) {
			if have := k.names[e.ConfigID()]; have.IsEmpty() || !e.Name().IsEmpty() && e.Name().Raw() < have.Raw() {
				k.names[e.ConfigID()] = e.Name()
			}
		}
	}
	for _, c := range configs {
		if have, known := k.names[c.ID]; !known || have.IsEmpty() || !c.Name.IsEmpty() {
			k.names[c.ID] = c.Name
		}
	}
	delete(k.names, uuid.Nil)
	for id, name := range k.names {
		if name.IsEmpty() {
			continue
		}
		if _, twice := k.ids[name]; twice {
			id = uuid.Nil
		}
		k.ids[name] = id
	}
	return k
}

// of is the key of the eval with this id and name.
func (k evalKeys) of(id uuid.UUID, name text.Untrusted) evalKey {
	if id == uuid.Nil {
		id = k.ids[name]
	}
	if id != uuid.Nil {
		return evalKey{id, k.names[id]}
	}
	return evalKey{name: name}
}

// collectEvals collects the configured evals and those with entries on calls, with their results.
func collectEvals(run *roll, configs []calls.EvalConfig) []eval {
	keys := newEvalKeys(run, configs)
	var succeeded []int32
	for at, m := range run.marks {
		if m.outcome == endSucceeded {
			succeeded = append(succeeded, int32(at))
		}
	}
	found := map[evalKey]*eval{}
	get := func(id uuid.UUID, name text.Untrusted) *eval {
		key := keys.of(id, name)
		e := found[key]
		if e == nil {
			e = &eval{id: key.id, name: key.name, run: run, calls: succeeded}
			if len(found) < usualEvals {
				e.entries = make([]entry, 0, len(succeeded))
			}
			found[key] = e
		}
		return e
	}
	for _, c := range configs {
		if e := get(c.ID, c.Name); e.typ.IsEmpty() {
			e.typ, e.told = c.Type, !c.Type.IsEmpty()
			e.meant = ownKindOf(c.Type.Raw())
		}
	}
	n := 0                   // successful calls so far
	seen := map[*eval]bool{} // on the current call
	for at, m := range run.marks {
		clear(seen)
		for place, result := range run.entries(at) {
			e := get(result.ConfigID(), result.Name())
			e.learnType(result)
			switch {
			case m.outcome == endSucceeded:
				e.take(entry{int32(n), int32(place), newFound(result)})
				e.countType(result)
			case m.held && m.outcome.known() && !seen[e] && (result.State() == calls.EvalScored || run.open && result.State() == calls.EvalPending):
				e.others = append(e.others, evalResult{run, at, int32(place), newFound(result)})
			}
			seen[e] = true
		}
		if m.outcome == endSucceeded {
			n++
		}
	}

	var evals []eval
	for _, e := range found {
		e.findOwnKind()
		e.findScales()
		evals = append(evals, *e)
	}
	slices.SortFunc(evals, func(a, b eval) int {
		return cmp.Or(cmp.Compare(a.name.Raw(), b.name.Raw()), calls.CompareIDs(a.id, b.id))
	})
	return evals
}

// findScales checks that the eval's numbers are on one scale; if not, none of them is a result.
func (e *eval) findScales() {
	percent, plain := false, false
	see := func(f found) {
		percent = percent || f.has && (f.kind == kindPass || f.kind == kindScore)
		plain = plain || f.has && f.kind == kindNumeric
	}
	for _, entry := range e.entries {
		see(entry.found)
	}
	for _, other := range e.others {
		see(other.found)
	}
	e.twoScales = percent && plain
	for i := range e.entries {
		f := &e.entries[i]
		f.has = f.has && !(e.twoScales && f.numeric())
		switch {
		case f.has:
			e.have++
			e.kinds |= 1 << f.kind
		case f.odd():
			e.oddKinds |= 1 << f.kind
		}
	}
	for i := range e.others {
		f := &e.others[i]
		f.has = f.has && !(e.twoScales && f.numeric())
	}
}

// plainNumbers reports whether the eval's numbers have their own unit, with an unknown range.
func (e *eval) plainNumbers() bool {
	if e.have > 0 {
		return e.kinds>>kindNumeric&1 == 1
	}
	for _, r := range e.others {
		if r.has {
			return r.kind == kindNumeric
		}
	}
	return strings.EqualFold(strings.TrimSpace(e.typ.Raw()), "numeric")
}

// learnType prefers the type of a scored entry: the server derives that of others by a rule that does
// not know all types (contract, section 5). If entries differ, the first in alphabetical order wins.
func (e *eval) learnType(entry calls.Eval) {
	typ, scored := entry.Type(), entry.State() == calls.EvalScored
	switch {
	case typ.IsEmpty() || !scored && (e.typed || e.told):
	case e.typ.IsEmpty() || scored && !e.typed || typ.Raw() < e.typ.Raw():
		e.typ, e.typed = typ, scored
	}
}

// take adds an entry of the current call. Two contradictory entries of one eval on a call leave it
// without a result.
func (e *eval) take(one entry) {
	last := len(e.entries) - 1
	if last < 0 || e.entries[last].n != one.n {
		e.entries = append(e.entries, one)
		return
	}
	value := func(one entry) calls.EvalValue { return (&evalResult{e.run, 0, one.place, one.found}).value() }
	if have := e.entries[last]; have.state != one.state || !reflect.DeepEqual(value(have), value(one)) {
		one.found = found{state: stateErrored}
	}
	e.entries[last] = one
}

// entries iterates over the eval entries of the call at a position, with their indices and without
// their reasons.
func (r *roll) entries(at int) iter.Seq2[int, calls.Eval] {
	return func(yield func(int, calls.Eval) bool) {
		from, to := r.calls.list.EvalsOf(r.index(at))
		for place := from; place < to; place++ {
			if !yield(place, r.calls.list.BriefEval(place)) {
				return
			}
		}
	}
}
