package story

import (
	"cmp"
	"math/rand/v2"
	"time"
)

type resultKind int

const (
	resultGood resultKind = iota // good, drawn by the eval's type
	resultBad                    // bad, drawn by the eval's type
	resultValue
	resultErrored
	resultSkipped
	resultEmpty
	resultPending
	resultAbsent
)

// EvalResult is a scripted result of an eval on a call. Make it with one of the Eval
// functions; the zero value is a good result drawn by the eval's type.
type EvalResult struct {
	kind   resultKind
	value  any
	typ    string
	reason string
	late   time.Duration
	times  int
}

// EvalBad is a bad result of the eval's own type: Failed, a low score, the last
// choice.
func EvalBad() EvalResult { return EvalResult{kind: resultBad} }

// EvalPassed is the value "Passed" of type Pass/Fail.
func EvalPassed() EvalResult { return EvalValue("Passed").Typed(TypePassFail) }

// EvalFailed is the value "Failed" of type Pass/Fail.
func EvalFailed() EvalResult { return EvalValue("Failed").Typed(TypePassFail) }

// EvalValue is any JSON value, with the eval's own type: a bool of an older release,
// a 0-1 float, an int, a string, a []any, a map such as that of [EvalChoice], nil.
// Floats keep their decimal point on the wire.
func EvalValue(v any) EvalResult { return EvalResult{kind: resultValue, value: v} }

// EvalChoice is the object that a score eval with choice scores gives: a score of 0
// to 1 and the choice it came from.
func EvalChoice(score float64, choice string) EvalResult {
	return EvalValue(map[string]any{"score": score, "choice": choice})
}

// EvalErrored is an evaluation that failed itself: error true, value null.
func EvalErrored() EvalResult { return EvalResult{kind: resultErrored} }

// EvalSkipped is an evaluation that the server chose not to run.
func EvalSkipped() EvalResult { return EvalResult{kind: resultSkipped} }

// EvalEmpty is a finished evaluation without a value and without an error.
func EvalEmpty() EvalResult { return EvalResult{kind: resultEmpty} }

// EvalPending is {} for ever; combine [EvalResult.Late] with another result for one
// that is {} for a while.
func EvalPending() EvalResult { return EvalResult{kind: resultPending} }

// EvalAbsent is an eval without an entry: it never ran.
func EvalAbsent() EvalResult { return EvalResult{kind: resultAbsent} }

// Because returns the result with a reason text.
func (r EvalResult) Because(reason string) EvalResult {
	r.reason = reason
	return r
}

// Typed returns the result with a type text other than the eval's own.
func (r EvalResult) Typed(typ string) EvalResult {
	r.typ = typ
	return r
}

// Late returns the result as one that is {} until so long after the execution ended;
// [Forever] is the same as [EvalPending].
func (r EvalResult) Late(after time.Duration) EvalResult {
	r.late = after
	return r
}

// Times returns the result as one that only the first so many evaluations of the call
// give; later ones are good. 0 is all.
func (r EvalResult) Times(evaluations int) EvalResult {
	r.times = evaluations
	return r
}

// scripted finds the plan's result of an eval in its round-th evaluation, from 0.
func (p *Plan) scripted(o *Outcome, eval string, round int) (EvalResult, bool) {
	r, ok := o.Evals[eval]
	if !ok {
		r, ok = p.Evals[eval]
	}
	if ok && r.times > 0 && round >= r.times {
		return EvalResult{}, true
	}
	return r, ok
}

// result is that of an eval in its round-th evaluation: scripted, or drawn.
func (p *Plan) result(o *Outcome, eval string, round int, rng *rand.Rand) EvalResult {
	r, given := p.scripted(o, eval, round)
	if !given {
		r.kind = p.Rates.evalFate(rng)
		if o.Low && r.kind == resultGood {
			r.kind = resultBad
		}
	}
	return r
}

// delay is how long after the execution's end the result comes.
func (p *Plan) delay(o *Outcome, r EvalResult) time.Duration {
	return cmp.Or(r.late, o.LateEvals, p.LateEvals)
}

// LastResult is the longest delay of a call's eval results that ends.
func (p *Plan) LastResult(o *Outcome) time.Duration {
	delays := []time.Duration{o.LateEvals, p.LateEvals}
	for _, r := range o.Evals {
		delays = append(delays, r.late)
	}
	for _, r := range p.Evals {
		delays = append(delays, r.late)
	}
	var d time.Duration
	for _, late := range delays {
		if late != Forever {
			d = max(d, late)
		}
	}
	return d
}
