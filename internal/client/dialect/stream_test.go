package dialect

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

// holdAgainstOracle fails unless the stream reader and the simple one agree on a page.
func holdAgainstOracle(t *testing.T, body string, calls bool) {
	t.Helper()
	secrets := noSecrets()
	want, wantErr := oraclePages{execution: answers.Execution, calls: calls, secrets: secrets}.read(answers.Finite(strings.NewReader(body)))
	inOrder(want.Calls)
	for name, r := range map[string]io.Reader{"at once": strings.NewReader(body), "byte by byte": iotest.OneByteReader(strings.NewReader(body))} {
		got, err := PageReader{execution: answers.Execution, calls: calls, secrets: secrets}.Read(r)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%s: got %v, the plain reader %v\n%.2000q", name, err, wantErr, body)
		}
		if misfit, ok := errors.AsType[*json.UnmarshalTypeError](wantErr); ok && !errors.Is(err, ErrShape) {
			t.Errorf("%s: got %v, the plain reader %v", name, err, misfit)
		}
		if err != nil {
			continue
		}
		inOrder(got.Calls)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(Page{}), answers.SameText); diff != "" {
			t.Fatalf("%s: (-plain +stream):\n%s\n%.2000q", name, diff, body)
		}
	}
}

// inOrder sorts evals with the same name, id and state, whose order is random in the simple
// reader.
func inOrder(list []calls.Call) {
	for _, call := range list {
		slices.SortStableFunc(call.Evals, func(a, b calls.Eval) int {
			return strings.Compare(fmt.Sprintf("%#v", a.Result()), fmt.Sprintf("%#v", b.Result()))
		})
	}
}

// pageSamples are the samples of pages.
var pageSamples = []string{
	"deployed/execution-page-completed.json", "deployed/execution-page-running.json", "deployed/execution-hostile-text.json", "deployed/execution-out-of-range.json",
	"documented/execution-completed.json", "documented/execution-running.json", "documented/execution-page1.json", "documented/execution-page2.json",
}

// odd are values of the wrong kind for a field, and other surprises.
var odd = []string{
	`null`, `true`, `false`, `0`, `-1`, `1.5`, `1e999`, `""`, `" "`, `"x"`, `"5"`, `" 7 "`, `"05"`, `"NaN"`, `"true"`, `"TRUE"`, `"null"`, `{}`, `[]`, `[[]]`, `{"a":1}`, `[null]`,
	`"Passed"`, `"failed"`, `["Passed"]`, `[1,"a",true,null,{}]`, `{"score":0.5,"choice":"x"}`, `{"score":"0.5","choices":["a",1]}`, `{"score":null}`, `{"SCORE":1}`,
	`NaN`, `Infinity`, `-Infinity`, `[NaN]`, `{"score":NaN,"choice":"x"}`, `"-Infinity"`, `"yes"`, `"False"`, `"completed"`, `"Skipped"`, `-7`, `1e400`,
	`"2026-08-22T10:00:00Z"`, `"2026-08-22T10:00:00"`, `"2026-08-22 10:00:00.5+02:00"`, `"\u0041\ud83d"`, `"\ud83d\ude00"`, "\"\xff\"",
	`"a758ede8-419d-4f12-9270-be81e46f4896"`, `" A758EDE8-419d-4f12-9270-be81e46f4896"`, `"\u0061758ede8-419d-4f12-9270-be81e46f4896"`, `{"value":"Passed"}`, `{"output":1,"output_type":"numeric"}`, `{"Value":1}`,
}

// oddRow returns a row with all fields that are read, each with a normal or an odd value, some
// twice, in any order.
func oddRow(random *rand.Rand, n int) string {
	names := []string{
		"id", "status", "scenario", "scenario_id", "overall_score", "duration", "duration_seconds", "response_time", "response_time_ms", "cost_cents", "ended_reason",
		"processing_skipped", "processing_skip_reason", "timestamp", "start_time", "created_at", "transcript", "Status", "ID", `st\u0061tus`, "eval_outputs", "eval_outputs", "rerun_snapshots",
	}
	random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var fields []string
	for _, name := range names[:1+random.IntN(len(names))] {
		value := odd[random.IntN(len(odd))]
		if name == "eval_outputs" && random.IntN(4) > 0 {
			value = oddEvals(random)
		}
		if name == "rerun_snapshots" && random.IntN(4) > 0 {
			value = oddTries(random)
		}
		fields = append(fields, fmt.Sprintf(`"%s": %s`, name, value))
	}
	if random.IntN(20) > 0 {
		fields = append(fields, fmt.Sprintf(`"id": %q`, answers.CallID(n)))
	}
	return "{" + strings.Join(fields, " , ") + "}"
}

