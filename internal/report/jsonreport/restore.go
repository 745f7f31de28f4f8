package jsonreport

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// savedCounts are the counts of a report. Versions that did not count planned calls lack the
// later fields.
type savedCounts struct {
	jsonCounts
	Planned *int `json:"planned"`
}

// checkCounts compares the calls with the report's counts. If failed calls were dropped, by a
// tool that shortened the file or by hand, a fail could become a pass.
func (in *reading) checkCounts() error {
	got, want := in.evidence.Counts(), in.counts
	all := []countPair{{"total", got.Total, want.Total}, {"completed", got.Completed, want.Completed}}
	if in.meta.Verdict == verdict.Skip { // a dry run counts nothing that it plans
		return mismatch(all...)
	}
	if want.Planned == nil {
		// The rules were different: a call that counted as failed may count as lost now, and
		// one that succeeded may not any more.
		return mismatch(append(all,
			countPair{"succeeded", max(got.Succeeded, want.Succeeded), want.Succeeded},
			countPair{"skipped", max(got.Skipped, want.Skipped), want.Skipped},
			countPair{"scored", max(got.Scored, want.Scored), want.Scored},
			countPair{"flaky", max(got.Flaky, want.Flaky), want.Flaky})...)
	}
	return mismatch(append(all,
		countPair{"planned", got.Planned, *want.Planned},
		countPair{"missing", got.Missing, want.Missing},
		// Whether lost calls count as failed depends on the rules.
		countPair{"failed and lost", got.Failed + got.Lost, want.Failed + want.Lost},
		countPair{"cancelled", got.Cancelled, want.Cancelled},
		countPair{"open", got.Open, want.Open},
		countPair{"succeeded", got.Succeeded, want.Succeeded},
		countPair{"skipped", got.Skipped, want.Skipped},
		countPair{"scored", got.Scored + min(in.oddScores(), max(0, want.Scored-got.Scored)), want.Scored},
		// If lost calls count as failed, those recovered by a rerun are flaky.
		countPair{"flaky", max(got.Flaky, want.Flaky), want.Flaky})...)
}

// oddScores counts overall scores on no known scale, which earlier versions counted as scores.
func (in *reading) oddScores() int {
	n := 0
	for i := range in.evidence.Calls.Len() {
		if c := in.evidence.Calls.Brief(i); c.OverallScore != nil && !verdict.OnScoreScale(*c.OverallScore) {
			n++
		}
	}
	return n
}

// countPair is the actual and the recorded number of some calls.
type countPair struct {
	name      report.Lit
	got, want int
}

// mismatch returns an error naming the first pair that differs.
func mismatch(all ...countPair) error {
	for _, c := range all {
		if c.got != c.want {
			return fmt.Errorf("its calls do not match its counts: counts.%s is %d, but the calls add up to %d", c.name, c.want, c.got)
		}
	}
	return nil
}

// maxTrials is the most trials that a run may have, with room to spare: looks are laid out one by one.
const maxTrials = 100

// restoreLooks restores when the run was judged, after its executions were read: intervals are at the
// level of the last look.
func (in *reading) restoreLooks() error {
	run, trials := in.run, in.evidence.Trials()
	if run.PlannedTrials < 0 || run.PlannedTrials > maxTrials {
		return fmt.Errorf("run: %d planned trials are impossible", run.PlannedTrials)
	}
	if run.PlannedTrials > trials {
		in.evidence.PlannedTrials = run.PlannedTrials
	}
	if run.FirstLook == nil {
		return nil // judged once, or by a version that could not go on
	}
	switch {
	case run.Trials != trials:
		return fmt.Errorf("run: it has %d trials, but its executions are of %d", run.Trials, trials)
	case *run.FirstLook < 1, run.MaxTrials < *run.FirstLook, run.MaxTrials > maxTrials, len(run.Looks) > maxTrials:
		return fmt.Errorf("run: a first look after %d of at most %d trials is impossible", *run.FirstLook, run.MaxTrials)
	}
	looks := &verdict.Looks{First: *run.FirstLook, Max: run.MaxTrials, Stopped: orEmpty(run.Stopped)}
	for _, l := range run.Looks {
		kind := verdict.Kind(l.Outcome)
		if err := oneOf("run: looks: outcome", kind, verdict.Pass, verdict.Fail, verdict.Inconclusive, verdict.Error, verdict.Skip); err != nil {
			return err
		}
		if l.Trials < trials { // the last look is this report's own verdict
			looks.Past = append(looks.Past, verdict.Look{Trials: l.Trials, Calls: l.Calls, Kind: kind, Reason: orEmpty(l.Reason)})
		}
	}
	in.evidence.Looks = looks
	return nil
}

