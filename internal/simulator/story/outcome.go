package story

import (
	"maps"
	"math"
	"time"
)

// Outcome is what becomes of one call. The zero value is a good conversation: the
// call completes, with a score drawn from 7 to 10. Durations are simulated.
type Outcome struct {
	// Never keeps the call's record from being made: the row is planned and announced,
	// and no call comes of it (contract, section 4.1).
	Never bool
	// Earlier are the outcomes of the first attempts, one each. What stands beside it
	// is that of the attempts after them; see [Outcome.After].
	Earlier []Outcome
	// Fails makes every attempt fail, FailFirst the first so many. FailReason is the
	// ended_reason of failed attempts; when it is empty it is drawn, from [LostReasons]
	// where Lost is set, else from [AgentReasons]. NoReason leaves it null, ReasonAfter
	// null until so long after the failure; "Activity task failed" always comes half a
	// second later.
	Fails       bool
	FailFirst   int
	Lost        bool
	FailReason  string
	NoReason    bool
	ReasonAfter time.Duration
	// Connects lets a failing attempt reach the agent before it fails.
	Connects bool
	// Wavers lets a voice call that completes be shown as failed in between, for so
	// long, as when its provider reports a failure: analyzing, failed with ended_reason,
	// analyzing, completed (real-server.md, row 1).
	Wavers time.Duration
	// Lags keeps the call in analyzing until so long after the execution has ended,
	// which does not wait for it. [Forever] leaves it there.
	Lags time.Duration
	// EndedReason is that of attempts that complete, drawn when empty.
	EndedReason string
	// Score is the overall_score, drawn when nil. NoScore makes it null for ever,
	// LateScore null until so long after the execution has ended; [Forever] is never.
	// LateEvals does the same to all evals that are not scripted to be late: they are {}
	// until then.
	Score     *float64
	NoScore   bool
	LateScore time.Duration
	LateEvals time.Duration
	// Low makes it a bad conversation: a score of 1 to 4 and bad eval results.
	Low bool
	// SkipReason, when not empty, makes the call complete with processing_skipped.
	SkipReason string
	// NoTranscript makes the call complete without transcript, score and eval values.
	NoTranscript bool
	// Talk is the length of the conversation, drawn (20-300 s) when 0.
	Talk time.Duration
	// Summary is the call_summary, taken from the scenario when empty.
	Summary string
	// Evals scripts results by eval name.
	Evals map[string]EvalResult
	// Stuck is the state that the call never leaves: pending, ongoing or analyzing.
	Stuck Status
}

// Forever is a delay that never ends.
const Forever time.Duration = math.MaxInt64

// SkipAgentSilent is the processing_skip_reason of a call in which the agent never
// spoke (contract, section 4.5).
const SkipAgentSilent = "We could not find enough agent conversation to process this call."

// EndedProcessingError is the ended_reason of a completed call whose agent crashed in
// mid-conversation (contract, section 4.5).
const EndedProcessingError = "Error processing simulation"

// Succeeds is a call that completes with the given overall_score.
func Succeeds(score float64) Outcome { return Outcome{Score: &score} }

// Fails is a call that fails in every attempt, with the given ended_reason, or one of
// [AgentReasons] from the seed when it is empty.
func Fails(reason string) Outcome { return Outcome{Fails: true, FailReason: reason} }

// Flaky is a call whose first attempts fail and whose later ones succeed.
func Flaky(failures int, reason string) Outcome {
	return Outcome{FailFirst: failures, FailReason: reason}
}

// LowScore is a call that completes after a bad conversation.
func LowScore() Outcome { return Outcome{Low: true} }

// Unscored is a call that completes and never gets an overall_score.
func Unscored() Outcome { return Outcome{NoScore: true} }

// ScoredLate is a call whose overall_score is null when the execution completes and
// appears so long after.
func ScoredLate(score float64, after time.Duration) Outcome {
	return Outcome{Score: &score, LateScore: after}
}

// Skipped is a call that completes with processing_skipped, for the given reason, or
// [SkipAgentSilent] when it is empty.
func Skipped(reason string) Outcome {
	if reason == "" {
		reason = SkipAgentSilent
	}
	return Outcome{SkipReason: reason, Talk: 3 * time.Second, EndedReason: "silence-timed-out"}
}

// ProcessingError is a call that completes with ended_reason [EndedProcessingError].
func ProcessingError() Outcome {
	return Outcome{EndedReason: EndedProcessingError, Low: true}
}

// NoTranscript is a call that completes without anything to judge.
func NoTranscript() Outcome { return Outcome{NoTranscript: true} }

// Lasting returns the outcome with a conversation of the given length.
func (o Outcome) Lasting(d time.Duration) Outcome {
	o.Talk = d
	return o
}

// With returns the outcome with a scripted result of the eval of that name.
func (o Outcome) With(eval string, r EvalResult) Outcome {
	evals := make(map[string]EvalResult, len(o.Evals)+1)
	maps.Copy(evals, o.Evals)
	evals[eval] = r
	o.Evals = evals
	return o
}

// After returns the outcome with those of the attempts before it, one each:
//
//	Succeeds(8).After(Lost(""), Fails("no-answer"))
//
// is lost, fails when it is rerun, and succeeds in the rerun after that.
func (o Outcome) After(earlier ...Outcome) Outcome {
	o.Earlier = append(earlier, o.Earlier...)
	return o
}

// Ending returns the outcome with the given ended_reason of attempts that complete.
func (o Outcome) Ending(reason string) Outcome {
	o.EndedReason = reason
	return o
}

// Wavering returns the outcome as one that is shown as failed for a while before it
// completes.
func (o Outcome) Wavering(d time.Duration) Outcome {
	o.Wavers = d
	return o
}

// Lagging returns the outcome as one that is analyzing until so long after the
// execution has ended.
func (o Outcome) Lagging(d time.Duration) Outcome {
	o.Lags = d
	return o
}

// Late returns the outcome with score and evals that come so long after the execution
// has ended.
func (o Outcome) Late(after time.Duration) Outcome {
	o.LateScore, o.LateEvals = after, after
	return o
}

// In is the outcome of the attempt with the given number, from 0.
func (o *Outcome) In(attempt int) Outcome {
	if attempt < len(o.Earlier) {
		return o.Earlier[attempt]
	}
	return *o
}

// FailsIn reports whether the attempt with the given number, from 0, fails.
func (o *Outcome) FailsIn(attempt int) bool { return o.Fails || attempt < o.FailFirst }