// oddTries returns a rerun_snapshots of odd tries.
func oddTries(random *rand.Rand) string {
	known := map[string][]string{
		"status":             {`"failed"`, `"completed"`, `"Completed"`},
		"ended_reason":       {`"Insufficient balance"`, `"call.start.error-x"`, `"no-answer"`, `" Activity task failed "`},
		"snapshot_timestamp": {`"2026-08-22T10:00:00Z"`, `"2026-08-22T11:00:00Z"`, `"2026-08-22T12:00:00Z"`},
		"cost_cents":         {`3`, `0.5`, `"4"`},
		"duration_seconds":   {`30`, `61.5`, `0`},
		"started_at":         {`"2026-08-22T09:59:00Z"`},
		"rerun_type":         {`"call_and_eval"`, `"call_and_eval"`, `"eval_only"`},
		"processing_skipped": {`true`, `false`},
	}
	var tries []string
	for range random.IntN(5) {
		var fields []string
		for _, name := range slices.Sorted(maps.Keys(known)) {
			value := odd[random.IntN(len(odd))]
			if random.IntN(5) > 0 {
				value = known[name][random.IntN(len(known[name]))]
			}
			if random.IntN(5) > 0 {
				fields = append(fields, fmt.Sprintf(`"%s":%s`, name, value))
			}
		}
		tries = append(tries, "{"+strings.Join(fields, ",")+"}")
	}
	return "[" + strings.Join(tries, ",") + "]"
}

// oddEvals returns an eval_outputs of odd entries.
func oddEvals(random *rand.Rand) string {
	names := []string{"value", "output", "type", "output_type", "name", "reason", "error", "status", "skipped", "VALUE", "x"}
	kinds := []string{`"Pass/Fail"`, `"score"`, `"choices"`, `"numeric"`, `"reason"`, `" Score "`}
	var entries []string
	for n := range random.IntN(6) {
		var fields []string
		for _, name := range names {
			if random.IntN(3) > 0 {
				continue
			}
			value := odd[random.IntN(len(odd))]
			if strings.HasSuffix(name, "type") && random.IntN(4) > 0 {
				value = kinds[random.IntN(len(kinds))]
			}
			fields = append(fields, fmt.Sprintf(`"%s":%s`, name, value))
		}
		entry := "{" + strings.Join(fields, ",") + "}"
		if random.IntN(5) == 0 {
			entry = odd[random.IntN(len(odd))]
		}
		key := []string{answers.CallID(n).String(), strings.ToUpper(answers.CallID(n).String()), answers.CallID(0).String(), "by name", `by n\u0061me`, ""}[random.IntN(6)]
		entries = append(entries, fmt.Sprintf(`"%s":%s`, key, entry))
	}
	return "{" + strings.Join(entries, ",") + "}"
}

