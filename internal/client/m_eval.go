package client

import (
	"reflect"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Eval is the result of one eval on one call: an [EvalResult] of which all but what differs
// from call to call may be shared with others, so that it is quickly handed out. It is not
// changed.
type Eval struct {
	alike  *EvalResult // without number, text and reason; nil for the zero result
	number float64
	text   text.Untrusted // that is the value, of a ValueText
	Reason text.Untrusted
}

// NewEval is a result.
func NewEval(r EvalResult) Eval {
	e := Eval{number: r.Value.Number, Reason: r.Reason}
	if r.Value.Kind == ValueText && len(r.Value.Labels) == 1 {
		e.text, r.Value.Labels = r.Value.Labels[0], nil
	}
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
	r.Value, r.Reason = e.Value(), e.Reason
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
	if !e.text.IsEmpty() {
		v.Labels = []text.Untrusted{e.text}
	}
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

// EvalState tells whether an eval has a result. The words in the server's own status
// field are inconsistent (contract, section 5), so it is derived from the value and
// the flags.
type EvalState string

// The states of an eval on one call.
const (
	EvalScored  EvalState = "scored"  // it has a value
	EvalPending EvalState = "pending" // {}: not finished yet
	EvalErrored EvalState = "errored" // the evaluation itself failed
	EvalSkipped EvalState = "skipped" // the server chose not to run it
	EvalEmpty   EvalState = "empty"   // finished without a value and without an error
)

// EvalResult is the result of one eval on one call, spelled out.
type EvalResult struct {
	ConfigID uuid.UUID
	Name     text.Untrusted
	Type     text.Untrusted // the server's own word: Pass/Fail, score, choices, numeric, reason
	State    EvalState
	Value    EvalValue // meaningful when State is EvalScored
	Reason   text.Untrusted
}

// ValueKind tells what an eval value is.
type ValueKind string

// The kinds of values.
const (
	ValueNone    ValueKind = ""
	ValuePass    ValueKind = "pass"    // Passed is set
	ValueScore   ValueKind = "score"   // Number is 0-1; Labels may name the choice that gave it
	ValueNumeric ValueKind = "numeric" // Number in the eval's own unit
	ValueChoices ValueKind = "choices" // Labels are set
	ValueText    ValueKind = "text"    // Labels holds one text, which is not judged
)

// EvalValue is an eval's value, normalised from all that the server may put there.
type EvalValue struct {
	Kind   ValueKind
	Passed bool
	Number float64
	Labels []text.Untrusted
}