func (j jsonQuarantined) entry() (verdict.Quarantined, error) {
	q := verdict.Quarantined{Scenario: j.Scenario, Reason: j.Reason, Owner: j.Owner}
	if j.Until != nil {
		day, err := time.Parse(time.DateOnly, *j.Until)
		if err != nil {
			return q, fmt.Errorf("quarantine: until is %q, not a day", text.New(*j.Until).LineMax(40))
		}
		q.Until = day.AddDate(0, 0, 1)
	}
	return q, nil
}

func (j jsonCI) context() job.Context {
	c := job.Context{
		Provider:   job.Provider(j.Provider),
		Repository: orEmpty(j.Repository),
		Ref:        orEmpty(j.Ref),
		BaseRef:    orEmpty(j.BaseRef),
		SHA:        orEmpty(j.SHA).Raw(),
		Workflow:   orEmpty(j.Workflow),
		Job:        orEmpty(j.Job),
		RunID:      orEmpty(j.RunID).Raw(),
		Attempt:    orEmpty(j.Attempt).Raw(),
		JobURL:     orEmpty(j.JobURL).Raw(),
		Fork:       j.Fork,
	}
	if j.PullNumber != nil && *j.PullNumber > 0 {
		c.PullNumber = *j.PullNumber
	}
	return c
}

func (j jsonExecution) execution() (verdict.Execution, error) {
	e := verdict.Execution{
		ID:                orNil(j.ID),
		Status:            calls.ExecutionStatus(orEmpty(j.Status).Raw()),
		URL:               orEmpty(j.URL).Raw(),
		Dialect:           calls.Dialect(orEmpty(j.Dialect).Raw()),
		AgentType:         calls.AgentType(orEmpty(j.AgentType).Raw()),
		AgentName:         orEmpty(j.AgentName),
		PromptVersion:     orEmpty(j.PromptVersion),
		StartedAt:         j.StartedAt,
		CompletedAt:       j.CompletedAt,
		ServerSuccessRate: j.ServerSuccessRate,
		ErrorReason:       orEmpty(j.ErrorReason),
		Trial:             max(j.Trial-1, 0),
	}
	return e, oneOf("execution: dialect", e.Dialect, calls.DialectUnknown, calls.DialectDocumented, calls.DialectDeployed)
}

func (j jsonRerun) rerun() verdict.Rerun {
	r := verdict.Rerun{
		Attempt:   j.Attempt,
		Type:      calls.RerunType(j.Type),
		Requested: j.Requested,
		Accepted:  j.Accepted,
		Rescued:   j.Rescued,
		Error:     orEmpty(j.Error),
	}
	for _, x := range j.Rejected {
		r.Rejected = append(r.Rejected, calls.RejectedRerun{CallID: x.ID, Reason: orEmpty(x.Reason)})
	}
	return r
}

func (j *jsonStop) stop() (*verdict.Stop, error) {
	if j == nil {
		return nil, nil
	}
	s := &verdict.Stop{Cause: verdict.Cause(j.Cause), Reason: orEmpty(j.Reason)}
	return s, oneOf("stopped: cause", s.Cause, verdict.CauseConfig, verdict.CauseOperational, verdict.CauseBudget, verdict.CauseTimeout,
		verdict.CauseInterrupted, verdict.CauseTerminated)
}

// check rejects impossible numbers, and too many calls to lay out.
func (j *jsonFailFast) check() error {
	if j != nil && (j.Calls < 0 || j.Calls > maxFailFastCalls || j.Failed < 0 || j.Failed > j.Calls) {
		return fmt.Errorf("fail_fast: %d of %d calls failed, which is impossible", j.Failed, j.Calls)
	}
	return nil
}

// maxFailFastCalls is the largest number of calls that the client reads.
const maxFailFastCalls = 1_000_000

func rowOf(row *datasetRow) uint64 {
	if row == nil {
		return 0
	}
	return uint64(*row)
}

// call converts the call and rejects what no run produces.
func (j jsonCall) call() (verdict.Call, error) {
	c := verdict.Call{
		Call: calls.Call{
			ID:                j.ID,
			Scenario:          orEmpty(j.Scenario),
			ScenarioID:        orNil(j.ScenarioID),
			Status:            calls.Status(j.Status),
			OverallScore:      j.OverallScore,
			DurationSeconds:   j.DurationSeconds,
			ResponseSeconds:   j.ResponseSeconds,
			CostCents:         j.CostCents,
			EndedReason:       orEmpty(j.EndedReason),
			ProcessingSkipped: j.ProcessingSkipped,
			SkipReason:        orEmpty(j.SkipReason),
			UpdatedAt:         j.UpdatedAt,
			StartedAt:         j.StartedAt,
			Row:               rowOf(j.Row),
			Execution:         max(j.Execution, 0),
		},
		Attempts:     j.Attempts,
		FirstOutcome: verdict.Outcome(j.FirstOutcome),
	}
	if j.ID == uuid.Nil {
		return c, errors.New("it has no id")
	}
	if j.Status == "" {
		return c, errors.New("it has no status")
	}
	if j.Attempts < 1 {
		return c, fmt.Errorf("attempts is %d, but the minimum is 1", j.Attempts)
	}
	if err := oneOf("first_outcome", c.FirstOutcome, verdict.Succeeded, verdict.Failed, verdict.Skipped, verdict.Cancelled, verdict.Lost, verdict.Open); err != nil {
		return c, err
	}
	var evals []calls.EvalResult
	for key, e := range j.Evals {
		eval, err := e.eval(key)
		if err != nil {
			return c, fmt.Errorf("eval %s: %w", text.New(key), err)
		}
		evals = append(evals, eval)
	}
	slices.SortFunc(evals, compareEvals)
	for _, e := range evals {
		c.Evals = append(c.Evals, calls.NewEval(e))
	}
	var err error
	c.Transcript, err = j.transcript()
	return c, err
}

