package verdict

import (
	"bytes"
	"cmp"
	"iter"
	"reflect"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
)

// eval is one eval of a run with what it says of each succeeded call.
type eval struct {
	id      uuid.UUID // uuid.Nil when the server did not say
	name    text.Untrusted
	typ     text.Untrusted // the server's own word, of a result where there is one
	typed   bool           // typ is that of a result
	calls   []*Call        // that succeeded
	entries []*client.Eval // of each of them; nil when the call has none
	others  []evalResult   // with a value, on calls that were held and broke off
}

// results are what the eval says of each succeeded call, in the order of the calls.
func (e *eval) results() iter.Seq[evalResult] {
	return func(yield func(evalResult) bool) {
		for i, c := range e.calls {
			if !yield(resultOf(c, e.entries[i])) {
				return
			}
		}
	}
}

// evalResult is an eval's result on one call. On a call that has no entry of the eval it
// is pending: it may still come, and it is not there.
//
// A run has one for every call and eval, so they are made as they are looked at.
type evalResult struct {
	call   *Call
	entry  *client.Eval // nil when the call has none
	number float64
	has    bool // there is a result
	passed bool
	kind   kind
}

// kind is a client.ValueKind in one byte.
type kind uint8

// The kinds of results; the zero value is none of them.
const (
	kindPass kind = 1 + iota
	kindScore
	kindNumeric
	kindChoices
	kindText
)

// kindOf is k in one byte.
func kindOf(k client.ValueKind) kind {
	switch k {
	case client.ValuePass:
		return kindPass
	case client.ValueScore:
		return kindScore
	case client.ValueNumeric:
		return kindNumeric
	case client.ValueChoices:
		return kindChoices
	case client.ValueText:
		return kindText
	}
	return 0
}

// resultOf is what an entry says of a call.
func resultOf(c *Call, entry *client.Eval) evalResult {
	if entry == nil {
		return evalResult{call: c}
	}
	k := entry.Kind()
	return evalResult{
		call:   c,
		entry:  entry,
		number: entry.Number(),
		has:    k != client.ValueNone && entry.State() == client.EvalScored,
		passed: entry.Passed(),
		kind:   kindOf(k),
	}
}

// state says whether there is a result, and why not.
func (r evalResult) state() client.EvalState {
	if r.entry == nil {
		return client.EvalPending
	}
	return r.entry.State()
}

// evalKey tells evals apart: by id, or by name where the server gave no id.
type evalKey struct {
	id   uuid.UUID
	name text.Untrusted
}

// evalKeys finds the eval that an entry of a call belongs to. Pending entries have no
// name, and entries of some servers may have no id, so both are looked up.
type evalKeys struct {
	names map[uuid.UUID]text.Untrusted
	// ids holds the id of a name, uuid.Nil when several evals have that name.
	ids map[text.Untrusted]uuid.UUID
}

// newEvalKeys learns the names of ids. A config's own name goes first, since users see
// that; of names that calls give to one id the first in alphabetical order stays.
func newEvalKeys(calls []*Call, configs []client.EvalConfig) evalKeys {
	k := evalKeys{names: map[uuid.UUID]text.Untrusted{}, ids: map[text.Untrusted]uuid.UUID{}}
	for _, c := range calls {
		for _, e := range c.Evals {
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

// of is the key of an eval with this id and name.
func (k evalKeys) of(id uuid.UUID, name text.Untrusted) evalKey {
	if id == uuid.Nil {
		id = k.ids[name]
	}
	if id != uuid.Nil {
		return evalKey{id, k.names[id]}
	}
	return evalKey{name: name}
}

// collectEvals gathers the evals that were to run and those that calls have entries of,
// and what each says of the succeeded calls.
func collectEvals(calls []*Call, configs []client.EvalConfig) []eval {
	keys := newEvalKeys(calls, configs)
	var succeeded []*Call
	for _, c := range calls {
		if c.Outcome() == Succeeded {
			succeeded = append(succeeded, c)
		}
	}
	found := map[evalKey]*eval{}
	at := func(id uuid.UUID, name text.Untrusted) *eval {
		key := keys.of(id, name)
		e := found[key]
		if e == nil {
			e = &eval{id: key.id, name: key.name, calls: succeeded, entries: make([]*client.Eval, len(succeeded))}
			found[key] = e
		}
		return e
	}
	for _, c := range configs {
		at(c.ID, c.Name)
	}
	place := 0
	seen := map[*eval]bool{} // on the call at hand
	for _, c := range calls {
		counts := c.Outcome() == Succeeded
		clear(seen)
		for i := range c.Evals {
			entry := &c.Evals[i]
			e := at(entry.ConfigID(), entry.Name())
			e.learnType(entry)
			switch {
			case counts:
				e.take(place, entry, seen[e])
			case entry.State() == client.EvalScored && c.held() && !seen[e]:
				e.others = append(e.others, resultOf(c, entry))
			}
			seen[e] = true
		}
		if counts {
			place++
		}
	}

	var evals []eval
	for _, e := range found {
		evals = append(evals, *e)
	}
	slices.SortFunc(evals, func(a, b eval) int {
		return cmp.Or(cmp.Compare(a.name.Raw(), b.name.Raw()), bytes.Compare(a.id[:], b.id[:]))
	})
	return evals
}

// learnType takes the type of a result before that of an entry without one, which the
// server takes from a rule that does not know all types (contract, section 5). Where
// entries differ, the first in alphabetical order stays.
func (e *eval) learnType(entry *client.Eval) {
	typ, scored := entry.Type(), entry.State() == client.EvalScored
	switch {
	case typ.IsEmpty() || e.typed && !scored:
	case e.typ.IsEmpty() || scored && !e.typed || typ.Raw() < e.typ.Raw():
		e.typ, e.typed = typ, scored
	}
}

// take notes an entry of the call at a place. Two entries of one eval that contradict each
// other leave it without a result: which of them counts nobody can tell.
func (e *eval) take(place int, entry *client.Eval, again bool) {
	if have := e.entries[place]; again && (have.State() != entry.State() || !reflect.DeepEqual(have.Value(), entry.Value())) {
		entry = new(client.NewEval(client.EvalResult{State: client.EvalErrored}))
	}
	e.entries[place] = entry
}

// The kinds of an eval's results. A kind is a property of the eval's template, so an
// eval has one; where results have several, each metric takes those that fit it.

// verdict returns the result as passed or not; ok is false when it is no such result.
func (r *evalResult) verdict() (passed, ok bool) { return r.passed, r.has && r.kind == kindPass }

// score returns the result on the scale of the metric score: passed 100, failed 0, a 0-1
// score times 100, any other number as it is. A 0-1 score outside of its range is no
// result, since nobody knows its scale.
func (r *evalResult) score() (v float64, ok bool) {
	if !r.has {
		return 0, false
	}
	switch r.kind {
	case kindPass:
		if r.passed {
			return 100, true
		}
		return 0, true
	case kindScore:
		return 100 * r.number, r.number >= 0 && r.number <= 1
	case kindNumeric:
		return r.number, finite(&r.number)
	}
	return 0, false
}

// labels returns the labels of the result. Passed and Failed are labels too: they are
// the API's own words.
func (r *evalResult) labels() (labels []text.Untrusted, ok bool) {
	if !r.has {
		return nil, false
	}
	switch r.kind {
	case kindPass:
		if r.passed {
			return []text.Untrusted{text.New("Passed")}, true
		}
		return []text.Untrusted{text.New("Failed")}, true
	case kindChoices, kindScore, kindNumeric:
		labels = r.entry.Value().Labels
		return labels, len(labels) > 0
	}
	return nil, false
}
