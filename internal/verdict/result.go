package verdict

import (
	"strings"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
)

// found is what an eval says about one call. The zero value means no entry: the result is pending.
type found struct {
	state  state
	kind   kind
	passed bool
	has    bool // there is a result, on a known scale
}

// newFound reads an entry.
func newFound(e calls.Eval) found {
	f := found{state: stateOf(e.State()), kind: kindOf(e.Kind()), passed: e.Passed()}
	f.has = f.kind != 0 && f.state == stateScored && !f.outside(e.Number())
	return f
}

// outside reports whether a number is a score outside 0 to 1, or not finite. Its scale is unknown, so
// it is not a result.
func (f found) outside(number float64) bool {
	switch f.kind {
	case kindScore:
		return !(number >= 0 && number <= 1)
	case kindNumeric:
		return !stats.Finite(number)
	}
	return false
}

// numeric reports whether the result is on a scale.
func (f found) numeric() bool {
	return f.kind == kindPass || f.kind == kindScore || f.kind == kindNumeric
}

// odd reports whether there is a value that is not a result because its scale is unknown.
func (f found) odd() bool { return !f.has && f.state == stateScored && f.kind != 0 }

// state is a calls.EvalState in one byte.
type state uint8

// The states of results; the zero value is pending.
const (
	statePending state = iota
	stateScored
	stateErrored
	stateSkipped
	stateEmpty
)

// stateOf is s in one byte. An unknown state counts as empty.
func stateOf(s calls.EvalState) state {
	switch s {
	case calls.EvalPending:
		return statePending
	case calls.EvalScored:
		return stateScored
	case calls.EvalErrored:
		return stateErrored
	case calls.EvalSkipped:
		return stateSkipped
	case calls.EvalEmpty:
	}
	return stateEmpty
}

// evalResult is an eval's result on one call. Without an entry it is pending: it may still come.
//
// A run has one for every call and eval; they are made on demand to save memory.
type evalResult struct {
	run   *roll
	at    int   // position of the call in the roll
	place int32 // of the result in the list, if it is scored
	found
}

// value is the result as read; the zero value without one.
func (r *evalResult) value() calls.EvalValue {
	if r.state != stateScored {
		return calls.EvalValue{}
	}
	return r.run.calls.list.BriefEval(int(r.place)).Value()
}

// number is the number of the result.
func (r *evalResult) number() float64 { return r.run.calls.list.BriefEval(int(r.place)).Number() }

// kind is a calls.ValueKind in one byte.
type kind uint8

// The kinds of results; zero is an unknown one.
const (
	kindPass kind = 1 + iota
	kindScore
	kindNumeric
	kindChoices
	kindText
)

// kindOf is k in one byte.
func kindOf(k calls.ValueKind) kind {
	switch k {
	case calls.ValuePass:
		return kindPass
	case calls.ValueScore:
		return kindScore
	case calls.ValueNumeric:
		return kindNumeric
	case calls.ValueChoices:
		return kindChoices
	case calls.ValueText:
		return kindText
	}
	return 0
}

// verdict returns a Pass/Fail result; ok is false for any other.
func (r *evalResult) verdict() (passed, ok bool) { return r.passed, r.has && r.kind == kindPass }

// score returns the result on the scale of the metric score: passed 100, failed 0, a 0-1 score times
// 100, any other number unchanged.
func (e *eval) score(r *evalResult) (v float64, ok bool) {
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
		return 100 * r.number(), true
	case kindNumeric:
		return r.number(), true
	}
	return 0, false
}

// labels returns the labels of the result. Passed and Failed are labels too, as the API spells them.
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
		labels = r.value().Labels
		return labels, len(labels) > 0
	}
	return nil, false
}

// ownKind is the kind of results that count for an eval. It is a property of the eval's template.
type ownKind uint8

// The kinds.
const (
	ownUnknown  ownKind = iota // or labels and texts, which exclude nothing
	ownNumber                  // scores and numbers
	ownPassFail                // passes and fails
)

// ownKindOf is the kind for a type of the API.
func ownKindOf(typ string) ownKind {
	switch typ { // the usual spelling, without allocating
	case "Pass/Fail":
		return ownPassFail
	case "score", "numeric":
		return ownNumber
	}
	switch strings.ToLower(strings.TrimSpace(typ)) {
	case "pass/fail":
		return ownPassFail
	case "score", "numeric":
		return ownNumber
	}
	return ownUnknown
}

