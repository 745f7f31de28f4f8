package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func jsonOf(t *testing.T, r Report) []byte {
	t.Helper()
	return Render(t, func(w io.Writer) error { return JSON(w, r) })
}

func TestJSONLooksAsItDid(t *testing.T) {
	t.Parallel()
	for name, r := range Cases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Golden(t, name+".json", jsonOf(t, r))
		})
	}
}

// repository is the folder of the module.
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

// sameEvidence compares what a judgement can see: of an eval config everything but the
// server's own definition, and not Stopped, which a report takes from the verdict.
var sameEvidence = cmp.Options{
	cmp.Transformer("unpacked", func(c verdict.Calls) []verdict.Call { return Unpacked(Report{Evidence: verdict.Evidence{Calls: c}}) }),
	cmp.AllowUnexported(text.Untrusted{}),
	cmpopts.IgnoreFields(client.EvalConfig{}, "Definition"),
	cmpopts.IgnoreFields(verdict.Evidence{}, "Stopped"),
}

func TestJSONKeepsTheSchemaAndComesBack(t *testing.T) {
	t.Parallel()
	all := Cases()
	for i, s := range HostileTexts(t) {
		all[fmt.Sprintf("hostile-%d", i)] = Poisoned(s)
	}
	all["nothing"] = Report{Verdict: verdict.Verdict{Kind: verdict.Error, Cause: verdict.CauseConfig}, ExitCode: 2}
	s := schema(t)
	for name, r := range all {
		out := jsonOf(t, r)
		validate(t, s, name, out)
		evidence, meta, err := ReadJSON(bytes.NewReader(out))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again := r
		again.Evidence = evidence
		if !bytes.Equal(out, jsonOf(t, again)) {
			t.Errorf("%s: the report of what was read is another one", name)
		}
		// To compare every value is slow; what is written from it says as much.
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
			meta.Confidence != Level(r) || meta.DecideOn != r.Rules.DecideOn {
			t.Errorf("%s: meta came back as %+v", name, meta)
		}
		if meta.CI.Ref != r.CI.Ref || meta.CI.SHA != r.CI.SHA || meta.CI.PullNumber != r.CI.PullNumber || meta.CI.JobURL != r.CI.JobURL {
			t.Errorf("%s: CI came back as %+v", name, meta.CI)
		}
	}
}

// valueAt reads one value of a report by its path.
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
	r := ErrorBeforeAnyCall()
	r.Verdict.Metrics.Cost.Value = new(math.NaN())
	out := jsonOf(t, r)
	for _, path := range [][]any{
		{"run_test", "id"}, {"run_test", "name"}, {"execution", "id"}, {"execution", "status"}, {"execution", "url"},
		{"execution", "started_at"}, {"execution", "server_success_rate"}, {"metrics", "success_rate", "value"},
		{"metrics", "success_rate", "low"}, {"metrics", "cost", "value"}, {"baseline"}, {"flip"},
	} {
		if got := valueAt(t, out, path...); got != nil {
			t.Errorf("%v: got %v, want null", path, got)
		}
	}
	failed := valueAt(t, jsonOf(t, FlakyRun()), "calls", 0).(map[string]any)
	for _, key := range []string{"overall_score", "duration_seconds", "response_seconds", "cost_cents", "skip_reason", "started_at"} {
		if got, ok := failed[key]; !ok || got != nil {
			t.Errorf("calls[].%s: got %v, want null", key, got)
		}
	}
}

func TestJSONNamesTheBaseline(t *testing.T) {
	t.Parallel()
	out := jsonOf(t, Inconclusive())
	if got, want := valueAt(t, out, "baseline", "id"), ID("baseline", 0).String(); got != want {
		t.Errorf("baseline.id: got %v, want %v", got, want)
	}
	if got := valueAt(t, out, "baseline", "calls"); got != 3.0 {
		t.Errorf("baseline.calls: got %v, want 3", got)
	}
}

func TestJSONTimesAreUTC(t *testing.T) {
	t.Parallel()
	r := Passing()
	zone := time.FixedZone("elsewhere", 2*60*60)
	r.Evidence.Timing.StartedAt = r.Evidence.Timing.StartedAt.In(zone)
	r.Evidence.Execution.StartedAt = new(r.Evidence.Execution.StartedAt.In(zone))
	out := jsonOf(t, r)
	if got := valueAt(t, out, "timing", "started_at"); got != "2026-08-22T10:00:00Z" {
		t.Errorf("timing.started_at: got %v", got)
	}
	if got := valueAt(t, out, "execution", "started_at"); got != "2026-08-22T10:00:03Z" {
		t.Errorf("execution.started_at: got %v", got)
	}
}

// controls reports whether a terminal obeys a character beyond ASCII, or DEL.
func controls(r rune) bool {
	return r > '~' && unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r)
}

