package dialect

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

// readRow reads a row with these fields.
func readRow(t *testing.T, fields string) calls.Call {
	t.Helper()
	c, err := rowsOf(fmt.Sprintf(`{"id": %q, %s}`, answers.CallID(1), fields), noSecrets()).call()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNumbersThatCannotBeAreAbsent(t *testing.T) {
	t.Parallel()
	for _, value := range []string{`NaN`, `Infinity`, `-Infinity`, `1e400`, `-1e400`, `-7`, `-0.5`, `"-7"`, `"NaN"`, `null`, `"x"`, `{}`} {
		fields := fmt.Sprintf(`"overall_score": %s, "duration": %[1]s, "duration_seconds": %[1]s, "response_time": %[1]s, "response_time_ms": %[1]s,
			"cost_cents": %[1]s, "status": "completed", "scenario": "Refund"`, value)
		want := calls.Call{ID: answers.CallID(1), Status: calls.Completed, Scenario: text.New("Refund")}
		if diff := cmp.Diff(want, readRow(t, fields), answers.SameText); diff != "" {
			t.Errorf("%s (-want +got):\n%s", value, diff)
		}
	}
	odd := readRow(t, `"overall_score": 85, "duration": -7, "duration_seconds": 12, "response_time": NaN, "response_time_ms": 1500, "cost_cents": 0`)
	if *odd.OverallScore != 85 || *odd.DurationSeconds != 12 || *odd.ResponseSeconds != 1.5 || *odd.CostCents != 0 {
		t.Errorf("got %+v, want what is known of it", odd)
	}
}

func TestALengthOfZeroIsBelievedWhenBothFieldsSaySo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, fields string
		want         *float64
	}{
		{"a chat of the hosted runner", `"status": "completed", "duration": 0.0, "duration_seconds": 95`, new(95.0)},
		{"a voice call", `"status": "completed", "duration": 41, "duration_seconds": 41`, new(41.0)},
		{"to the fraction of a second", `"status": "completed", "duration": 9.66, "duration_seconds": 9`, new(9.66)},
		{"a call that was over at once", `"status": "completed", "duration": 0, "duration_seconds": 0`, new(0.0)},
		{"nothing else tells", `"status": "completed", "duration": 0`, nil},
		{"nothing else tells, the other field", `"status": "completed", "duration": null, "duration_seconds": 0`, nil},
		{"the other field is odd", `"status": "completed", "duration": 0, "duration_seconds": -95`, nil},
		{"a call that failed at once", `"status": "failed", "duration": 0`, new(0.0)},
		{"not said", `"status": "completed"`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, readRow(t, c.fields).DurationSeconds); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAStatusThatIsNotKnownIsKeptAndIsNoEnd(t *testing.T) {
	t.Parallel()
	got := readRow(t, `"status": " On_Hold "`).Status
	if got != "on_hold" || got.Terminal() {
		t.Errorf("got %q, terminal %t", got, got.Terminal())
	}
}

func TestTheCostOfACallThatIsPlacedAgainIsNotKnownYet(t *testing.T) {
	t.Parallel()
	got := readRow(t, `"status": "ongoing", "cost_cents": null, "rerun_snapshots": [{"status": "failed", "cost_cents": 20, "duration_seconds": 90, "rerun_type": "call_and_eval"}]`)
	if got.CostCents != nil || got.Reruns != 1 {
		t.Errorf("got a cost of %v after %d reruns", got.CostCents, got.Reruns)
	}
	if want := (calls.Took{Cents: 20, Seconds: 90, Priced: 1, Timed: 1}); got.Earlier != want {
		t.Errorf("the earlier try took %+v, want %+v", got.Earlier, want)
	}
}

// TestCallDetailReadsLikeARow runs the row decoder on the samples of single calls: they have
// the same fields and some more.
func TestCallDetailReadsLikeARow(t *testing.T) {
	t.Parallel()
	read := func(name string) calls.Call {
		c, err := rowsOf(answers.Sample(t, name), noSecrets()).call()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	voice := read("deployed/call-detail-voice.json")
	page, err := NewAnswers(noSecrets()).Calls(answers.Execution).Read(strings.NewReader(answers.Sample(t, "deployed/execution-page-completed.json")))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range page.Calls {
		if c.ID == voice.ID {
			if diff := cmp.Diff(c, voice, answers.SameText); diff != "" {
				t.Errorf("voice (-row +detail):\n%s", diff)
			}
		}
	}
	chat := read("deployed/call-detail-text.json")
	if chat.DurationSeconds == nil || *chat.DurationSeconds != 9.66 || chat.ResponseSeconds != nil || chat.CostCents != nil {
		t.Errorf("got %v, %v, %v", chat.DurationSeconds, chat.ResponseSeconds, chat.CostCents)
	}
}

func TestKeysOfAnotherCaseDecideNothingInMetrics(t *testing.T) {
	t.Parallel()
	metrics, err := readAnswer[metricsAnswer](strings.NewReader(`{"status": "running", "STATUS": "completed", "metrics": {"calls": {"total": 3, "TOTAL": 1}}}`))
	if err != nil || metrics.Status != "running" || *metrics.Metrics.v.Calls.v.Total.v != 3 {
		t.Errorf("got %+v, %v", metrics, err)
	}
}
