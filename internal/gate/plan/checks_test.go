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

func TestAPromptIsAMistakeAndATextAgentANote(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		runTest     calls.RunTest
		wantMistake bool
		wantNotes   int
	}{
		{"a prompt", calls.RunTest{SourceType: "prompt"}, true, 0},
		{"a prompt of a text agent", calls.RunTest{SourceType: "prompt", AgentType: calls.AgentText}, true, 0},
		{"a text agent", calls.RunTest{AgentType: calls.AgentText}, false, 1},
		{"a voice agent", calls.RunTest{AgentType: calls.AgentVoice}, false, 0},
	} {
		notes := 0
		log := event.NewLog(func(event.Event) { notes++ })
		err := New(nil, log, config.Config{}, "").checkAgent(c.runTest)
		if _, mistake := errors.AsType[ConfigError](err); mistake != c.wantMistake || notes != c.wantNotes {
			t.Errorf("%s: error %v and %d notes, want a mistake: %t, notes: %d", c.name, err, notes, c.wantMistake, c.wantNotes)
		}
	}
}

func TestCallsArePlannedByTheRowsOfTheScenarios(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		scenarios []calls.Scenario
		want      int // -1 if unknown
	}{
		{"no scenarios", nil, -1},
		{"rows", []calls.Scenario{{DatasetRows: new(2)}, {DatasetRows: new(3)}}, 5},
		{"an empty dataset is one call", []calls.Scenario{{DatasetRows: new(0)}}, 1},
		{"one scenario without a number", []calls.Scenario{{DatasetRows: new(2)}, {}}, -1},
	} {
		got := -1
		if n := placed(c.scenarios); n != nil {
			got = *n
		}
		if got != c.want {
			t.Errorf("%s: %d calls, want %d", c.name, got, c.want)
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
		if got := past(id, c.execution).Line(); got != start+c.want {
			t.Errorf("%s: %q, want %q", c.name, got, start+c.want)
		}
	}
}
