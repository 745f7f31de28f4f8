package dialect

import (
	"encoding/json"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
	"github.com/agent-gate/agent-gate/test/answers"
	"github.com/agent-gate/agent-gate/test/benchmark/pages"
)

// realSecrets is a redactor of keys of realistic length.
func realSecrets() *Redactor {
	return NewRedactor("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210")
}

func BenchmarkRead(b *testing.B) {
	secrets := realSecrets()
	for _, shape := range []pages.Shape{pages.Deployed, pages.Documented} {
		body := answers.BigPage(shape, 100)
		spare := &sync.Pool{}
		for _, way := range []struct {
			name string
			read func() error
		}{
			{"copy", func() error {
				_, err := io.Copy(onlyWriter{io.Discard}, onlyReader{strings.NewReader(body)})
				return err
			}},
			{"skip", func() error { return jsonstream.New(strings.NewReader(body)).Skip() }},
			{"stream", func() error {
				_, err := PageReader{execution: answers.Execution, calls: true, secrets: secrets, spare: spare}.Read(strings.NewReader(body))
				return err
			}},
			{"plain", func() error {
				_, err := oraclePages{execution: answers.Execution, calls: true, secrets: secrets}.read(strings.NewReader(body))
				return err
			}},
			{"structs", func() error { return json.NewDecoder(strings.NewReader(body)).Decode(&fullPage{}) }},
			{"any", func() error { var v any; return json.NewDecoder(strings.NewReader(body)).Decode(&v) }},
		} {
			b.Run(string(shape)+"/"+way.name, func(b *testing.B) {
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					if err := way.read(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// fullPage is a page as read by a program that keeps everything.
type fullPage struct {
	Count   int       `json:"count"`
	Status  string    `json:"status"`
	Results []fullRow `json:"results"`
	Calls   []fullRow `json:"calls"`
}

// fullRow is a call with all its fields.
type fullRow struct {
	ID              string              `json:"id"`
	Timestamp       *time.Time          `json:"timestamp"`
	CallType        string              `json:"call_type"`
	Status          string              `json:"status"`
	Duration        *float64            `json:"duration"`
	StartTime       *time.Time          `json:"start_time"`
	CreatedAt       *time.Time          `json:"created_at"`
	Transcript      []fullTurn          `json:"transcript"`
	Scenario        string              `json:"scenario"`
	OverallScore    *float64            `json:"overall_score"`
	ResponseTime    *float64            `json:"response_time"`
	EvalOutputs     map[string]fullEval `json:"eval_outputs"`
	EvalMetrics     map[string]fullEval `json:"eval_metrics"`
	ScenarioColumns map[string]any      `json:"scenario_columns"`
	EndedReason     string              `json:"ended_reason"`
	CallSummary     string              `json:"call_summary"`
	ScenarioID      string              `json:"scenario_id"`
	ScenarioGraph   fullGraph           `json:"scenario_graph"`
	Skipped         bool                `json:"processing_skipped"`
	CostCents       *float64            `json:"cost_cents"`
}

// fullTurn is a turn of a conversation.
type fullTurn struct {
	ID         string    `json:"id"`
	Role       string    `json:"role"`
	Content    string    `json:"content"`
	StartMS    int       `json:"start_time_ms"`
	EndMS      int       `json:"end_time_ms"`
	Confidence float64   `json:"confidence_score"`
	CreatedAt  time.Time `json:"created_at"`
}

// fullEval is an eval of a call.
type fullEval struct {
	Value   any    `json:"value"`
	Reason  string `json:"reason"`
	Type    string `json:"type"`
	Name    string `json:"name"`
	Error   bool   `json:"error"`
	Status  string `json:"status"`
	Skipped bool   `json:"skipped"`
}

// fullGraph is the graph of a scenario.
type fullGraph struct {
	Nodes []struct {
		ID       string             `json:"id"`
		Type     string             `json:"type"`
		Position map[string]float64 `json:"position"`
		Data     struct {
			Label  string `json:"label"`
			Prompt string `json:"prompt"`
		} `json:"data"`
		Edges []struct {
			Source    string `json:"source"`
			Target    string `json:"target"`
			Condition string `json:"condition"`
		} `json:"edges"`
	} `json:"nodes"`
}

// onlyReader and onlyWriter hide the methods that let io.Copy avoid copying.
type (
	onlyReader struct{ io.Reader }
	onlyWriter struct{ io.Writer }
)

// TestReadingAllocatesLittle limits the allocations per call, and with them the collector's
// work. A call with 5 evals needs about 28: its numbers and times, its results and their
// reasons, redaction, and decoding its labels. The race detector makes a sync.Pool drop some of
// its values, which costs a few more.
//
//nolint:paralleltest // other tests would be counted too
func TestReadingAllocatesLittle(t *testing.T) {
	secrets := realSecrets()
	for shape, most := range map[pages.Shape]float64{pages.Deployed: 36, pages.Documented: 30} {
		body := answers.BigPage(shape, 100)
		reader := PageReader{execution: answers.Execution, calls: true, secrets: secrets, spare: &sync.Pool{}}
		got := testing.AllocsPerRun(10, func() {
			if _, err := reader.Read(strings.NewReader(body)); err != nil {
				t.Fatal(err)
			}
		}) / pageRoom
		t.Logf("%s: %.1f allocations a call", shape, got)
		if got > most {
			t.Errorf("%s: %.1f allocations a call, at most %.0f are allowed", shape, got, most)
		}
	}
}
