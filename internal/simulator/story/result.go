package story

import (
	"cmp"
	"math/rand/v2"
	"time"
)

type resultKind int

const (
	resultGood resultKind = iota // a good value of the eval's type, drawn
	resultBad                    // a bad value of the eval's type, drawn
	resultValue
	resultErrored
	resultSkipped
	resultEmpty
	resultPending
	resultAbsent
)

// EvalResult is a scripted result of an eval on a call. Create it with one of the Eval
// functions; the zero value draws a good value of the eval's type.
type EvalResult struct {
	kind   resultKind
	value  any
	typ    string
	reason string
	late   time.Duration
	times  int
}

// EvalBad is a bad result of the eval's own type: Failed, a low score or the last choice.
func EvalBad() EvalResult { return EvalResult{kind: resultBad} }

// EvalPassed is the value "Passed", of type Pass/Fail.
func EvalPassed() EvalResult { return EvalValue("Passed").Typed(TypePassFail) }

// EvalFailed is the value "Failed", of type Pass/Fail.
func EvalFailed() EvalResult { return EvalValue("Failed").Typed(TypePassFail) }

// EvalValue is any JSON value, with the eval's own type: a bool (older releases), a 0-1
// float, an int, a string, a []any, a map as in [EvalChoice], or nil. Floats keep their
// decimal point on the wire.
func EvalValue(v any) EvalResult { return EvalResult{kind: resultValue, value: v} }

// EvalChoice is the object that a score eval with choice scores returns: a score of 0 to
// 1 and the choice it stands for.
func EvalChoice(score float64, choice string) EvalResult {
	return EvalValue(map[string]any{"score": score, "choice": choice})
}

// EvalErrored is an evaluation that itself failed: error true, value null.
func EvalErrored() EvalResult { return EvalResult{kind: resultErrored} }

// EvalSkipped is an evaluation that the server chose not to run.
func EvalSkipped() EvalResult { return EvalResult{kind: resultSkipped} }

// EvalEmpty is a finished evaluation without a value and without an error.
func EvalEmpty() EvalResult { return EvalResult{kind: resultEmpty} }

// EvalPending is {} forever. For a result that is {} for a while use [EvalResult.Late].
func EvalPending() EvalResult { return EvalResult{kind: resultPending} }

// EvalAbsent is an eval without an entry in eval_outputs: it never ran.
func EvalAbsent() EvalResult { return EvalResult{kind: resultAbsent} }

// Because returns the result with the given reason.
func (r EvalResult) Because(reason string) EvalResult {
	r.reason = reason
	return r
}

// Typed returns the result with the given type in place of the eval's own.
func (r EvalResult) Typed(typ string) EvalResult {
	r.typ = typ
	return r
}

// Late returns the result of an eval that is {} until this long after the end of the
// execution; [Forever] is the same as [EvalPending].
func (r EvalResult) Late(after time.Duration) EvalResult {
	r.late = after
	return r
}

// Times limits the result to the first n evaluations of the call; later ones are good. 0
// is no limit.
func (r EvalResult) Times(n int) EvalResult {
	r.times = n
	return r
}

// scripted finds the scripted result of an eval in its round-th evaluation, from 0. An
// outcome's own script overrides the plan's.
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

// result returns the result of an eval in its round-th evaluation, from 0: scripted, or
// drawn from the rates.
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

// delay returns how long after the end of the execution the result arrives.
func (p *Plan) delay(o *Outcome, r EvalResult) time.Duration {
	return cmp.Or(r.late, o.LateEvals, p.LateEvals)
}

// LastResult returns the longest delay that the plan and the outcome set for eval results,
// not counting those that never arrive.
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
