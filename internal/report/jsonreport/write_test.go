package jsonreport

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestJSONLooksAsItDid(t *testing.T) {
	t.Parallel()
	for name, r := range reporttest.Cases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reporttest.Golden(t, name+".json", reporttest.Written(t, Write, r))
		})
	}
}

// repository returns the root of the module.
func repository(t *testing.T) string {
	t.Helper()
	for dir := "."; len(dir) < 50; dir = filepath.Join(dir, "..") {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod")
	return ""
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(filepath.Join(repository(t), "docs", "report.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, name string, report []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(report))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("%s does not keep the schema: %v", name, err)
	}
}

// sameEvidence compares what a judgement can see: all of an eval config except the server's own
// definition, and not Stopped, which a report takes from the verdict.
var sameEvidence = cmp.Options{
	cmp.Transformer("unpacked", func(c verdict.Calls) []verdict.Call {
		return reporttest.Unpacked(report.Report{Evidence: verdict.Evidence{Calls: c}})
	}),
	cmp.AllowUnexported(text.Untrusted{}),
	cmpopts.IgnoreFields(calls.EvalConfig{}, "Definition"),
	cmpopts.IgnoreFields(verdict.Evidence{}, "Stopped"),
}

func TestJSONKeepsTheSchemaAndComesBack(t *testing.T) {
	t.Parallel()
	all := reporttest.Cases()
	for i, s := range reporttest.HostileTexts(t) {
		all[fmt.Sprintf("hostile-%d", i)] = reporttest.Poisoned(s)
	}
	prompt := all["pass"]
	prompt.Evidence.Execution.PromptVersion = text.New("v2")
	all["a prompt"] = prompt
	all["nothing"] = report.Report{Verdict: verdict.Verdict{Kind: verdict.Error, Cause: verdict.CauseConfig}, ExitCode: 2}
	s := schema(t)
	for name, r := range all {
		out := reporttest.Written(t, Write, r)
		validate(t, s, name, out)
		evidence, meta, err := Read(bytes.NewReader(out))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again := r
		again.Evidence = evidence
		if !bytes.Equal(out, reporttest.Written(t, Write, again)) {
			t.Errorf("%s: the report of what was read is another one", name)
		}
		// Comparing every value is slow; comparing what is written from it proves as much.
		if r.Evidence.Budget == (budget.Account{}) {
			evidence.Budget = budget.Account{} // it was added up from the calls
		}
		if r.Evidence.Calls.Len() < 30 && !strings.HasPrefix(name, "hostile-") {
			if diff := cmp.Diff(r.Evidence, evidence, sameEvidence, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: the evidence came back otherwise (-want +got):\n%s", name, diff)
			}
		}
		judged := r.Verdict.Kind != verdict.Error || len(r.Verdict.Checks) > 0
		if stopped := evidence.Stopped; judged != (stopped == nil) || !judged && (stopped.Cause != r.Verdict.Cause || stopped.Reason != r.Verdict.Reason) {
			t.Errorf("%s: stopped came back as %+v", name, stopped)
		}
		if meta.Verdict != r.Verdict.Kind || meta.Cause != r.Verdict.Cause || meta.Reason != r.Verdict.Reason ||
			meta.ExitCode != r.ExitCode || meta.Tool != r.Tool || meta.SoftFail != r.Policy.SoftFail ||
			meta.Confidence != report.Level(r) || meta.DecideOn != r.Rules.DecideOn || meta.IntervalFor != verdict.IntervalForSuite {
			t.Errorf("%s: meta came back as %+v", name, meta)
		}
		if meta.CI.Ref != r.CI.Ref || meta.CI.SHA != r.CI.SHA || meta.CI.PullNumber != r.CI.PullNumber || meta.CI.JobURL != r.CI.JobURL {
			t.Errorf("%s: CI came back as %+v", name, meta.CI)
		}
	}
}

// valueAt returns the value at a path in a report.
func valueAt(t *testing.T, report []byte, path ...any) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(report, &v); err != nil {
		t.Fatal(err)
	}
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.(map[string]any)[p]
		case int:
			v = v.([]any)[p]
		}
	}
	return v
}

