package gate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/gate/pairing"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/gate/plan"
	"github.com/agent-gate/agent-gate/internal/gate/runname"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// copyOf makes a run test of this run that has some of the scenarios of another, or all if none are given,
// and its evals.
func (s *starter) copyOf(ctx context.Context, t calls.RunTest, some []uuid.UUID, name string) (calls.RunTest, bool, error) {
	if t.AgentID == uuid.Nil {
		return calls.RunTest{}, false, errors.New("the server does not tell its agent")
	}
	evals, err := client.CopiesOf(t.EvalConfigs)
	if err != nil {
		return calls.RunTest{}, false, err
	}
	if len(some) == 0 {
		for _, scenario := range t.Scenarios {
			some = append(some, scenario.ID)
		}
	}
	version := s.config.Create.AgentVersion
	if version == uuid.Nil {
		version = t.AgentVersionID // the one that would be executed now
	}
	part, fresh, err := s.paid.Create(ctx, client.CreateRunTest{
		Name: name, Description: s.description, AgentDefinitionID: t.AgentID, AgentVersion: version,
		ScenarioIDs: some, EvaluationsConfig: evals, EnableToolEvaluation: cmp.Or(s.config.Create.EnableToolEvaluation, t.ToolEvaluation),
	})
	if err == nil {
		part, err = s.api.RunTest(ctx, part.ID)
	}
	if err == nil {
		err = lacks(part, t, some)
	}
	return part, fresh, err
}

// lacks says what a copy of a run test does not have although it was asked for: servers skip what they do not know.
func lacks(part, t calls.RunTest, some []uuid.UUID) error {
	for _, e := range t.EvalConfigs {
		if part.EvalConfigs != nil && !plan.HasCopy(part, e) {
			return fmt.Errorf("the server left out its eval %q", e.Name.Line())
		}
	}
	for _, id := range some {
		if part.Scenarios != nil && !slices.ContainsFunc(part.Scenarios, func(c calls.Scenario) bool { return c.ID == id }) {
			return fmt.Errorf("the server left out its scenario %s", id)
		}
	}
	return nil
}

// contentOf is what a run test of the user's consists of, as far as the inputs leave it to that.
func (s *starter) contentOf(t calls.RunTest) ([]byte, error) {
	evals := slices.Clone(t.EvalConfigs)
	slices.SortFunc(evals, func(a, b calls.EvalConfig) int { return cmp.Compare(a.Name.Raw(), b.Name.Raw()) })
	copies, err := client.CopiesOf(evals)
	if err != nil {
		return nil, err
	}
	type scenario struct {
		ID   uuid.UUID
		Rows *int
	}
	content := struct {
		Evals     json.RawMessage
		Tools     *bool
		Scenarios []scenario
	}{copies, cmp.Or(s.config.Create.EnableToolEvaluation, t.ToolEvaluation), nil}
	for _, c := range t.Scenarios {
		if some := s.config.Target.ScenarioIDs; len(some) == 0 || slices.Contains(some, c.ID) {
			content.Scenarios = append(content.Scenarios, scenario{c.ID, c.DatasetRows})
		}
	}
	slices.SortFunc(content.Scenarios, func(a, b scenario) int { return calls.CompareIDs(a.ID, b.ID) })
	return json.Marshal(content)
}

// cannotCopy says why a run test cannot be copied, and what needed a copy.
func cannotCopy(t calls.RunTest, needed, why error) error {
	return plan.ConfigError{Reason: text.Sprintf("%s, and run test %s cannot be copied: %s", text.New(needed.Error()), t.ID, text.New(why.Error()))}
}

// errKeyed says why a shared run test is copied for a run-key.
var errKeyed = errors.New("this run-key needs a run test of its own")

