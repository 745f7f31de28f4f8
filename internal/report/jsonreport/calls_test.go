package jsonreport

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// byEncodingJSON encodes a call with encoding/json.
func byEncodingJSON(t *testing.T, c verdict.Call, m callMark) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(callJSON(c, m)); err != nil {
		t.Fatal(err)
	}
	return string(report.Inert(bytes.TrimRight(b.Bytes(), "\n")))
}

func TestCallsAreWrittenAsEncodingJSONWould(t *testing.T) {
	t.Parallel()
	all := []report.Report{reporttest.Failing(), reporttest.FlakyRun(), reporttest.Interrupted(), reporttest.Minimal(), reporttest.Gaps(), reporttest.Large(300, 8)}
	for _, s := range append(reporttest.HostileTexts(t), "", "a ##[error] b", "<&>", "\u2028", "\xff", "#") {
		all = append(all, reporttest.Poisoned(s))
	}
	odd := reporttest.Unpacked(reporttest.Failing())
	for i, v := range []float64{0, math.Copysign(0, -1), 1e-6, 9.9e-7, 1e21, -1e20, 0.1, 1.0 / 3, math.MaxFloat64, math.SmallestNonzeroFloat64, math.NaN(), math.Inf(-1)} {
		c := &odd[i]
		c.OverallScore, c.CostCents, c.Attempts = &v, &v, -i
		if len(c.Evals) > 0 {
			reporttest.ChangeEval(&c.Evals[0], func(r *calls.EvalResult) { r.Value = calls.EvalValue{Kind: calls.ValueScore, Number: v} })
		}
		c.StartedAt = new(time.Date(1+i*800, 1, 2, 3, 4, 5, i*1000, time.FixedZone("", 3600*i)))
		c.UpdatedAt = new(time.Time{})
	}
	for _, c := range reporttest.Unpacked(reporttest.Failing()) {
		if len(c.Evals) > 1 {
			reporttest.ChangeEval(&c.Evals[1], func(r *calls.EvalResult) { r.ConfigID = c.Evals[0].ConfigID() })
		}
		odd = append(odd, c)
	}
	for _, r := range all {
		odd = append(odd, reporttest.Unpacked(r)...)
	}
	for i, c := range odd {
		var j jsonBuffer
		m := callMark{outcome: c.Outcome(), passed: []*bool{nil, new(true), new(false)}[i%3], trial: 1 + i%2, plays: text.New([]string{"", "Refund #2", "<b>"}[i%3])}
		j.call(&c, m)
		if want := byEncodingJSON(t, c, m); string(j.b) != want || j.err != nil {
			t.Fatalf("got  %s\nwant %s\nerror %v", j.b, want, j.err)
		}
	}
}

func FuzzCallJSON(f *testing.F) {
	f.Add("Refund", "##[error]", 7.5, int64(1755856800), true)
	f.Fuzz(func(t *testing.T, name, reason string, score float64, at int64, passed bool) {
		c := verdict.Call{Call: calls.Call{
			ID: reporttest.ID("call", 1), Scenario: text.New(name), Status: calls.Status(reason), EndedReason: text.New(reason),
			OverallScore: &score, StartedAt: new(time.Unix(at%200_000_000_000, at%1000).UTC()), ProcessingSkipped: passed,
			Evals: []calls.Eval{
				calls.NewEval(calls.EvalResult{ConfigID: reporttest.ID("eval", 2), Name: text.New(name), State: calls.EvalScored, Value: calls.EvalValue{Kind: calls.ValueScore, Number: score}}),
				calls.NewEval(calls.EvalResult{ConfigID: reporttest.ID("eval", 1), Reason: text.New(reason), State: calls.EvalScored, Value: calls.EvalValue{Kind: calls.ValuePass, Passed: passed}}),
				calls.NewEval(calls.EvalResult{ConfigID: reporttest.ID("eval", 3), State: calls.EvalErrored, Value: calls.EvalValue{Labels: []text.Untrusted{text.New(name)}}}),
			},
		}}
		var j jsonBuffer
		m := callMark{outcome: c.Outcome(), passed: &passed}
		j.call(&c, m)
		if want := byEncodingJSON(t, c, m); string(j.b) != want {
			t.Errorf("got  %s\nwant %s", j.b, want)
		}
	})
}

func TestReasonsOfEvalsAreBounded(t *testing.T) {
	t.Parallel()
	e := calls.NewEval(calls.EvalResult{ConfigID: reporttest.ID("eval", 1), State: calls.EvalScored, Reason: text.New(strings.Repeat("ü", 10_000))})
	c := verdict.Call{Call: calls.Call{ID: reporttest.ID("call", 1), Evals: []calls.Eval{e}}}
	var j jsonBuffer
	j.call(&c, callMark{outcome: c.Outcome()})
	if len(j.b) > reasonLimit+2000 || !json.Valid(j.b) {
		t.Errorf("the call takes %d bytes", len(j.b))
	}
	if want := byEncodingJSON(t, c, callMark{outcome: c.Outcome()}); string(j.b) != want {
		t.Errorf("got  %s\nwant %s", j.b, want)
	}
}
