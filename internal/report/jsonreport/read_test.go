package jsonreport

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestReadJSONRefusesWhatIsNoReport(t *testing.T) {
	t.Parallel()
	good := string(reporttest.Written(t, Write, reporttest.Passing()))
	callID := reporttest.Passing().Evidence.Calls.At(0).ID.String()
	callLine := func() string {
		for line := range strings.Lines(good) {
			if strings.Contains(line, `{"id":"`+callID) {
				return strings.TrimSuffix(strings.TrimSpace(line), ",")
			}
		}
		return ""
	}()
	replace := func(old, new string) string {
		t.Helper()
		if !strings.Contains(good, old) {
			t.Fatalf("the report has no %s", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for name, c := range map[string]struct{ report, want string }{
		"empty":                {"", "is cut off"},
		"not JSON":             {"verdict: pass", "not a JSON object: not JSON at byte"},
		"an array":             {"[]", "not a JSON object"},
		"another JSON":         {"{}", "schema is missing"},
		"another schema":       {replace(schemaID, "agent-gate/report/v2"), `its schema is "agent-gate/report/v2"`},
		"no schema":            {replace(`"schema": "`+schemaID+`",`, ""), "schema is missing"},
		"schema is a number":   {replace(`"`+schemaID+`"`, "1"), "schema: a value cannot be number"},
		"cut off":              {good[:len(good)/2], "is cut off"},
		"something behind":     {good + "{}", "more data after the end"},
		"NaN":                  {replace(`"overall_score":9`, `"overall_score":NaN`), "calls: not JSON at byte"},
		"NaN as text":          {replace(`"overall_score":9`, `"overall_score":"NaN"`), "calls: overall_score cannot be string"},
		"too large a number":   {replace(`"overall_score":9`, `"overall_score":1e999`), "cannot be number 1e999"},
		"a call twice":         {replace(callLine, callLine+","+callLine), "call " + callID + ": it stands in the report twice"},
		"a key twice":          {replace(`"calls": [`, `"calls": [], "calls": [`), "calls appears twice"},
		"calls is null":        {replace(`"baseline": null`, `"x": null`)[:0] + strings.Replace(good, good[strings.Index(good, `"calls": [`):strings.Index(good, `"reruns"`)], `"calls": null, `, 1), "calls: [ expected"},
		"call without id":      {replace(`{"id":"`+callID+`"`, `{"id":null`), "it has no id"},
		"id is no id":          {replace(callID, "123"), "invalid UUID"},
		"no attempts":          {replace(`"attempts":1`, `"attempts":0`), "attempts is 0"},
		"unknown outcome":      {replace(`"first_outcome":"succeeded"`, `"first_outcome":"fine"`), `first_outcome is "fine"`},
		"no status":            {replace(`"status":"completed","outcome"`, `"status":"","outcome"`), "it has no status"},
		"unknown eval state":   {replace(`"state":"scored"`, `"state":"good"`), `state is "good"`},
		"unknown eval kind":    {replace(`"kind":"score"`, `"kind":"stars"`), `kind is "stars"`},
		"pass without passed":  {replace(`"kind":"pass","passed":true`, `"kind":"pass","passed":null`), "passed is missing"},
		"score without number": {replace(`"number":0.81`, `"number":null`), "number is missing"},
		"scored without kind":  {replace(`"kind":"score"`, `"kind":null`), "it is scored but has no kind"},
		"calls left out":       {replace(callLine+",", ""), "its calls do not match its counts: counts.total is 3, but the calls add up to 2"},
		"no calls":             {strings.Replace(good, good[strings.Index(good, `"calls": [`):strings.Index(good, `"reruns"`)], `"calls": [], `, 1), "counts.total is 3, but the calls add up to 0"},
		"another status":       {replace(`"status":"completed","outcome"`, `"status":"failed","outcome"`), "counts.completed is 3, but the calls add up to 2"},
		"a score left out":     {replace(`"overall_score":9`, `"overall_score":null`), "counts.scored is 3, but the calls add up to 2"},
		"an end made up":       {replace(`"ended_reason":"customer-ended-call"`, `"ended_reason":"Error processing simulation"`), "counts.failed and lost is 0, but the calls add up to 1"},
		"a rerun made up":      {replace(`"first_outcome":"succeeded","attempts":1`, `"first_outcome":"failed","attempts":2`), "counts.flaky is 0, but the calls add up to 1"},
		"unknown execution":    {replace(`"execution":0`, `"execution":7`), "the report does not list its execution 7"},
		"reruns made up":       {replace(`"rerun_attempts": 1`, `"rerun_attempts": -1`), "-1 rerun attempts are impossible"},
		"unknown rerun type":   {replace(`"rerun_type": "auto"`, `"rerun_type": "all"`), `rerun_type is "all"`},
		"a word as an amount":  {replace(`"rerun_max_calls": "25%"`, `"rerun_max_calls": "$(x)"`), "neither a number nor a percentage"},
		"too many new evals":   {replace(`"new_eval_config_ids": []`, `"new_eval_config_ids": [`+strings.Repeat(`"`+callID+`",`, 1000)+`"`+callID+`"]`), "more than 1000 new evals"},
		"no counts":            {replace(`"counts": {`, `"x": {`), "counts is missing"},
		"counts are null":      {replace(`"counts": {`, `"counts": null, "x": {`), "counts.total is 0, but the calls add up to 3"},
		"unknown verdict":      {replace(`"verdict": "pass"`, `"verdict": "green"`), `verdict is "green"`},
		"unknown dialect":      {replace(`"dialect": "documented"`, `"dialect": "third"`), `execution: dialect is "third"`},
		"hostile key":          {`{"schema":"agent-gate/report/v1","##[error]x":1,"##[error]x":2}`, `#\#[error]x appears twice`},
	} {
		_, _, err := Read(strings.NewReader(c.report))
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		if !strings.HasPrefix(err.Error(), "read the JSON report: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %q, want %q in it", name, err, c.want)
		}
	}
}

func TestReadJSONPassesOverNewKeys(t *testing.T) {
	t.Parallel()
	report := strings.Replace(string(reporttest.Written(t, Write, reporttest.Passing())), `"baseline": null`, `"baseline": {"id": [1, {"a": 2}]}, "later": "x"`, 1)
	evidence, _, err := Read(strings.NewReader(report))
	if err != nil {
		t.Fatal(err)
	}
	if evidence.Calls.Len() != 3 {
		t.Errorf("%d calls, want 3", evidence.Calls.Len())
	}
}

// TestWhatDecidedComesBack is about what explain tells, which it cannot judge without the baseline.
func TestWhatDecidedComesBack(t *testing.T) {
	t.Parallel()
	type told struct {
		Criterion string
		Scope     text.Untrusted
		Value     verdict.Estimate
		Outcome   verdict.CheckOutcome
		Detail    text.Untrusted
		Unknown   int
	}
	tell := func(checks []verdict.Check) (all []told) {
		for _, c := range checks {
			if report.ComparesWithBaseline(c) {
				c.Value.Unit = criteria.UnitPoints
			}
			all = append(all, told{c.Criterion, c.Scope, c.Value, c.Outcome, c.Detail, c.Unknown})
		}
		return all
	}
	for name, r := range reporttest.Cases() {
		r.Settings = &report.Settings{RerunAttempts: 2, RerunType: calls.RerunEvalOnly, RerunMaxCalls: "3", NewEvals: []uuid.UUID{uuid.Max}}
		_, meta, err := Read(bytes.NewReader(reporttest.Written(t, Write, r)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tell(report.AllChecks(r)), tell(meta.Checks), cmp.AllowUnexported(text.Untrusted{})); diff != "" {
			t.Errorf("%s: the checks came back otherwise (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(r.Settings, meta.Settings); diff != "" || meta.Flip != r.Verdict.Flip {
			t.Errorf("%s: got the flip %q and settings (-want +got):\n%s", name, meta.Flip.Raw(), diff)
		}
		if b := r.Rules.Baseline; (b == nil) != (meta.Baseline == nil) || b != nil && b.Execution.ID != meta.Baseline.ID {
			t.Errorf("%s: the baseline came back as %+v", name, meta.Baseline)
		}
	}
}

func TestChecksOfAnotherVersionAreNotTold(t *testing.T) {
	t.Parallel()
	good := string(reporttest.Written(t, Write, reporttest.Passing()))
	for _, other := range []string{`"outcome":"perhaps"`, `"outcome":7`} {
		evidence, meta, err := Read(strings.NewReader(strings.Replace(good, `"outcome":"met"`, other, 1)))
		if err != nil || evidence.Calls.Len() != 3 || meta.Checks != nil {
			t.Errorf("%s: %d calls, checks %v, error %v", other, evidence.Calls.Len(), meta.Checks, err)
		}
	}
}

// Earlier versions counted scores on unknown scales as scores.
func TestReadJSONTakesCountsWithAndWithoutOddScores(t *testing.T) {
	t.Parallel()
	odd := strings.Replace(string(reporttest.Written(t, Write, reporttest.Passing())), `"overall_score":9`, `"overall_score":85`, 1)
	for scored, good := range map[string]bool{"3": true, "2": true, "1": false, "4": false} {
		report := strings.Replace(odd, `"scored": 3`, `"scored": `+scored, 1)
		evidence, _, err := Read(strings.NewReader(report))
		if (err == nil) != good {
			t.Errorf("%s scored: got error %v", scored, err)
		}
		if n := evidence.Counts().Scored; good && n != 2 {
			t.Errorf("%s scored: the calls have %d scores, want 2", scored, n)
		}
	}
}

func TestReadJSONOrdersCalls(t *testing.T) {
	t.Parallel()
	r := reporttest.Large(50, 3)
	want := r.Evidence
	shuffled := r
	calls := reporttest.Unpacked(r)
	slices.Reverse(calls)
	shuffled.Evidence.Calls = reporttest.Packed(calls...)
	got, _, err := Read(bytes.NewReader(reporttest.Written(t, Write, shuffled)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Calls, got.Calls, sameEvidence, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestReadJSONCapsTheSize(t *testing.T) {
	t.Parallel()
	report := reporttest.Written(t, Write, reporttest.Passing())
	if _, _, err := readUpTo(bytes.NewReader(report), int64(len(report))); err != nil {
		t.Errorf("a report of just the limit: %v", err)
	}
	_, _, err := readUpTo(bytes.NewReader(report), int64(len(report))-1)
	if err == nil || !strings.Contains(err.Error(), "larger than the limit") {
		t.Errorf("a report of one byte more: got %v", err)
	}
	endless := io.MultiReader(strings.NewReader(`{"schema":"`+schemaID+`","x":"`), endlessText{})
	if _, _, err := readUpTo(endless, 1<<20); err == nil || !strings.Contains(err.Error(), "larger than the limit of 1 MiB") {
		t.Errorf("an endless report: got %v", err)
	}
}

type endlessText struct{}

func (endlessText) Read(p []byte) (int, error) {
	return copy(p, bytes.Repeat([]byte("a"), len(p))), nil
}

func TestTurnsOfARoleThatNobodyKnowsAreNoReport(t *testing.T) {
	t.Parallel()
	out := strings.Replace(string(reporttest.Written(t, Write, reporttest.WithTranscripts(reporttest.Failing()))), `"role":"customer"`, `"role":"judge"`, 1)
	if _, _, err := Read(strings.NewReader(out)); err == nil || !strings.Contains(err.Error(), `transcript: role is "judge"`) {
		t.Errorf("got %v", err)
	}
}

func FuzzReadJSON(f *testing.F) {
	one := reporttest.Passing()
	one.Evidence.Calls = reporttest.Packed(reporttest.Unpacked(one)[:1]...)
	for _, r := range []report.Report{one, reporttest.ErrorBeforeAnyCall()} {
		var b bytes.Buffer
		if err := Write(&b, r); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte(`{"schema":"agent-gate/report/v1"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		evidence, meta, err := Read(bytes.NewReader(in))
		if err != nil {
			for _, r := range err.Error() {
				if r < ' ' || controls(r) {
					t.Errorf("the error holds %U: %q", r, err)
				}
			}
			return
		}
		again := report.Report{Evidence: evidence, CI: meta.CI, Tool: meta.Tool, Verdict: verdict.Errored("", text.Untrusted{}, evidence, verdict.Rules{})}
		back, _, err := Read(bytes.NewReader(reporttest.Written(t, Write, again)))
		if err != nil {
			t.Fatalf("a report that was read and written cannot be read: %v", err)
		}
		if diff := cmp.Diff(evidence, back, sameEvidence, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-first +second):\n%s", diff)
		}
	})
}
