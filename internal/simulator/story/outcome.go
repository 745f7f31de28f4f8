package story

import (
	"maps"
	"math"
	"time"
)

// Outcome is how one call turns out. With the zero value it completes after a good
// conversation, with a score drawn from 7 to 10. Durations are in simulated time.
type Outcome struct {
	// Never keeps the call's record from being created: the row is planned, but no call
	// appears (contract, section 4.1).
	Never bool
	// Earlier are the outcomes of the first attempts, one each; the other fields apply
	// to the attempts after them. See [Outcome.After].
	Earlier []Outcome
	// Fails makes every attempt fail, FailFirst the first n. FailReason is the
	// ended_reason of failed attempts; if empty it is drawn, from [LostReasons] if Lost
	// is set, otherwise from [AgentReasons]. NoReason leaves it null. ReasonAfter leaves
	// it null until this long after the failure; "Activity task failed" always appears
	// at least half a second late.
	Fails       bool
	FailFirst   int
	Lost        bool
	FailReason  string
	NoReason    bool
	ReasonAfter time.Duration
	// Connects lets a failing attempt reach the agent before it fails.
	Connects bool
	// Wavers is how long a voice call that completes is shown as failed in between, as
	// when its provider reports a failure: analyzing, failed with an ended_reason,
	// analyzing, completed (real-server.md, row 1).
	Wavers time.Duration
	// Lags keeps the call analyzing until this long after the end of the execution,
	// which does not wait for it. [Forever] leaves it there.
	Lags time.Duration
	// EndedReason is the ended_reason of attempts that complete, drawn if empty.
	EndedReason string
	// Score is the overall_score, drawn if nil. NoScore leaves it null. LateScore leaves
	// it null until this long after the end of the execution; [Forever] is never.
	// LateEvals does the same for evals without a scripted delay: they are {} until then.
	Score     *float64
	NoScore   bool
	LateScore time.Duration
	LateEvals time.Duration
	// Low makes it a bad conversation: a score of 1 to 4 and bad eval results.
	Low bool
	// SkipReason, if not empty, makes the call complete with processing_skipped.
	SkipReason string
	// NoTranscript makes the call complete without transcript, score and eval values.
	NoTranscript bool
	// Talk is the length of the conversation; 0 draws 20-300 s.
	Talk time.Duration
	// Cents is what an attempt costs whose conversation takes place; 0 is five cents for each minute
	// begun.
	Cents int
	// Summary is the call_summary; if empty, the scenario's.
	Summary string
	// Evals scripts results by eval name.
	Evals map[string]EvalResult
	// Stuck is the status that the call never leaves: pending, ongoing or analyzing.
	Stuck Status
}

// Forever is a delay that never ends.
const Forever time.Duration = math.MaxInt64

// SkipAgentSilent is the processing_skip_reason of a call in which the agent said too
// little (contract, section 4.5).
const SkipAgentSilent = "We could not find enough agent conversation to process this call."

// EndedProcessingError is the ended_reason of a completed call whose agent crashed in
// mid-conversation (contract, section 4.5).
const EndedProcessingError = "Error processing simulation"

// Succeeds is a call that completes with the given overall_score.
func Succeeds(score float64) Outcome { return Outcome{Score: &score} }

// Fails is a call that fails in every attempt, with the given ended_reason; if empty, one
// of [AgentReasons] is drawn.
func Fails(reason string) Outcome { return Outcome{Fails: true, FailReason: reason} }

// Flaky is a call whose first attempts fail, with the given ended_reason, and whose later
// ones succeed.
func Flaky(failures int, reason string) Outcome {
	return Outcome{FailFirst: failures, FailReason: reason}
}

// LowScore is a call that completes after a bad conversation.
func LowScore() Outcome { return Outcome{Low: true} }

// Unscored is a call that completes and never gets an overall_score.
func Unscored() Outcome { return Outcome{NoScore: true} }

// ScoredLate is a call whose overall_score is null when the execution completes and
// appears this long after.
func ScoredLate(score float64, after time.Duration) Outcome {
	return Outcome{Score: &score, LateScore: after}
}

// Skipped is a call that completes with processing_skipped, for the given reason; if
// empty, for [SkipAgentSilent].
func Skipped(reason string) Outcome {
	if reason == "" {
		reason = SkipAgentSilent
	}
	return Outcome{SkipReason: reason, Talk: 3 * time.Second, EndedReason: "silence-timed-out"}
}

// ProcessingError is a call that completes with the ended_reason "Error processing
// simulation".
func ProcessingError() Outcome {
	return Outcome{EndedReason: EndedProcessingError, Low: true}
}

// NoTranscript is a call that completes without a transcript to evaluate.
func NoTranscript() Outcome { return Outcome{NoTranscript: true} }

// Lasting returns the outcome with a conversation of the given length.
func (o Outcome) Lasting(d time.Duration) Outcome {
	o.Talk = d
	return o
}

// With returns the outcome with a scripted result for the named eval.
func (o Outcome) With(eval string, r EvalResult) Outcome {
	evals := make(map[string]EvalResult, len(o.Evals)+1)
	maps.Copy(evals, o.Evals)
	evals[eval] = r
	o.Evals = evals
	return o
}

// After returns the outcome with the outcomes of the attempts before it, one each:
//
//	Succeeds(8).After(Lost(""), Fails("no-answer"))
//
// is lost at first, fails in the first rerun and succeeds in the second.
func (o Outcome) After(earlier ...Outcome) Outcome {
	o.Earlier = append(earlier, o.Earlier...)
	return o
}

// Ending returns the outcome with the given ended_reason for attempts that complete.
func (o Outcome) Ending(reason string) Outcome {
	o.EndedReason = reason
	return o
}

// Wavering returns the outcome of a call that is shown as failed for this long before it
// completes.
func (o Outcome) Wavering(d time.Duration) Outcome {
	o.Wavers = d
	return o
}

// Lagging returns the outcome of a call that is analyzing until this long after the end
// of the execution.
func (o Outcome) Lagging(d time.Duration) Outcome {
	o.Lags = d
	return o
}

// Late returns the outcome with score and evals that arrive this long after the end of
// the execution.
func (o Outcome) Late(after time.Duration) Outcome {
	o.LateScore, o.LateEvals = after, after
	return o
}

// In returns the outcome of the n-th attempt, from 0.
func (o *Outcome) In(n int) Outcome {
	if n < len(o.Earlier) {
		return o.Earlier[n]
	}
	return *o
}

// FailsIn reports whether the n-th attempt, from 0, fails.
func (o *Outcome) FailsIn(n int) bool { return o.Fails || n < o.FailFirst }