// transcript returns the transcript of the call; nil if the report has none.
func (j jsonCall) transcript() (*verdict.Transcript, error) {
	if j.TranscriptMissing != nil {
		return &verdict.Transcript{Missing: *j.TranscriptMissing}, nil
	}
	if j.Transcript == nil {
		return nil, nil
	}
	t := &verdict.Transcript{}
	if j.TranscriptLeft != nil {
		t.Left = max(*j.TranscriptLeft, 0)
	}
	if said := j.Conversation; said != nil {
		t.AgentLatencySeconds, t.CustomerInterruptions, t.AgentInterruptions = said.AgentLatencySeconds, said.CustomerInterruptions, said.AgentInterruptions
		for _, r := range said.Recordings {
			if err := oneOf("conversation: track", r.Track, calls.Tracks()...); err != nil {
				return nil, err
			}
			t.Recordings = append(t.Recordings, calls.Recording{Track: r.Track, URL: r.URL})
		}
	}
	for _, turn := range j.Transcript {
		role := calls.Role(turn.Role)
		if err := oneOf("transcript: role", role, calls.RoleAgent, calls.RoleCustomer, calls.RoleOther); err != nil {
			return nil, err
		}
		t.Turns = append(t.Turns, calls.Turn{Role: role, Text: turn.Text, StartSeconds: turn.StartSeconds, EndSeconds: turn.EndSeconds})
	}
	return t, nil
}

// compareEvals orders evals by name, then ID, as the client does. The other fields order evals
// that share an ID, so that the map's random order never shows.
func compareEvals(a, b calls.EvalResult) int {
	return cmp.Or(
		cmp.Compare(a.Name.Raw(), b.Name.Raw()),
		calls.CompareIDs(a.ConfigID, b.ConfigID),
		cmp.Compare(a.Reason.Raw(), b.Reason.Raw()),
		cmp.Compare(a.State, b.State),
		cmp.Compare(a.Value.Number, b.Value.Number),
	)
}

func (j jsonEval) eval(key string) (calls.EvalResult, error) {
	id, _, _ := strings.Cut(key, "#")
	parsed, err := uuid.Parse(id)
	if err != nil {
		return calls.EvalResult{}, errors.New("its key is not a UUID")
	}
	e := calls.EvalResult{
		ConfigID: parsed,
		Name:     orEmpty(j.Name),
		Type:     orEmpty(j.Type),
		State:    calls.EvalState(j.State),
		Reason:   orEmpty(j.Reason),
	}
	if err := oneOf("state", e.State, calls.EvalScored, calls.EvalPending, calls.EvalErrored, calls.EvalSkipped, calls.EvalEmpty); err != nil {
		return e, err
	}
	if len(j.Labels) > 0 {
		e.Value.Labels = j.Labels
	}
	if j.Kind != nil {
		e.Value.Kind = calls.ValueKind(*j.Kind)
	}
	switch e.Value.Kind {
	case calls.ValuePass:
		if j.Passed == nil {
			return e, errors.New("passed is missing")
		}
		e.Value.Passed = *j.Passed
	case calls.ValueScore, calls.ValueNumeric:
		if j.Number == nil {
			return e, errors.New("number is missing")
		}
		e.Value.Number = *j.Number
	case calls.ValueNone:
		if e.State == calls.EvalScored {
			return e, errors.New("it is scored but has no kind")
		}
	}
	return e, oneOf("kind", e.Value.Kind, calls.ValueNone, calls.ValuePass, calls.ValueScore, calls.ValueNumeric, calls.ValueChoices, calls.ValueText)
}

func orEmpty(t *text.Untrusted) text.Untrusted {
	if t == nil {
		return text.Untrusted{}
	}
	return *t
}

func orNil(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}

// timing restores the times.
func (j jsonTiming) timing() verdict.Timing {
	return verdict.Timing{StartedAt: orZero(j.StartedAt), FinishedAt: orZero(j.FinishedAt)}
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