func TestStreamReadsWhatThePlainReaderReads(t *testing.T) {
	t.Parallel()
	t.Run("samples", func(t *testing.T) {
		t.Parallel()
		for _, name := range pageSamples {
			holdAgainstOracle(t, answers.Sample(t, name), true)
			holdAgainstOracle(t, answers.Sample(t, name), false)
		}
	})
	t.Run("odd rows", func(t *testing.T) {
		t.Parallel()
		random := rand.New(rand.NewPCG(1, 2))
		for range 200 {
			var rows []string
			for n := range random.IntN(4) {
				rows = append(rows, oddRow(random, n))
			}
			holdAgainstOracle(t, answers.DeployedPage(len(rows), 1, "completed", rows...), true)
		}
	})
	t.Run("odd pages", func(t *testing.T) {
		t.Parallel()
		random := rand.New(rand.NewPCG(3, 4))
		names := []string{"id", "status", "count", "total_calls", "results", "calls", "total_pages", "run_test", "agent_type", "success_rate", "started_at", "column_order", "error_reason", "Status"}
		for range 200 {
			fields := []string{`"status": "completed"`, `"results": [` + answers.Row(0, 1) + `]`, `"count": 1`}
			for range random.IntN(6) {
				fields = append(fields, fmt.Sprintf(`"%s": %s`, names[random.IntN(len(names))], odd[random.IntN(len(odd))]))
			}
			random.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
			holdAgainstOracle(t, "{"+strings.Join(fields, ",")+"}", random.IntN(4) > 0)
		}
	})
	t.Run("broken samples", func(t *testing.T) {
		t.Parallel()
		random := rand.New(rand.NewPCG(5, 6))
		for _, name := range pageSamples {
			body := answers.Sample(t, name)
			for range 3 {
				holdAgainstOracle(t, broken(random, body), true)
			}
		}
	})
}

// broken returns a body with a part removed, doubled or overwritten.
func broken(random *rand.Rand, body string) string {
	i := random.IntN(len(body))
	j := min(i+1+random.IntN(50), len(body))
	switch random.IntN(5) {
	case 0:
		return body[:i]
	case 1:
		return body[:i] + body[j:]
	case 2:
		return body[:j] + body[i:]
	case 3:
		return body[:i] + string(rune(random.IntN(256))) + body[i+1:]
	}
	return body[:i] + odd[random.IntN(len(odd))] + body[i:]
}

func FuzzStream(f *testing.F) {
	random := rand.New(rand.NewPCG(7, 8))
	for n := range 20 {
		f.Add(answers.DeployedPage(1, 1, "completed", oddRow(random, n)))
		f.Add(answers.DocumentedPage("1", oddRow(random, n)))
	}
	f.Fuzz(func(t *testing.T, body string) { holdAgainstOracle(t, body, true) })
}

func TestKeysAreTakenOutOfCutTexts(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("4711-abcdef/", 5)
	secrets := NewRedactor(key, "secret/0815+xyz=")
	// The key straddles the end of what is kept, and the keys before it are redacted to so
	// little that the end is not cut again.
	many := strings.Repeat(key, (jsonstream.MaxString+1000)/len(key))
	for _, shift := range []int{0, 7} {
		e := readEval(json.RawMessage(`{"reason": "`+strings.Repeat("x", shift)+many+`"}`), secrets)
		got := strings.Trim(e.Reason.Raw(), "x")
		if strings.Trim(got, "*…") != "" || !strings.HasSuffix(got, "*…") || len(got) >= maxText {
			t.Errorf("got %d bytes that end in %q", len(got), got[max(len(got)-30, 0):])
		}
	}
	for _, escape := range []string{`\\`, `\"`, `\u0041`, `\ud83d\ude00`} {
		for shift := range 3 {
			long := strings.Repeat("x", shift) + strings.Repeat(escape, (jsonstream.MaxString+1000)/len(escape))
			var want string
			if err := json.Unmarshal([]byte(`"`+long+`"`), &want); err != nil {
				t.Fatal(err)
			}
			e := readEval(json.RawMessage(`{"reason": "`+long+`"}`), secrets)
			if got := e.Reason; got != text.New(want).Beginning(maxText) {
				t.Errorf("%q: got %d bytes that end in %q", escape, len(got.Raw()), got.Raw()[len(got.Raw())-20:])
			}
		}
	}
}

func TestTooManyEvalsOfACallAreRefused(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]bool{MaxEvals: true, MaxEvals + 1: false} {
		var entries []string
		for i := range n {
			entries = append(entries, fmt.Sprintf(`"e%d":{}`, i))
		}
		evals, err := rowsOf("{"+strings.Join(entries, ",")+"}", noSecrets()).evalOutputs()
		if (err == nil) != want || want && len(evals) != n {
			t.Errorf("%d evals: got %d, %v", n, len(evals), err)
		}
	}
}
