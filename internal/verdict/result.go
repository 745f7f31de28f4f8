package verdict

import (
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
)

// found is what an entry of an eval says. The zero value is that there is none: the result is
// pending.
type found struct {
	state  state
	kind   kind
	passed bool
	has    bool // there is a result, on a scale that is known
}

// newFound looks at an entry once.
func newFound(e calls.Eval) found {
	f := found{state: stateOf(e.State()), kind: kindOf(e.Kind()), passed: e.Passed()}
	f.has = f.kind != 0 && f.state == stateScored && !f.outside(e.Number())
	return f
}

// outside reports whether a number is a 0-1 score outside of its range, or none: nobody knows
// its scale, so it is no result.
func (f found) outside(number float64) bool {
	switch f.kind {
	case kindScore:
		return !(number >= 0 && number <= 1)
	case kindNumeric:
		return !stats.Finite(number)
	}
	return false
}

// numeric reports whether the result is one that stands on a scale.
func (f found) numeric() bool {
	return f.kind == kindPass || f.kind == kindScore || f.kind == kindNumeric
}

// odd reports whether there is a value that is no result, since nobody knows its scale.
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

// stateOf is s in one byte. One that is unheard of says that there is nothing.
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

// evalResult is an eval's result on one call. On a call that has no entry of the eval it
// is pending: it may still come, and it is not there.
//
// A run has one for every call and eval, so they are made as they are looked at.
type evalResult struct {
	run   *roll
	at    int   // place of the call
	place int32 // of the result, where it is scored
	found
}

// value is the result as it was read; the zero value where there is none.
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

// The kinds of results; the zero value is none of them.
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

// The kinds of an eval's results. A kind is a property of the eval's template, so an
// eval has one; where results have several, each metric takes those that fit it.

// verdict returns the result as passed or not; ok is false when it is no such result.
func (r *evalResult) verdict() (passed, ok bool) { return r.passed, r.has && r.kind == kindPass }

// score returns a result on the scale of the metric score: passed 100, failed 0, a 0-1
// score times 100, any other number as it is.
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
		labels = r.value().Labels
		return labels, len(labels) > 0
	}
	return nil, false
}