// countType counts the kind of eval that a result indicates.
func (e *eval) countType(result calls.Eval) {
	if result.State() != calls.EvalScored {
		return
	}
	k := kindOf(result.Kind())
	e.seen |= 1 << k
	says := ownKindOf(result.Type().Raw())
	if says == ownUnknown && result.Type().IsEmpty() {
		switch k {
		case kindPass:
			says = ownPassFail
		case kindScore, kindNumeric:
			says = ownNumber
		}
	}
	e.gaveTypes[says]++
}

// saw reports whether any value is of one of the kinds.
func (e *eval) saw(kinds ...kind) bool {
	for _, k := range kinds {
		if e.seen>>k&1 == 1 {
			return true
		}
	}
	return false
}

// onlyLabels reports whether the eval has values, and all of them are labels or texts.
func (e *eval) onlyLabels() bool {
	return e.saw(kindChoices, kindText) && !e.saw(kindPass, kindScore, kindNumeric)
}

// isPassFail reports whether it is a Pass/Fail eval: by its type in the run test or in a result, or
// because its values are passes and fails without numbers. known is false if nothing says so. An
// eval of that type with only labels is not one; a label among passes and fails changes nothing.
func (e *eval) isPassFail() (is, known bool) {
	passes, numbers := e.saw(kindPass), e.saw(kindScore, kindNumeric)
	switch {
	case e.onlyLabels():
		// Results still to come may be passes, unless its type excludes them.
		return false, !e.run.open || !e.typ.IsEmpty() && ownKindOf(e.typ.Raw()) != ownPassFail
	case e.meant == ownPassFail, e.gaveTypes[ownPassFail] > 0, ownKindOf(e.typ.Raw()) == ownPassFail, passes && !numbers:
		return true, true
	case !e.typ.IsEmpty():
		return false, true
	}
	return passes, e.seen != 0
}

// findOwnKind determines the eval's own kind, and drops values of another kind: a true among scores
// is not the score 100.
func (e *eval) findOwnKind() {
	passFail, _ := e.isPassFail()
	switch numbers := e.saw(kindScore, kindNumeric); {
	case e.onlyLabels():
	case !numbers && passFail:
		e.own = ownPassFail
	case e.meant != ownUnknown:
		e.own = e.meant
	case e.gaveTypes[ownPassFail] > e.gaveTypes[ownNumber]:
		e.own = ownPassFail
	case e.gaveTypes[ownPassFail] < e.gaveTypes[ownNumber]:
		e.own = ownNumber
	}
	for i := range e.entries {
		if f := &e.entries[i].found; f.has && e.strange(*f) {
			f.has = false
			e.foreign++
		}
	}
	for i := range e.others {
		f := &e.others[i].found
		f.has = f.has && !e.strange(*f)
	}
}

// strange reports whether a value is not of the eval's own kind. Labels beside numbers stay: metrics
// of labels ignore numbers anyway.
func (e *eval) strange(f found) bool {
	switch e.own {
	case ownPassFail:
		return f.kind != kindPass
	case ownNumber:
		return f.kind == kindPass
	case ownUnknown:
	}
	return false
}

// ScalesOf are the scales of a run's evals, by name, derived from its results. Evals without a score
// are left out. Evals that mix plain numbers with scores or passes count as 0-100.
func ScalesOf(list Calls) map[string]criteria.Scale {
	scales := map[string]criteria.Scale{}
	for _, c := range list.All() {
		for _, e := range c.Evals {
			name := e.Name().Raw()
			if e.State() != calls.EvalScored || name == "" {
				continue
			}
			switch e.Kind() {
			case calls.ValuePass:
				if scales[name] == "" {
					scales[name] = criteria.ScalePassFail
				} else if scales[name] == criteria.ScalePlain {
					scales[name] = criteria.ScaleHundred
				}
			case calls.ValueScore:
				scales[name] = criteria.ScaleHundred
			case calls.ValueNumeric:
				switch scales[name] {
				case "":
					scales[name] = criteria.ScalePlain
				case criteria.ScalePassFail:
					scales[name] = criteria.ScaleHundred
				case criteria.ScaleHundred, criteria.ScalePlain:
				}
			}
		}
	}
	return scales
}
