package plan

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/gate/event"
	"github.com/agent-gate/agent-gate/internal/text"
)

// noRunTests is a server that has no run tests, or cannot list them.
type noRunTests struct {
	API
	err error
}

// RunTests implements API.
func (n noRunTests) RunTests(context.Context, string) iter.Seq2[calls.RunTest, error] {
	return func(yield func(calls.RunTest, error) bool) {
		if n.err != nil {
			yield(calls.RunTest{}, n.err)
		}
	}
}

func TestAMissingBaselineIsAnErrorOnlyIfACriterionNeedsOne(t *testing.T) {
	t.Parallel()
	const needed, optional = "success_rate.change >= -5", "success_rate >= 90"
	failure := errors.New("no connection")
	for _, c := range []struct {
		name, criteria, prefix string
		err                    error
		wantMistake, wantErr   bool
		wantWarning            string
	}{
		{"no target branch, needed", needed, "", nil, true, true, ""},
		{"no target branch, optional", optional, "", nil, false, false, "neither the CI system nor its event"},
		{"search fails, needed", needed, "main", failure, false, true, ""},
		{"search fails, optional", optional, "main", failure, false, false, "looking for one failed"},
		{"none found, needed", needed, "main", nil, false, false, "the run cannot pass"},
		{"none found, optional", optional, "main", nil, false, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			log, settings := &event.Log{}, config.Config{Baseline: config.Baseline{Auto: true}}
			var err error
			if settings.Rules.Criteria, err = criteria.Parse(c.criteria); err != nil {
				t.Fatal(err)
			}
			err = New(noRunTests{err: c.err}, log, settings, c.prefix).AutoBaseline(t.Context(), calls.RunTest{})
			_, mistake := errors.AsType[ConfigError](err)
			if mistake != c.wantMistake || (err != nil) != c.wantErr {
				t.Errorf("error %v, want an error: %t, a mistake: %t", err, c.wantErr, c.wantMistake)
			}
			switch warnings := log.Warnings(); {
			case c.wantWarning == "" && len(warnings) > 0:
				t.Errorf("warnings %v, want none", warnings)
			case c.wantWarning != "" && (len(warnings) != 1 || !strings.Contains(warnings[0].Line(), c.wantWarning)):
				t.Errorf("warnings %v, want one that says %q", warnings, c.wantWarning)
			}
		})
	}
}

func TestTheAgentHasToFitTheWayItsCallsAreHeld(t *testing.T) {
	t.Parallel()
	here := config.Agent{Command: "python agent.py"}
	prompt := calls.RunTest{SourceType: calls.SourcePrompt, Prompt: calls.Prompt{TemplateID: uuid.UUID{1}}, AgentType: calls.AgentText}
	for _, c := range []struct {
		name        string
		agent       config.Agent
		runTest     calls.RunTest
		wantMistake string
		wantEvents  int // notes and warnings
	}{
		{"a prompt", config.Agent{}, prompt, "", 1},
		{"a prompt that the server does not name", config.Agent{}, calls.RunTest{SourceType: calls.SourcePrompt}, "does not say which one", 0},
		{"a prompt and an agent", here, prompt, "agent-command: run test " + uuid.Nil.String() + " tests a prompt, and the server holds those conversations itself", 0},
		{"a text agent", config.Agent{}, calls.RunTest{AgentType: calls.AgentText}, "", 1},
		{"a voice agent", config.Agent{}, calls.RunTest{AgentType: calls.AgentVoice}, "", 0},
		{"a text agent that is here", here, calls.RunTest{AgentType: calls.AgentText}, "", 0},
		{"a voice agent that is here", here, calls.RunTest{AgentType: calls.AgentVoice}, "agent-command: this is a voice agent", 0},
		{"an endpoint for a voice agent", config.Agent{URL: "https://agent.example.com"}, calls.RunTest{AgentType: calls.AgentVoice}, "agent-url: this is a voice agent", 0},
		{"nobody knows", here, calls.RunTest{}, "", 1},
	} {
		events := 0
		log := event.NewLog(func(event.Event) { events++ })
		err := New(nil, log, config.Config{Agent: c.agent}, "").checkAgent(c.runTest)
		mistake, is := errors.AsType[ConfigError](err)
		if is != (c.wantMistake != "") || is && !strings.Contains(mistake.Error(), c.wantMistake) || events != c.wantEvents {
			t.Errorf("%s: error %v and %d notes and warnings, want a mistake that says %q, and %d", c.name, err, events, c.wantMistake, c.wantEvents)
		}
	}
}

