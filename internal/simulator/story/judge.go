package story

import (
	"math/rand/v2"
	"time"
)

// EvalOutput is the result of one eval on one call: an entry of eval_outputs (contract,
// section 5).
type EvalOutput struct {
	Name    string
	Value   any // a plain Go value, or a [ChoiceScore]
	Reason  string
	Type    *string
	Failed  bool // the evaluation itself failed
	Status  string
	Skipped bool
}

// noTranscript is the reason in the eval results of a call without a transcript.
const noTranscript = "No transcript data available"

// judgement returns a result without a value. status is the one for a finished eval, in
// the casing of the call's kind.
func (v Conversation) judgement(eval *Eval, status string) *EvalOutput {
	j := &EvalOutput{Name: eval.Name, Status: status}
	if v.Plan.Hostile && v.Call.Index%6 == 5 {
		j.Name = v.ScenarioName()
	}
	return j
}

// SkipEval returns the result of an eval that was skipped for the given reason.
func (v Conversation) SkipEval(eval *Eval, reason string) *EvalOutput {
	return v.judgement(eval, "").skip(reason)
}

func (j *EvalOutput) skip(reason string) *EvalOutput {
	j.Reason, j.Status, j.Skipped, j.Type = reason, "skipped", true, nil
	return j
}

// EvalWithoutTranscript returns the result of an eval on a call without a transcript.
func (v Conversation) EvalWithoutTranscript(eval *Eval, status string) *EvalOutput {
	j := v.judgement(eval, status)
	j.Reason, j.Type = noTranscript, narrowType(eval)
	return j
}

// Judge returns the result of an eval on a conversation that took place, in its round-th
// evaluation, from 0, and how long after the end of the execution it arrives. A pending
// result is nil and arrives after [Forever]; absent means that the eval never ran.
func (v Conversation) Judge(eval *Eval, round int, status string, rng *rand.Rand) (j *EvalOutput, late time.Duration, absent bool) {
	r := v.Plan.result(v.Outcome, eval.Name, round, rng)
	late = v.Plan.delay(v.Outcome, r)
	switch r.kind {
	case resultAbsent:
		return nil, late, true
	case resultPending:
		return nil, Forever, false
	}
	return v.judge(v.judgement(eval, status), eval, r, rng), late, false
}

func (v Conversation) judge(j *EvalOutput, eval *Eval, r EvalResult, rng *rand.Rand) *EvalOutput {
	j.Type = new(eval.Type)
	switch r.kind {
	case resultErrored:
		j.Failed, j.Type = true, narrowType(eval)
		j.Status, j.Reason = "error", "Evaluation failed. Please contact Future AGI support."
		if rng.IntN(2) == 0 {
			j.Status, j.Reason = "Failed", "Usage limit reached for evaluations."
		}
	case resultSkipped:
		j.skip("The evaluation was skipped.")
	case resultEmpty:
		j.Reason = "The evaluator returned no metric."
	case resultValue:
		j.Value, j.Reason = r.value, "Scripted result."
	case resultGood, resultBad:
		j.Value, j.Reason = v.drawnValue(eval, r.kind == resultGood, rng)
		if v.Plan.Hostile {
			j.Value = v.hostileValue(eval, j.Value)
		}
	}
	if r.reason != "" {
		j.Reason = r.reason
	}
	if r.typ != "" {
		j.Type = new(r.typ)
	}
	j.Reason = v.OrHostile(j.Reason)
	return j
}

// narrowType returns the type of entries without a value. The server takes it from a rule
// that knows only three types (contract, section 5).
func narrowType(eval *Eval) *string {
	switch eval.Type {
	case TypePassFail, TypeChoices:
		return new(eval.Type)
	}
	return new(TypeScore)
}

// hostileValue puts a hostile text into values that hold free text.
func (v Conversation) hostileValue(eval *Eval, value any) any {
	switch eval.Type {
	case TypeChoices:
		return []any{v.OrHostile(""), "Polite"}
	case TypeReason:
		return v.OrHostile("")
	}
	return value
}
