package jsonreport

import (
	"cmp"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func orNull(t text.Untrusted) *text.Untrusted {
	if t.IsEmpty() {
		return nil
	}
	return &t
}

func stringOrNull(s string) *text.Untrusted { return orNull(text.New(s)) }

func idOrNull(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func utc(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	return new(t.UTC())
}

func estimateJSON(e verdict.Estimate) jsonEstimate {
	return jsonEstimate{Value: report.Finite(e.Value), Low: report.Finite(e.Low), High: report.Finite(e.High), N: e.N}
}

func ciJSON(c job.Context) jsonCI {
	out := jsonCI{
		Provider:   string(c.Provider),
		Repository: orNull(c.Repository),
		Ref:        orNull(c.Ref),
		BaseRef:    orNull(c.BaseRef),
		SHA:        stringOrNull(c.SHA),
		Workflow:   orNull(c.Workflow),
		Job:        orNull(c.Job),
		RunID:      stringOrNull(c.RunID),
		Attempt:    stringOrNull(c.Attempt),
		JobURL:     stringOrNull(c.JobURL),
		Fork:       c.Fork,
	}
	if out.Provider == "" {
		out.Provider = string(job.Plain)
	}
	if c.PullNumber > 0 {
		out.PullNumber = &c.PullNumber
	}
	return out
}

func rowOrNull(row uint64) *datasetRow {
	if row == 0 {
		return nil
	}
	return new(datasetRow(row))
}

// callMark is how the rules judge a call.
type callMark struct {
	outcome verdict.Outcome
	passed  *bool // nil if unknown
	trial   int
	plays   text.Untrusted // the name of its case; empty for a run of one trial
}

// marker returns a function that says how the rules judge a call.
func marker(r report.Report) func(i int, c *verdict.Call) callMark {
	names := report.CaseNames(r)
	return func(i int, c *verdict.Call) callMark {
		m := markOf(r, i, c)
		if names != nil {
			m.plays = names[i]
		}
		return m
	}
}

func markOf(r report.Report, i int, c *verdict.Call) callMark {
	m := callMark{outcome: report.OutcomeOf(r, c), trial: r.Evidence.TrialOf(*c)}
	if i < len(r.Verdict.Passed) {
		switch r.Verdict.Passed[i] {
		case verdict.Passed:
			m.passed = new(true)
		case verdict.NotPassed:
			m.passed = new(false)
		}
	}
	return m
}

func callJSON(c verdict.Call, m callMark) jsonCall {
	out := jsonCall{
		ID:                c.ID,
		Scenario:          orNull(c.Scenario),
		ScenarioID:        idOrNull(c.ScenarioID),
		Status:            string(c.Status),
		Outcome:           string(m.outcome),
		Passed:            m.passed,
		Lost:              c.Outcome() == verdict.Lost,
		FirstOutcome:      string(cmp.Or(c.FirstOutcome, c.Outcome())),
		Attempts:          max(c.Attempts, 1),
		Flaky:             c.Flaky(),
		Execution:         c.Execution,
		Trial:             m.trial,
		Case:              orNull(m.plays),
		OverallScore:      report.Finite(c.OverallScore),
		DurationSeconds:   report.Finite(c.DurationSeconds),
		ResponseSeconds:   report.Finite(c.ResponseSeconds),
		CostCents:         report.Finite(c.CostCents),
		EndedReason:       orNull(c.EndedReason),
		ProcessingSkipped: c.ProcessingSkipped,
		SkipReason:        orNull(c.SkipReason),
		StartedAt:         utc(c.StartedAt),
		UpdatedAt:         utc(c.UpdatedAt),
		Row:               rowOrNull(c.Row),
		Evals:             evalsJSON(c.Evals),
	}
	switch t := c.Transcript; {
	case t == nil:
	case !report.Blank(t.Missing):
		out.TranscriptMissing = &t.Missing
	default:
		out.Transcript, out.TranscriptLeft, out.Conversation = make([]jsonTurn, 0, len(t.Turns)), &t.Left, conversationJSON(t)
		for _, turn := range t.Turns {
			out.Transcript = append(out.Transcript, jsonTurn{
				Role: string(turn.Role), Text: turn.Text, StartSeconds: report.Finite(turn.StartSeconds), EndSeconds: report.Finite(turn.EndSeconds),
			})
		}
	}
	return out
}

func conversationJSON(t *verdict.Transcript) *jsonConversation {
	out := jsonConversation{
		AgentLatencySeconds: report.Finite(t.AgentLatencySeconds), CustomerInterruptions: t.CustomerInterruptions,
		AgentInterruptions: t.AgentInterruptions, Recordings: []jsonRecording{},
	}
	for _, r := range t.Recordings {
		out.Recordings = append(out.Recordings, jsonRecording{Track: r.Track, URL: r.URL})
	}
	return &out
}

// evalsJSON keys evals by ID. The documented API does not guarantee that IDs are unique or even
// IDs, so a second eval with the same one gets the key "id#2".
func evalsJSON(evals []calls.Eval) map[string]jsonEval {
	out := make(map[string]jsonEval, len(evals))
	for _, e := range evals {
		key := e.ConfigID().String()
		for n := 2; ; n++ {
			if _, taken := out[key]; !taken {
				break
			}
			key = e.ConfigID().String() + "#" + string(report.Count(n))
		}
		out[key] = evalJSON(e)
	}
	return out
}

func evalJSON(kept calls.Eval) jsonEval {
	e := kept.Result()
	if n := e.Value.Number; math.IsNaN(n) || math.IsInf(n, 0) {
		e.State, e.Value = calls.EvalEmpty, calls.EvalValue{} // JSON cannot represent it
	}
	out := jsonEval{
		Name:   orNull(e.Name),
		Type:   orNull(e.Type),
		State:  string(e.State),
		Labels: e.Value.Labels,
		Reason: orNull(e.Reason.Beginning(reasonLimit)),
	}
	if out.Labels == nil {
		out.Labels = []text.Untrusted{}
	}
	if e.Value.Kind != calls.ValueNone {
		out.Kind = new(string(e.Value.Kind))
	}
	switch e.Value.Kind {
	case calls.ValuePass:
		out.Passed = &e.Value.Passed
	case calls.ValueScore, calls.ValueNumeric:
		out.Number = &e.Value.Number
	}
	return out
}

func evalConfigJSON(c calls.EvalConfig) jsonEvalConfig {
	return jsonEvalConfig{ID: idOrNull(c.ID), TemplateID: idOrNull(c.TemplateID), Name: orNull(c.Name), Type: orNull(c.Type)}
}

func rerunJSON(r verdict.Rerun) jsonRerun {
	rejected := make([]jsonRejected, 0, len(r.Rejected))
	for _, x := range r.Rejected {
		rejected = append(rejected, jsonRejected{ID: x.CallID, Reason: orNull(x.Reason)})
	}
	return jsonRerun{
		Attempt:   r.Attempt,
		Type:      string(r.Type),
		Requested: r.Requested,
		Accepted:  r.Accepted,
		Rescued:   r.Rescued,
		Rejected:  rejected,
		Error:     orNull(r.Error),
	}
}

// stoppedJSON is why no criterion was judged; nil if some were.
func stoppedJSON(v verdict.Verdict) *jsonStop {
	if v.Kind != verdict.Error || len(v.Checks) > 0 {
		return nil
	}
	return &jsonStop{Cause: string(cmp.Or(v.Cause, verdict.CauseOperational)), Reason: orNull(v.Reason)}
}

func runJSON(r report.Report) jsonRun {
	trials := r.Evidence.Trials()
	out := jsonRun{Key: orNull(r.Evidence.Key), Trials: trials, PlannedTrials: max(r.Evidence.PlannedTrials, trials), MaxTrials: trials, Looks: []jsonLook{}}
	if from := r.Evidence.Reused; from != nil {
		out.Reused, out.ReusedFrom = true, &jsonReused{StartedAt: from.StartedAt.UTC(), Origin: orNull(from.Origin)}
		if age, ok := report.Age(r); ok {
			out.ReusedFrom.AgeSeconds = new(age.Round(time.Second).Seconds())
		}
	}
	if s := r.Settings; s != nil {
		out.Settings = &jsonSettings{
			RerunAttempts: s.RerunAttempts, RerunType: cmp.Or(string(s.RerunType), rerunAuto), RerunMaxCalls: s.RerunMaxCalls,
			NewEvals: append([]uuid.UUID{}, s.NewEvals...),
		}
	}
	looks := r.Evidence.Looks
	if looks == nil {
		return out
	}
	out.MaxTrials, out.FirstLook, out.Stopped = looks.Max, &looks.First, orNull(looks.Stopped)
	for _, l := range report.Looks(r) {
		out.Looks = append(out.Looks, jsonLook{Trials: l.Trials, Calls: l.Calls, Outcome: string(l.Kind), Reason: orNull(l.Reason)})
	}
	return out
}

func baselineJSON(r report.Report) *jsonBaseline {
	b := r.Rules.Baseline
	if b == nil {
		return nil
	}
	names := func(changes []verdict.ScenarioChange) []text.Untrusted {
		out := []text.Untrusted{}
		for _, c := range changes {
			out = append(out, c.Name)
		}
		return out
	}
	compared := verdict.Compare(r.Evidence, r.Rules)
	if compared == nil {
		compared = &verdict.Comparison{}
	}
	return &jsonBaseline{
		ID:          idOrNull(b.Execution.ID),
		Status:      stringOrNull(string(b.Execution.Status)),
		URL:         stringOrNull(b.Execution.URL),
		CompletedAt: utc(b.Execution.CompletedAt),
		Calls:       b.Calls.Len(),
		RunTest:     orNull(b.RunTest.Name),

		NewlyFailing: names(compared.NewlyFailing),
		NewlyPassing: names(compared.NewlyPassing),
	}
}

func timingJSON(t verdict.Timing) jsonTiming {
	out := jsonTiming{StartedAt: utc(&t.StartedAt), FinishedAt: utc(&t.FinishedAt)}
	if out.StartedAt != nil && out.FinishedAt != nil {
		out.DurationSeconds = new(out.FinishedAt.Sub(*out.StartedAt).Seconds())
	}
	return out
}