func TestCallsArePlannedByTheRowsOfTheScenarios(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		scenarios []calls.Scenario
		want      int // -1 if unknown
		ofPrompt  int // if the run test tests a prompt
	}{
		{"no scenarios", nil, -1, -1},
		{"rows", []calls.Scenario{{DatasetRows: new(2)}, {DatasetRows: new(3)}}, 5, 5},
		{"an empty dataset is one call, and none with a prompt", []calls.Scenario{{DatasetRows: new(0)}}, 1, 0},
		{"one scenario without a number", []calls.Scenario{{DatasetRows: new(2)}, {}}, -1, -1},
	} {
		for source, want := range map[string]int{"": c.want, calls.SourcePrompt: c.ofPrompt} {
			got := -1
			if n := placed(calls.RunTest{SourceType: source}, c.scenarios); n != nil {
				got = *n
			}
			if got != want {
				t.Errorf("%s: %d calls of source %q, want %d", c.name, got, source, want)
			}
		}
	}
}

func TestSameScenariosMeansTheChosenOnesAndNoOthers(t *testing.T) {
	t.Parallel()
	a, b, other := uuid.UUID{1}, uuid.UUID{2}, uuid.UUID{3}
	has := func(ids ...uuid.UUID) (t calls.RunTest) {
		for _, id := range ids {
			t.Scenarios = append(t.Scenarios, calls.Scenario{ID: id})
		}
		return t
	}
	for _, c := range []struct {
		name      string
		candidate calls.RunTest
		chosen    []uuid.UUID
		want      bool
	}{
		{"all, in another order", has(b, a), nil, true},
		{"one is missing", has(a), nil, false},
		{"one more", has(a, b, other), nil, false},
		{"another one", has(a, other), nil, false},
		{"the chosen one", has(a), []uuid.UUID{a}, true},
		{"more than the chosen one", has(a, b), []uuid.UUID{a}, false},
	} {
		if got := sameScenarios(c.candidate, has(a, b), c.chosen); got != c.want {
			t.Errorf("%s: same %t, want %t", c.name, got, c.want)
		}
	}
}

func TestInlineEvalsAreMissingByName(t *testing.T) {
	t.Parallel()
	const inline = `[{"template_id":"t1","name":"tone"},{"template_id":"t2","name":" "}]`
	for _, c := range []struct {
		name     string
		attached []string
		want     string
	}{
		{"all attached", []string{"tone", "Eval-t2"}, ""},
		{"one skipped", []string{"tone"}, `; missing here: "Eval-t2"`},
		{"none attached", nil, `; missing here: "tone", "Eval-t2"`},
	} {
		var attached []calls.EvalConfig
		for _, name := range c.attached {
			attached = append(attached, calls.EvalConfig{Name: text.New(name)})
		}
		if got := missingEvals([]byte(inline), attached).Line(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTheHistorySaysOnlyWhatIsKnown(t *testing.T) {
	t.Parallel()
	id := uuid.UUID{1}
	began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	timed := calls.Progress{StartedAt: &began, CompletedAt: new(began.Add(90 * time.Second))}
	backwards := calls.Progress{StartedAt: &began, CompletedAt: new(began.Add(-time.Second))}
	start := "History: the newest completed execution, " + id.String() + ", had "
	var priced calls.Packer
	priced.Add(calls.Call{CostCents: new(120.0)}, calls.Call{})
	for _, c := range []struct {
		name      string
		execution calls.Execution
		want      string
	}{
		{"nothing else", calls.Execution{}, "0 calls."},
		{"its time", calls.Execution{Progress: timed}, "0 calls, took 1m30s."},
		{"an impossible time", calls.Execution{Progress: backwards}, "0 calls."},
		{"the cost of some calls", calls.Execution{Calls: priced.List()}, "2 calls, cost $1.20 for 1 of them."},
	} {
		c.execution.Status = calls.ExecutionCompleted
		if got := (pastRun{id, c.execution}).words().Line(); got != start+c.want {
			t.Errorf("%s: %q, want %q", c.name, got, start+c.want)
		}
	}
}