func TestJSONUnknownIsNull(t *testing.T) {
	t.Parallel()
	r := reporttest.ErrorBeforeAnyCall()
	r.Verdict.Metrics.Cost.Value = new(math.NaN())
	out := reporttest.Written(t, Write, r)
	for _, path := range [][]any{
		{"run_test", "id"}, {"run_test", "name"}, {"execution", "id"}, {"execution", "status"}, {"execution", "url"},
		{"execution", "started_at"}, {"execution", "server_success_rate"}, {"metrics", "success_rate", "value"},
		{"metrics", "success_rate", "low"}, {"metrics", "cost", "value"}, {"baseline"}, {"flip"},
	} {
		if got := valueAt(t, out, path...); got != nil {
			t.Errorf("%v: got %v, want null", path, got)
		}
	}
	failed := valueAt(t, reporttest.Written(t, Write, reporttest.FlakyRun()), "calls", 0).(map[string]any)
	for _, key := range []string{"overall_score", "duration_seconds", "response_seconds", "cost_cents", "skip_reason", "started_at"} {
		if got, ok := failed[key]; !ok || got != nil {
			t.Errorf("calls[].%s: got %v, want null", key, got)
		}
	}
}

func TestJSONNamesTheBaseline(t *testing.T) {
	t.Parallel()
	out := reporttest.Written(t, Write, reporttest.Inconclusive())
	if got, want := valueAt(t, out, "baseline", "id"), reporttest.ID("baseline", 0).String(); got != want {
		t.Errorf("baseline.id: got %v, want %v", got, want)
	}
	if got := valueAt(t, out, "baseline", "calls"); got != 3.0 {
		t.Errorf("baseline.calls: got %v, want 3", got)
	}
}

func TestJSONTimesAreUTC(t *testing.T) {
	t.Parallel()
	r := reporttest.Passing()
	zone := time.FixedZone("elsewhere", 2*60*60)
	r.Evidence.Timing.StartedAt = r.Evidence.Timing.StartedAt.In(zone)
	r.Evidence.Execution.StartedAt = new(r.Evidence.Execution.StartedAt.In(zone))
	out := reporttest.Written(t, Write, r)
	if got := valueAt(t, out, "timing", "started_at"); got != "2026-08-22T10:00:00Z" {
		t.Errorf("timing.started_at: got %v", got)
	}
	if got := valueAt(t, out, "execution", "started_at"); got != "2026-08-22T10:00:03Z" {
		t.Errorf("execution.started_at: got %v", got)
	}
}

// controls reports whether terminals act on a character beyond ASCII, or on DEL.
func controls(r rune) bool {
	return r > '~' && unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r)
}

func TestJSONShownInALogIsInert(t *testing.T) {
	t.Parallel()
	for _, s := range reporttest.HostileTexts(t) {
		out := string(reporttest.Written(t, Write, reporttest.Poisoned(s)))
		if strings.Contains(out, "##") {
			t.Errorf("%.60q: two number signs in a row", s)
		}
		for line := range strings.Lines(out) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") {
				t.Errorf("%.60q: a line that is a command", s)
			}
		}
		for _, r := range out {
			if r < ' ' && r != '\n' || controls(r) {
				t.Errorf("%.60q: %U stands unescaped", s, r)
			}
		}
	}
}

func TestJSONKeepsEvalsThatShareAnID(t *testing.T) {
	t.Parallel()
	r := reporttest.Passing()
	reporttest.ChangeCall(&r, 0, func(c *verdict.Call) {
		for i, name := range []string{"a", "b", "c"} {
			reporttest.ChangeEval(&c.Evals[i], func(r *calls.EvalResult) { r.ConfigID, r.Name = reporttest.ID("eval", 1), text.New(name) })
		}
	})
	out := reporttest.Written(t, Write, r)
	validate(t, schema(t), "shared id", out)
	evidence, _, err := Read(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Evidence.Calls, evidence.Calls, sameEvidence, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestJSONOfANumberThatIsNoneIsNoResult(t *testing.T) {
	t.Parallel()
	r := reporttest.Passing()
	reporttest.ChangeCall(&r, 0, func(c *verdict.Call) {
		reporttest.ChangeEval(&c.Evals[0], func(r *calls.EvalResult) { r.Value.Number = math.Inf(1) })
	})
	evidence, _, err := Read(bytes.NewReader(reporttest.Written(t, Write, r)))
	if err != nil {
		t.Fatal(err)
	}
	if got := evidence.Calls.At(0).Evals[0].State(); got != calls.EvalEmpty {
		t.Errorf("state: got %q, want %q", got, calls.EvalEmpty)
	}
}

func TestJSONOfManyCallsIsWrittenCallByCall(t *testing.T) {
	t.Parallel()
	r := reporttest.Large(1000, 20)
	longest := 0
	w := writerFunc(func(p []byte) (int, error) { longest = max(longest, len(p)); return len(p), nil })
	if err := Write(w, r); err != nil {
		t.Fatal(err)
	}
	if longest > 64<<10 {
		t.Errorf("one write of %d bytes: the calls are collected before they are written", longest)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
