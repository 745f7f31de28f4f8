package client

import (
	"hash/maphash"
	"reflect"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Eval is the result of one eval on one call as it is kept: an [EvalResult] in 32 bytes. A
// run has some for every call, and most of them are alike but for their number and reason.
// What they have in common is held once, and never changed.
type Eval struct {
	alike  *EvalResult // without number and reason; nil for the zero result
	number float64
	Reason text.Untrusted
}

// NewEval keeps a result.
func NewEval(r EvalResult) Eval {
	e := Eval{number: r.Value.Number, Reason: r.Reason}
	r.Value.Number, r.Reason = 0, text.Untrusted{}
	e.alike = &r
	return e
}

// shared is what e may have in common with others.
func (e Eval) shared() *EvalResult {
	if e.alike == nil {
		return new(EvalResult)
	}
	return e.alike
}

// Result is the eval, spelled out.
func (e Eval) Result() EvalResult {
	r := *e.shared()
	r.Value.Number, r.Reason = e.number, e.Reason
	return r
}

// ConfigID is the eval config that the result is of; uuid.Nil when not said.
func (e Eval) ConfigID() uuid.UUID { return e.shared().ConfigID }

// Name is the eval's name.
func (e Eval) Name() text.Untrusted { return e.shared().Name }

// Type is the server's own word for what the eval returns.
func (e Eval) Type() text.Untrusted { return e.shared().Type }

// State says whether there is a result.
func (e Eval) State() EvalState { return e.shared().State }

// Value is the result; meaningful when State is EvalScored.
func (e Eval) Value() EvalValue {
	v := e.shared().Value
	v.Number = e.number
	return v
}

// Kind is the kind of the result, Passed and Number are those of [EvalValue].
func (e Eval) Kind() ValueKind { return e.shared().Value.Kind }

// Passed is meaningful when Kind is ValuePass.
func (e Eval) Passed() bool { return e.shared().Value.Passed }

// Number is meaningful when Kind is ValueScore or ValueNumeric.
func (e Eval) Number() float64 { return e.number }

// Equal reports whether two results are the same.
func (e Eval) Equal(other Eval) bool { return reflect.DeepEqual(e.Result(), other.Result()) }

// likenessSlots is how many results are remembered for others to be like: a run has a
// handful of evals with a handful of values each. Numbers do not count as values.
const likenessSlots = 1024

// evalBlock is how many evals are allocated at a time: 8 KB, together with the 8 bytes that
// the allocator adds.
const evalBlock = 255

// EvalKeeper keeps the evals of calls in little memory. It is not for several goroutines
// at a time. Like in texts, each place remembers the result that came last.
type EvalKeeper struct {
	seed  maphash.Seed
	slots []*EvalResult
	block []Eval // the end of it is free
}

// Keep keeps the results of one call.
func (k *EvalKeeper) Keep(results []EvalResult) []Eval {
	if len(results) == 0 {
		return nil
	}
	if cap(k.block)-len(k.block) < len(results) {
		k.block = make([]Eval, 0, max(evalBlock, len(results)))
	}
	from := len(k.block)
	for i := range results {
		k.block = append(k.block, k.eval(&results[i]))
	}
	return k.block[from:len(k.block):len(k.block)]
}

// eval keeps one result.
func (k *EvalKeeper) eval(r *EvalResult) Eval {
	if k.slots == nil {
		k.seed, k.slots = maphash.MakeSeed(), make([]*EvalResult, likenessSlots)
	}
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
	slot := &k.slots[maphash.Comparable(k.seed, likeness)%likenessSlots]
	if !alike(*slot, r) {
		*slot = NewEval(*r).alike
	}
	return Eval{alike: *slot, number: r.Value.Number, Reason: r.Reason}
}

// alike reports whether two results are the same but for number and reason.
func alike(a, b *EvalResult) bool {
	return a != nil && a.ConfigID == b.ConfigID && a.Name == b.Name && a.Type == b.Type && a.State == b.State &&
		a.Value.Kind == b.Value.Kind && a.Value.Passed == b.Value.Passed && slices.Equal(a.Value.Labels, b.Value.Labels)
}
