package client

import (
	"encoding/json"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/dialect"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

// readSample reads a sample page of an execution.
func readSample(t *testing.T, name string) dialect.Page {
	t.Helper()
	p, err := readPage(answers.Sample(t, name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return p
}

// readAll assembles an execution from pages that add up.
func readAll(t *testing.T, pages ...dialect.Page) calls.Execution {
	t.Helper()
	e, err := assemble(pages)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestBothDialectsTellTheSameStory(t *testing.T) {
	t.Parallel()
	documented := readSample(t, "documented/execution-completed.json")
	deployed := readSample(t, "deployed/execution-page-completed.json")
	if documented.Dialect != calls.DialectDocumented || deployed.Dialect != calls.DialectDeployed {
		t.Errorf("got dialects %q and %q", documented.Dialect, deployed.Dialect)
	}
	// Fields that the documented dialect lacks.
	missing := cmpopts.IgnoreFields(calls.Call{}, "ScenarioID", "ResponseSeconds", "CostCents", "EndedReason", "ProcessingSkipped", "SkipReason", "UpdatedAt", "StartedAt", "Row")
	if diff := cmp.Diff(readAll(t, documented).Calls, readAll(t, deployed).Calls, missing, answers.SameText, unpacked); diff != "" {
		t.Errorf("calls (-documented +deployed):\n%s", diff)
	}
}

// unpacked compares lists call by call.
var unpacked = cmp.Transformer("unpacked", func(c *calls.List) []calls.Call {
	var all []calls.Call
	for _, call := range c.All() {
		all = append(all, call)
	}
	return all
})

func TestTheFactsOfTheStory(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"documented/execution-completed.json", "deployed/execution-page-completed.json"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := readAll(t, readSample(t, name))
			got := map[string]float64{}
			states := map[calls.EvalState]int{}
			for _, c := range e.Calls.All() {
				got[string(c.Status)]++
				if c.Status == calls.Completed && !c.ProcessingSkipped && c.EndedReason.Raw() != "Error processing simulation" {
					got["succeeded"]++
				}
				if c.OverallScore != nil {
					got["scores"]++
					got["sum of scores"] += *c.OverallScore
				}
				if c.StartedAt != nil {
					got["with a start"]++
				}
				for _, eval := range c.Evals {
					states[eval.State()]++
					if c.Status != calls.Completed || eval.State() != calls.EvalScored {
						continue
					}
					switch eval.Name().Raw() {
					case "is_helpful":
						if eval.Value().Kind == calls.ValuePass && eval.Value().Passed {
							got["helpful"]++
						} else if eval.Value().Kind == calls.ValuePass {
							got["not helpful"]++
						}
					case "groundedness":
						got["grounded"]++
						got["sum of groundedness"] += eval.Value().Number
						if eval.Value().Kind != calls.ValueScore {
							t.Errorf("groundedness is %+v", eval.Value())
						}
					}
				}
			}
			want := map[string]float64{
				"completed": 18, "failed": 2, "succeeded": 18, "scores": 16, "sum of scores": 98, "with a start": 20,
				"helpful": 11, "not helpful": 5, "grounded": 14, "sum of groundedness": 10.08,
			}
			if strings.HasPrefix(name, "deployed") {
				// Only this dialect has the result of a completed call, and a call that was
				// never connected has no start.
				want["succeeded"], want["with a start"] = 16, 18
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			wantStates := map[calls.EvalState]int{calls.EvalScored: 108, calls.EvalErrored: 2, calls.EvalPending: 1, calls.EvalSkipped: 21, calls.EvalEmpty: 8}
			if diff := cmp.Diff(wantStates, states); diff != "" {
				t.Errorf("eval states (-want +got):\n%s", diff)
			}
			if mean := got["sum of scores"] / got["scores"]; mean != 6.125 {
				t.Errorf("got mean score %v, want 6.125", mean)
			}
			if *e.Total != 20 || *e.Completed != 18 || *e.Failed != 2 {
				t.Errorf("got counts %d, %d, %d", *e.Total, *e.Completed, *e.Failed)
			}
		})
	}
}

func TestDocumentedProgressIsRead(t *testing.T) {
	t.Parallel()
	cases := []struct {
		sample string
		want   calls.Progress
	}{
		{"documented/execution-completed.json", calls.Progress{
			Status: calls.ExecutionCompleted, Total: new(20), Completed: new(18), Failed: new(2), SuccessRate: new(90.0),
			StartedAt: at(t, "2026-08-22T10:01:00Z"), CompletedAt: at(t, "2026-08-22T10:10:05Z"),
			RunTestID: answers.RunTest, RunTestName: text.New("ci-acme-support-1f3a9c2-18734562210-1"),
		}},
		{"documented/execution-running.json", calls.Progress{
			Status: calls.ExecutionRunning, Total: new(20), Completed: new(7), Failed: new(1),
			StartedAt: at(t, "2026-08-22T10:01:00Z"),
			RunTestID: answers.RunTest, RunTestName: text.New("ci-acme-support-1f3a9c2-18734562210-1"),
		}},
		{"deployed/execution-page-running.json", calls.Progress{Status: calls.ExecutionRunning, Total: new(20), AgentType: calls.AgentVoice}},
		{"deployed/execution-page-completed.json", calls.Progress{Status: calls.ExecutionCompleted, Total: new(20), AgentType: calls.AgentVoice}},
		{"deployed/execution-out-of-range.json", calls.Progress{Status: calls.ExecutionCompleted, Total: new(20)}},
		{"deployed/execution-hostile-text.json", calls.Progress{Status: calls.ExecutionCompleted, Total: new(18), AgentType: calls.AgentVoice}},
	}
	for _, c := range cases {
		t.Run(c.sample, func(t *testing.T) {
			t.Parallel()
			reader := dialect.NewAnswers(dialect.NewRedactor(testAPIKey, testSecretKey))
			for calls, pages := range map[bool]dialect.PageReader{false: reader.Status(answers.Execution), true: reader.Calls(answers.Execution)} {
				p, err := pages.Read(strings.NewReader(answers.Sample(t, c.sample)))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(c.want, p.Progress, answers.SameText); diff != "" {
					t.Errorf("calls %t (-want +got):\n%s", calls, diff)
				}
				if !calls && len(p.Calls) > 0 {
					t.Error("a poll keeps calls")
				}
			}
		})
	}
}

func TestDeployedPageNamesItsEvals(t *testing.T) {
	t.Parallel()
	var got []string
	for _, e := range readSample(t, "deployed/execution-page-completed.json").Evals {
		got = append(got, e.Name.Raw())
	}
	want := []string{"agent_words", "escalation_path", "groundedness", "is_helpful", "issue_summary", "resolution_quality", "tone"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRunningCallsHaveEveryStatus(t *testing.T) {
	t.Parallel()
	got := map[calls.Status]bool{}
	for _, c := range readAll(t, readSample(t, "documented/execution-running.json")).Calls.All() {
		got[c.Status] = true
	}
	want := map[calls.Status]bool{calls.Pending: true, calls.Queued: true, calls.Ongoing: true, calls.Analyzing: true, calls.Completed: true, calls.Failed: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHostileTextIsKeptAsItCame(t *testing.T) {
	t.Parallel()
	p := readSample(t, "deployed/execution-hostile-text.json")
	var raw struct {
		Results []struct {
			ID          uuid.UUID `json:"id"`
			Scenario    string    `json:"scenario"`
			EndedReason string    `json:"ended_reason"`
		} `json:"results"`
	}
	if err := json.Unmarshal([]byte(answers.Sample(t, "deployed/execution-hostile-text.json")), &raw); err != nil {
		t.Fatal(err)
	}
	if len(p.Calls) != len(raw.Results) {
		t.Fatalf("got %d calls, want %d", len(p.Calls), len(raw.Results))
	}
	for i, want := range raw.Results {
		got := p.Calls[i]
		if got.ID != want.ID || got.Scenario.Raw() != want.Scenario || got.EndedReason.Raw() != want.EndedReason {
			t.Errorf("got %q, %q, want %q, %q", got.Scenario.Raw(), got.EndedReason.Raw(), want.Scenario, want.EndedReason)
		}
	}
}

// TestEverySampleIsTested fails if no test reads a sample.
func TestEverySampleIsTested(t *testing.T) {
	t.Parallel()
	var tests strings.Builder
	var files []string
	for _, folder := range []string{"", "*/"} {
		found, err := fs.Glob(os.DirFS("."), folder+"*_test.go")
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(b)
	}
	samples, err := fs.Glob(os.DirFS("../testdata"), "d*/*.*")
	if err != nil || len(samples) < 47 {
		t.Fatalf("got %d samples, %v", len(samples), err)
	}
	for _, s := range samples {
		if !strings.Contains(tests.String(), `"`+s+`"`) {
			t.Errorf("no test reads %s", s)
		}
	}
}