// findSame finds the run test of the run-key, or makes one: a new one, or a copy of the one that the user
// named. An execution of it that counts is taken up by start.
func (s *starter) findSame(ctx context.Context) (t calls.RunTest, fresh bool, _ error) {
	var original calls.RunTest
	if s.config.Target.Mode == config.ModeExecute {
		var err error
		if original, err = s.api.RunTest(ctx, s.config.Target.RunTestID); err != nil {
			return t, false, err
		}
		content, err := s.contentOf(original)
		if err != nil {
			return t, false, cannotCopy(original, errKeyed, err)
		}
		s.name = runname.CopyOf(s.name, content)
	}
	match := paid.Match{
		Key: runname.Key(s.name), MaxAge: s.config.ReuseMaxAge, Most: s.config.Trials.Max,
		Version:   func(t calls.RunTest) text.Untrusted { return versionNow(t, original) },
		SameParts: func(t calls.RunTest) bool { return s.sameParts(t, original) },
		// Another process may wait for a gate of this one in turn, so the others must not wait for this gate.
		Waits: func(ctx context.Context) error { return s.standReady(ctx, 0, nil) },
	}
	if s.config.Agent.Given() {
		match.Whole = s.whole
	}
	same, err := s.paid.FindSame(ctx, match, func(ctx context.Context) (calls.RunTest, bool, error) {
		name := runname.Own(s.name)
		if s.config.Target.Mode == config.ModeCreate {
			body := s.createBody()
			body.Name = name
			return s.paid.Create(ctx, body)
		}
		made, fresh, err := s.copyOf(ctx, original, s.config.Target.ScenarioIDs, name)
		if err == nil || ctx.Err() != nil {
			return made, fresh, err
		}
		if _, answered := errors.AsType[*client.Error](err); answered {
			return made, fresh, err
		}
		return made, fresh, cannotCopy(original, errKeyed, err)
	})
	if err != nil {
		return t, false, err
	}
	s.same = same
	return same.RunTest, same.Fresh, nil
}

// abandonKeyed ends what a killed process of the run-key held. What it had executed to the end is found as any
// other start finds it. If it had executed nothing, its run test is still to be executed, which is returned.
func (s *starter) abandonKeyed(ctx context.Context) (t calls.RunTest, found bool, _ error) {
	id, executed, err := s.paid.AbandonKeyed(ctx, s.awaitResults)
	if err != nil || executed || id == uuid.Nil {
		return t, false, err
	}
	t, err = s.api.RunTest(ctx, id)
	if patience.IsMissing(err) {
		return t, false, nil
	}
	return t, err == nil, err
}

// awaitResults waits for the evals of an execution whose process was killed, if all its conversations had ended.
func (s *starter) awaitResults(ctx context.Context, id uuid.UUID) error {
	wait, until := s.config.Waiting.PollMinInterval, time.Now().Add(s.config.Waiting.ResultsWait)
	if t, err := s.api.RunTest(ctx, s.earlier.RunTestID); err == nil {
		s.gathered.Expect(t.EvalConfigs)
	}
	for {
		e, err := patience.Persist(ctx, s.patience, s.config.Waiting.PollMaxInterval, func() (calls.Execution, error) { return s.api.Collect(ctx, id) })
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		left := time.Until(until)
		if err != nil || e.Status.Terminal() || left <= 0 || !s.isOwed(e) {
			return nil // what is there is found later
		}
		if err := patience.Pause(ctx, min(wait, left)); err != nil {
			return err
		}
		wait = min(2*wait, s.config.Waiting.PollMaxInterval)
	}
}

// isOwed reports whether results of conversations are still to come, all of which had ended.
func (s *starter) isOwed(e calls.Execution) (owed bool) {
	for _, c := range verdict.CallsOf(e.Calls, nil).All() {
		switch {
		case c.Status == calls.Analyzing, c.Outcome() == verdict.Succeeded && s.lacksEval(c):
			owed = true
		case !c.Status.Terminal() && (pairing.WasBegun(c) || len(s.earlier.Ended) == 0): // reruns do not begin all
			return false
		}
	}
	return owed
}

// versionNow is the agent version that would be executed now: that of the original if the run test is a
// copy of one.
func versionNow(t, original calls.RunTest) text.Untrusted {
	if original.ID != uuid.Nil {
		return original.AgentVersion
	}
	return t.AgentVersion
}

// sameParts reports whether a run test of the run-key has what would be executed now. Its key has the inputs,
// but others may have changed a run test that is copied, or its copy.
func (s *starter) sameParts(t, original calls.RunTest) bool {
	wanted := s.config.Target.ScenarioIDs
	if len(wanted) == 0 {
		for _, scenario := range original.Scenarios {
			wanted = append(wanted, scenario.ID)
		}
	}
	if t.Scenarios != nil && len(wanted) > 0 && (len(t.Scenarios) != len(wanted) || slices.ContainsFunc(t.Scenarios, func(c calls.Scenario) bool { return !slices.Contains(wanted, c.ID) })) {
		return false
	}
	if original.EvalConfigs == nil || t.EvalConfigs == nil {
		return true
	}
	return len(t.EvalConfigs) == len(original.EvalConfigs) && !slices.ContainsFunc(original.EvalConfigs, func(e calls.EvalConfig) bool { return !plan.HasCopy(t, e) })
}
