package story

import (
	"math/rand/v2"
	"time"
)

// Judged is the result of one eval on one call.
type Judged struct {
	Name    string
	Value   any // a plain Go value, or a [ChoiceScore]
	Reason  string
	Type    *string
	Failed  bool // the evaluation itself failed
	Status  string
	Skipped bool
}

// noTranscript is the reason of eval results of a call without a transcript.
const noTranscript = "No transcript data available"

// judgement is a result to be filled; status is that of an eval that went well.
func (v Conversation) judgement(eval *Eval, status string) *Judged {
	j := &Judged{Name: eval.Name, Status: status}
	if v.Plan.Hostile && v.Call.Index%6 == 5 {
		j.Name = v.Title()
	}
	return j
}

// SkippedFor is the result of an eval that was not run, for the given reason.
func (v Conversation) SkippedFor(eval *Eval, reason string) *Judged {
	return v.judgement(eval, "").skip(reason)
}

func (j *Judged) skip(reason string) *Judged {
	j.Reason, j.Status, j.Skipped, j.Type = reason, "skipped", true, nil
	return j
}

// Unheard is the result of an eval on a call without a transcript.
func (v Conversation) Unheard(eval *Eval, status string) *Judged {
	j := v.judgement(eval, status)
	j.Reason, j.Type = noTranscript, narrowType(eval)
	return j
}

// Judge gives the result of an eval on a conversation that there was, in its round-th
// evaluation, from 0. A result that never comes is none; late is how long after the
// execution's end the others come.
func (v Conversation) Judge(eval *Eval, round int, status string, rng *rand.Rand) (j *Judged, late time.Duration, absent bool) {
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

func (v Conversation) judge(j *Judged, eval *Eval, r EvalResult, rng *rand.Rand) *Judged {
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
	j.Reason = v.Said(j.Reason)
	return j
}

// narrowType is the type that entries without a value get: from a rule of the server
// that knows only three types (contract, section 5).
func narrowType(eval *Eval) *string {
	switch eval.Type {
	case TypePassFail, TypeChoices:
		return new(eval.Type)
	}
	return new(TypeScore)
}

// hostileValue puts the hostile text where a value may hold text.
func (v Conversation) hostileValue(eval *Eval, value any) any {
	switch eval.Type {
	case TypeChoices:
		return []any{v.Said(""), "Polite"}
	case TypeReason:
		return v.Said("")
	}
	return value
}