func TestJSONShownInALogIsInert(t *testing.T) {
	t.Parallel()
	for _, s := range HostileTexts(t) {
		out := string(jsonOf(t, Poisoned(s)))
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
	r := Passing()
	ChangeCall(&r, 0, func(c *verdict.Call) {
		for i, name := range []string{"a", "b", "c"} {
			AlterEval(&c.Evals[i], func(r *client.EvalResult) { r.ConfigID, r.Name = ID("eval", 1), text.New(name) })
		}
	})
	out := jsonOf(t, r)
	validate(t, schema(t), "shared id", out)
	evidence, _, err := ReadJSON(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Evidence.Calls, evidence.Calls, sameEvidence, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestJSONOfANumberThatIsNoneIsNoResult(t *testing.T) {
	t.Parallel()
	r := Passing()
	ChangeCall(&r, 0, func(c *verdict.Call) {
		AlterEval(&c.Evals[0], func(r *client.EvalResult) { r.Value.Number = math.Inf(1) })
	})
	evidence, _, err := ReadJSON(bytes.NewReader(jsonOf(t, r)))
	if err != nil {
		t.Fatal(err)
	}
	if got := evidence.Calls.At(0).Evals[0].State(); got != client.EvalEmpty {
		t.Errorf("state: got %q, want %q", got, client.EvalEmpty)
	}
}

func TestReadJSONRefusesWhatIsNoReport(t *testing.T) {
	t.Parallel()
	good := string(jsonOf(t, Passing()))
	callID := Passing().Evidence.Calls.At(0).ID.String()
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
		"empty":                {"", "ends too early"},
		"not JSON":             {"verdict: pass", "not a JSON object: not JSON at byte"},
		"an array":             {"[]", "not a JSON object"},
		"another JSON":         {"{}", "schema is missing"},
		"another schema":       {replace(Schema, "agent-gate/report/v2"), `its schema is "agent-gate/report/v2"`},
		"no schema":            {replace(`"schema": "`+Schema+`",`, ""), "schema is missing"},
		"schema is a number":   {replace(`"`+Schema+`"`, "1"), "schema: a value cannot be number"},
		"cut off":              {good[:len(good)/2], "ends too early"},
		"something behind":     {good + "{}", "something follows"},
		"NaN":                  {replace(`"overall_score":9`, `"overall_score":NaN`), "calls: not JSON at byte"},
		"NaN as text":          {replace(`"overall_score":9`, `"overall_score":"NaN"`), "calls: overall_score cannot be string"},
		"too large a number":   {replace(`"overall_score":9`, `"overall_score":1e999`), "cannot be number 1e999"},
		"a call twice":         {replace(callLine, callLine+","+callLine), "call " + callID + ": it stands in the report twice"},
		"a key twice":          {replace(`"calls": [`, `"calls": [], "calls": [`), "calls stands in it twice"},
		"calls is null":        {replace(`"baseline": null`, `"x": null`)[:0] + strings.Replace(good, good[strings.Index(good, `"calls": [`):strings.Index(good, `"reruns"`)], `"calls": null, `, 1), "calls: [ expected"},
		"call without id":      {replace(`{"id":"`+callID+`"`, `{"id":null`), "it has no id"},
		"id is no id":          {replace(callID, "123"), "invalid UUID"},
		"no attempts":          {replace(`"attempts":1`, `"attempts":0`), "attempts is 0"},
		"unknown outcome":      {replace(`"first_outcome":"succeeded"`, `"first_outcome":"fine"`), `first_outcome is "fine"`},
		"no status":            {replace(`"status":"completed"`, `"status":""`), "it has no status"},
		"unknown eval state":   {replace(`"state":"scored"`, `"state":"good"`), `state is "good"`},
		"unknown eval kind":    {replace(`"kind":"score"`, `"kind":"stars"`), `kind is "stars"`},
		"pass without passed":  {replace(`"kind":"pass","passed":true`, `"kind":"pass","passed":null`), "it has no passed"},
		"score without number": {replace(`"number":0.81`, `"number":null`), "it has no number"},
		"scored without kind":  {replace(`"kind":"score"`, `"kind":null`), "it is scored and has no kind"},
		"calls left out":       {replace(callLine+",", ""), "its calls are not those that it counts: counts.total is 3, and the calls make 2"},
		"no calls":             {strings.Replace(good, good[strings.Index(good, `"calls": [`):strings.Index(good, `"reruns"`)], `"calls": [], `, 1), "counts.total is 3, and the calls make 0"},
		"another status":       {replace(`"status":"completed"`, `"status":"failed"`), "counts.completed is 3, and the calls make 2"},
		"a score left out":     {replace(`"overall_score":9`, `"overall_score":null`), "counts.scored is 3, and the calls make 2"},
		"an end made up":       {replace(`"ended_reason":"customer-ended-call"`, `"ended_reason":"Error processing simulation"`), "counts.failed and lost is 0, and the calls make 1"},
		"a rerun made up":      {replace(`"first_outcome":"succeeded","attempts":1`, `"first_outcome":"failed","attempts":2`), "counts.flaky is 0, and the calls make 1"},
		"no counts":            {replace(`"counts": {`, `"x": {`), "counts is missing"},
		"counts are null":      {replace(`"counts": {`, `"counts": null, "x": {`), "counts.total is 0, and the calls make 3"},
		"unknown verdict":      {replace(`"verdict": "pass"`, `"verdict": "green"`), `verdict is "green"`},
		"unknown dialect":      {replace(`"dialect": "documented"`, `"dialect": "third"`), `execution: dialect is "third"`},
		"hostile key":          {`{"schema":"agent-gate/report/v1","##[error]x":1,"##[error]x":2}`, `#\#[error]x stands in it twice`},
	} {
		_, _, err := ReadJSON(strings.NewReader(c.report))
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
	report := strings.Replace(string(jsonOf(t, Passing())), `"baseline": null`, `"baseline": {"id": [1, {"a": 2}]}, "later": "x"`, 1)
	evidence, _, err := ReadJSON(strings.NewReader(report))
	if err != nil {
		t.Fatal(err)
	}
	if evidence.Calls.Len() != 3 {
		t.Errorf("%d calls, want 3", evidence.Calls.Len())
	}
}

// Earlier versions counted scores on no known scale as scores.
func TestReadJSONTakesCountsWithAndWithoutOddScores(t *testing.T) {
	t.Parallel()
	odd := strings.Replace(string(jsonOf(t, Passing())), `"overall_score":9`, `"overall_score":85`, 1)
	for scored, good := range map[string]bool{"3": true, "2": true, "1": false, "4": false} {
		report := strings.Replace(odd, `"scored": 3`, `"scored": `+scored, 1)
		evidence, _, err := ReadJSON(strings.NewReader(report))
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
	r := Large(50, 3)
	want := r.Evidence
	shuffled := r
	calls := Unpacked(r)
	slices.Reverse(calls)
	shuffled.Evidence.Calls = Packed(calls...)
	got, _, err := ReadJSON(bytes.NewReader(jsonOf(t, shuffled)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Calls, got.Calls, sameEvidence, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestReadJSONCapsTheSize(t *testing.T) {
	t.Parallel()
	report := jsonOf(t, Passing())
	if _, _, err := readUpTo(bytes.NewReader(report), int64(len(report))); err != nil {
		t.Errorf("a report of just the limit: %v", err)
	}
	_, _, err := readUpTo(bytes.NewReader(report), int64(len(report))-1)
	if err == nil || !strings.Contains(err.Error(), "larger than the limit") {
		t.Errorf("a report of one byte more: got %v", err)
	}
	endless := io.MultiReader(strings.NewReader(`{"schema":"`+Schema+`","x":"`), endlessText{})
	if _, _, err := readUpTo(endless, 1<<20); err == nil || !strings.Contains(err.Error(), "larger than the limit of 1 MiB") {
		t.Errorf("an endless report: got %v", err)
	}
}

type endlessText struct{}

func (endlessText) Read(p []byte) (int, error) {
	return copy(p, bytes.Repeat([]byte("a"), len(p))), nil
}

func TestJSONOfManyCallsIsWrittenCallByCall(t *testing.T) {
	t.Parallel()
	r := Large(1000, 20)
	longest := 0
	w := writerFunc(func(p []byte) (int, error) { longest = max(longest, len(p)); return len(p), nil })
	if err := JSON(w, r); err != nil {
		t.Fatal(err)
	}
	if longest > 64<<10 {
		t.Errorf("one write of %d bytes: the calls are collected before they are written", longest)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func FuzzReadJSON(f *testing.F) {
	one := Passing()
	one.Evidence.Calls = Packed(Unpacked(one)[:1]...)
	for _, r := range []Report{one, ErrorBeforeAnyCall()} {
		var b bytes.Buffer
		if err := JSON(&b, r); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte(`{"schema":"agent-gate/report/v1"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		evidence, meta, err := ReadJSON(bytes.NewReader(in))
		if err != nil {
			for _, r := range err.Error() {
				if r < ' ' || controls(r) {
					t.Errorf("the error holds %U: %q", r, err)
				}
			}
			return
		}
		again := Report{Evidence: evidence, CI: meta.CI, Tool: meta.Tool, Verdict: verdict.Errored("", text.Untrusted{}, evidence, verdict.Rules{})}
		back, _, err := ReadJSON(bytes.NewReader(jsonOf(t, again)))
		if err != nil {
			t.Fatalf("a report that was read and written cannot be read: %v", err)
		}
		if diff := cmp.Diff(evidence, back, sameEvidence, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-first +second):\n%s", diff)
		}
	})
}

func TestTurnsOfARoleThatNobodyKnowsAreNoReport(t *testing.T) {
	t.Parallel()
	out := strings.Replace(string(jsonOf(t, WithTranscripts(Failing()))), `"role":"customer"`, `"role":"judge"`, 1)
	if _, _, err := ReadJSON(strings.NewReader(out)); err == nil || !strings.Contains(err.Error(), `transcript: role is "judge"`) {
		t.Errorf("got %v", err)
	}
}
