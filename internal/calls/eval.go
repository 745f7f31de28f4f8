package calls

import (
	"reflect"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Eval is the immutable result of one eval on one call. It is an [EvalResult] that shares with
// other results everything that does not differ from call to call, so it is cheap to copy.
type Eval struct {
	alike  *EvalResult // without number, text and reason; nil for the zero result
	number float64
	text   text.Untrusted // the value of a ValueText
	Reason text.Untrusted
}

// NewEval packs a result.
func NewEval(r EvalResult) Eval {
	e := Eval{number: r.Value.Number, Reason: r.Reason}
	if r.Value.Kind == ValueText && len(r.Value.Labels) == 1 {
		e.text, r.Value.Labels = r.Value.Labels[0], nil
	}
	r.Value.Number, r.Reason = 0, text.Untrusted{}
	e.alike = &r
	return e
}

// shared returns the part that e may share with other results.
func (e Eval) shared() *EvalResult {
	if e.alike == nil {
		return new(EvalResult)
	}
	return e.alike
}

// Result returns the eval with all its fields.
func (e Eval) Result() EvalResult {
	r := *e.shared()
	r.Value, r.Reason = e.Value(), e.Reason
	return r
}

// ConfigID is the eval config that produced the result; uuid.Nil if unknown.
func (e Eval) ConfigID() uuid.UUID { return e.shared().ConfigID }

// Name is the eval's name.
func (e Eval) Name() text.Untrusted { return e.shared().Name }

// Type is the server's own name for what the eval returns: see [EvalResult].
func (e Eval) Type() text.Untrusted { return e.shared().Type }

// State says whether there is a result, and if not, why.
func (e Eval) State() EvalState { return e.shared().State }

// Value is the result; meaningful if State is EvalScored.
func (e Eval) Value() EvalValue {
	v := e.shared().Value
	v.Number = e.number
	if !e.text.IsEmpty() {
		v.Labels = []text.Untrusted{e.text}
	}
	return v
}

// Kind is the kind of the value; Passed and Number are as in [EvalValue].
func (e Eval) Kind() ValueKind { return e.shared().Value.Kind }

// Passed is meaningful if Kind is ValuePass.
func (e Eval) Passed() bool { return e.shared().Value.Passed }

// Number is meaningful if Kind is ValueScore or ValueNumeric.
func (e Eval) Number() float64 { return e.number }

// Equal reports whether two results are the same.
func (e Eval) Equal(other Eval) bool { return reflect.DeepEqual(e.Result(), other.Result()) }

// EvalState says whether an eval has a result. It is derived from the value and the flags,
// because the server's own status field is inconsistent (contract, section 5).
type EvalState string

// The states of an eval on one call.
const (
	EvalScored  EvalState = "scored"  // it has a value
	EvalPending EvalState = "pending" // {}: not finished yet
	EvalErrored EvalState = "errored" // the evaluation itself failed
	EvalSkipped EvalState = "skipped" // the server chose not to run it
	EvalEmpty   EvalState = "empty"   // finished with neither a value nor an error
)

// EvalResult is the result of one eval on one call, with all its fields.
type EvalResult struct {
	ConfigID uuid.UUID
	Name     text.Untrusted
	Type     text.Untrusted // the server's own word: Pass/Fail, score, choices, numeric, reason
	State    EvalState
	Value    EvalValue // meaningful if State is EvalScored
	Reason   text.Untrusted
}

// ValueKind says what an eval value is.
type ValueKind string

// The kinds of values.
const (
	ValueNone    ValueKind = ""
	ValuePass    ValueKind = "pass"    // Passed is set
	ValueScore   ValueKind = "score"   // Number is 0-1; Labels may name the choice behind it
	ValueNumeric ValueKind = "numeric" // Number in the eval's own unit
	ValueChoices ValueKind = "choices" // Labels are set
	ValueText    ValueKind = "text"    // Labels holds one text, which is not judged
)

// EvalValue is an eval's value, normalised from the many forms the server uses.
type EvalValue struct {
	Kind   ValueKind
	Passed bool
	Number float64
	Labels []text.Untrusted
}
