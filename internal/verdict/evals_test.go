package verdict

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
)

// mixed has ten successful calls, of which one eval passed 7, failed 1, and has no result
// on 2; and a failed call that does not count.
func mixed() Evidence {
	return runOf(all(
		times(7, call("A", passing("e"))),
		times(1, call("A", failing("e"))),
		times(1, call("A", unjudged("e", calls.EvalPending))),
		times(1, call("A", unjudged("e", calls.EvalErrored))),
		times(1, call("A", failed, failing("e"))),
	)...)
}

func TestPassRateWithMissingResults(t *testing.T) {
	t.Parallel()
	// 7 of 10 for sure, 9 of 10 at best.
	cases := map[string]CheckOutcome{
		">= 70": Met, ">= 70.1": NoData, ">= 90": NoData, ">= 90.1": NotMet,
		"> 69.9": Met, "> 70": NoData, "> 89.9": NoData, "> 90": NotMet,
		"<= 90": Met, "<= 89.9": NoData, "<= 70": NoData, "<= 69.9": NotMet,
		"< 90.1": Met, "< 90": NoData, "< 70.1": NoData, "< 70": NotMet,
		"== 70": NoData, "== 80": NoData, "== 90": NoData, "== 69": NotMet, "== 91": NotMet,
	}
	for bound, want := range cases {
		v := beside(t, mixed(), "eval e: pass_rate "+bound)
		c := only(t, v)
		if c.Outcome != want {
			t.Errorf("pass_rate %s: got %s, want %s", bound, c.Outcome, want)
		}
		if *c.Value.Value != 87.5 || c.Value.N != 8 || c.Unknown != 2 {
			t.Errorf("pass_rate %s: got %v of %d without %d, want 87.5 of the 8 that are known", bound, *c.Value.Value, c.Value.N, c.Unknown)
		}
		if wantKind := map[CheckOutcome]Kind{Met: Pass, NotMet: Fail, NoData: Error}[want]; v.Kind != wantKind {
			t.Errorf("pass_rate %s: got %s, want %s", bound, v.Kind, wantKind)
		}
	}
	v := judge(t, mixed(), "eval e: score >= 0\neval e: pass_rate >= 80\nsuccess_rate >= 0")
	if diff := cmp.Diff([]string{`eval "e": 2 of 10 successful calls have no result (1 pending, 1 errored)`}, raws(v.Warnings)); diff != "" {
		t.Errorf("warnings (-want +got)\n%s", diff)
	}
	c := v.Checks[1]
	want := "7 of 8 successful calls passed; 2 of 10 results are unknown (1 pending, 1 errored), which could decide either way"
	if c.Detail.Raw() != want {
		t.Errorf("got  %s\nwant %s", c.Detail.Raw(), want)
	}
	// The interval reaches from the worst case to the best one.
	near(t, "low", *c.Value.Low, 100*stats.Wilson(7, 10, 0.95).Low)
	near(t, "high", *c.Value.High, 100*stats.Wilson(9, 10, 0.95).High)
}

func TestPassRateByIntervalWithMissingResults(t *testing.T) {
	t.Parallel()
	// 40 calls: 30 to 36 passed. By interval 30 is 59.8 to 85.8, 36 is 76.9 to 96.
	e := runOf(all(
		times(30, call("A", passing("e"))), times(4, call("A", failing("e"))), times(6, call("A", unjudged("e", calls.EvalPending))),
	)...)
	for bound, want := range map[string]CheckOutcome{
		">= 59": Met, ">= 60": NoData, ">= 80": Undecided, ">= 90": NoData, ">= 97": NotMet,
		"<= 97": Met, "<= 90": NoData, "<= 80": Undecided, "<= 70": NoData, "<= 59": NotMet,
		"== 80": Undecided, "== 59": NotMet, "== 97": NotMet, "== 70": NoData,
	} {
		v := Judge(e, Rules{Set: criteria.Set{Criteria: parsed(t, "eval e: pass_rate "+bound)}, DecideOn: DecideOnInterval})
		if got := only(t, v).Outcome; got != want {
			t.Errorf("pass_rate %s: got %s, want %s", bound, got, want)
		}
	}
}

func TestMissingResultsNeverPassAnEval(t *testing.T) {
	t.Parallel()
	states := []calls.EvalState{calls.EvalPending, calls.EvalErrored, calls.EvalSkipped, calls.EvalEmpty, "unheard of"}
	for _, state := range states {
		e := runOf(append(times(9, call("A", passing("e"))), call("A", unjudged("e", state)))...)
		for line, want := range map[string]CheckOutcome{
			"eval e: pass_rate >= 91": NoData, "eval e: pass_rate >= 90": Met, "eval e: result_rate >= 91": NotMet,
			"eval e: result_rate == 90": Met, `eval e: share "Passed" >= 91`: NoData, `eval e: share "Failed" <= 9`: NoData,
			"eval e: score >= 91": NoData, "eval e: score >= 90": Met, "eval e: score.min >= 1": NoData,
		} {
			if got := only(t, judge(t, e, line)).Outcome; got != want {
				t.Errorf("%s, %s: got %s, want %s", state, line, got, want)
			}
		}
	}
	// A scored entry without a value is none.
	odd := runOf(call("A", passing("e")), call("A", judged("e", "Pass/Fail", calls.EvalValue{})))
	if got := only(t, judge(t, odd, "eval e: result_rate == 50")).Outcome; got != Met {
		t.Errorf("a result without a value: got %s, want it not to be a result", got)
	}
	if got := only(t, judge(t, odd, "eval e: pass_rate >= 51")).Outcome; got != NoData {
		t.Errorf("a result without a value: got %s, want no data", got)
	}
}

func TestAbsentEntriesArePending(t *testing.T) {
	t.Parallel()
	// Known from other calls.
	e := runOf(call("A", passing("e")), call("A"))
	if got := only(t, judge(t, e, "eval e: pass_rate >= 51")).Outcome; got != NoData {
		t.Errorf("known from another call: got %s, want no data", got)
	}
	// Known from the run test alone.
	e = runOf(call("A"), call("A"))
	e.Evals = []calls.EvalConfig{{ID: id("e"), Name: text.New("e")}}
	v := judge(t, e, "each eval: result_rate >= 1")
	if c := only(t, v); c.Outcome != NotMet || c.Scope.Raw() != "e" {
		t.Errorf("known from the run test: got %s on %q, want not met on e", c.Outcome, c.Scope.Raw())
	}
	if c := only(t, judge(t, e, "each eval: pass_rate >= 0")); c.Outcome != NoData || c.Detail.Raw() != "none of the 2 successful calls has a result (2 pending)" {
		t.Errorf("without any result: got %s (%s), want no data", c.Outcome, c.Detail.Raw())
	}
	if diff := cmp.Diff([]string{`eval "e": 2 of 2 successful calls have no result (2 pending)`}, raws(v.Warnings)); diff != "" {
		t.Errorf("warnings (-want +got)\n%s", diff)
	}
	// Known from a call that does not count.
	e = runOf(call("A", failed, passing("e")), call("A"))
	if c := only(t, judge(t, e, "eval e: pass_rate >= 0")); c.Outcome != NoData {
		t.Errorf("known from a failed call: got %s, want no data", c.Outcome)
	}
	// No call succeeded.
	e = runOf(call("A", failed, passing("e")))
	if c := only(t, beside(t, e, "eval e: result_rate >= 0")); c.Outcome != NoData || c.Detail.Raw() != "no call succeeded, and evals only judge successful calls" {
		t.Errorf("none succeeded: got %s (%s), want no data", c.Outcome, c.Detail.Raw())
	}
}

func TestPendingEntriesHaveNoNameButAnID(t *testing.T) {
	t.Parallel()
	pending := call("A")
	pending.Evals = []calls.Eval{calls.NewEval(calls.EvalResult{ConfigID: id("e"), State: calls.EvalPending})}
	e := runOf(call("A", passing("e")), pending)
	v := judge(t, e, "eval e: result_rate == 50")
	if v.Kind != Pass || len(v.Evals) != 1 {
		t.Errorf("got %s with %d evals, want a pass with 1", v.Kind, len(v.Evals))
	}
	// An id without a name is still an eval.
	e = runOf(pending)
	if c := only(t, judge(t, e, "each eval: result_rate >= 1")); c.Outcome != NotMet || c.Scope.Raw() != id("e").String() {
		t.Errorf("without a name: got %s on %q", c.Outcome, c.Scope.Raw())
	}
}

func TestEntriesWithoutAnIDJoinTheEvalOfTheirName(t *testing.T) {
	t.Parallel()
	nameless := func(c *Call) { change(&c.Evals[0], func(r *calls.EvalResult) { r.ConfigID = uuid.Nil }) }
	e := runOf(call("A", passing("e")), call("A", failing("e")))
	alter(&e, 0, nameless)
	e.Evals = []calls.EvalConfig{{ID: id("e"), Name: text.New("e")}}
	if c := only(t, judge(t, e, "eval e: pass_rate == 50")); c.Outcome != Met {
		t.Errorf("one eval of the name: got %s (%s)", c.Outcome, c.Detail.Raw())
	}
	// With two of the name it is unclear which one is meant.
	e.Evals = append(e.Evals, calls.EvalConfig{ID: id("other"), Name: text.New("e")})
	if v := judge(t, e, "eval e: result_rate == 100"); v.Kind == Pass || len(v.Checks) != 3 {
		t.Errorf("two evals of the name: got %s with %d checks, want 3 and no pass", v.Kind, len(v.Checks))
	}
}

func TestEvalsOfOneNameAreChecksOfTheirOwn(t *testing.T) {
	t.Parallel()
	c := call("A", passing("e"), failing("e"))
	change(&c.Evals[0], func(r *calls.EvalResult) { r.ConfigID = id("first") })
	change(&c.Evals[1], func(r *calls.EvalResult) { r.ConfigID = id("second") })
	v := judge(t, runOf(c), "eval e: pass_rate >= 100")
	got := map[string]CheckOutcome{}
	for _, c := range v.Checks {
		got[c.Scope.Raw()] = c.Outcome
	}
	want := map[string]CheckOutcome{"e (" + id("first").String()[:8] + ")": Met, "e (" + id("second").String()[:8] + ")": NotMet}
	if diff := cmp.Diff(want, got); diff != "" || v.Kind != Fail {
		t.Errorf("%s (-want +got)\n%s", v.Kind, diff)
	}
}

func TestContradictoryEntriesOfOneEvalAreNoResult(t *testing.T) {
	t.Parallel()
	for _, changes := range [][]func(*Call){{passing("e"), failing("e")}, {failing("e"), passing("e")}, {passing("e"), unjudged("e", calls.EvalPending), passing("e")}} {
		e := runOf(call("A", changes...), call("A", passing("e")))
		if got := only(t, judge(t, e, "eval e: pass_rate >= 51")).Outcome; got != NoData {
			t.Errorf("got %s, want no data", got)
		}
	}
	e := runOf(call("A", passing("e"), passing("e")))
	if got := only(t, judge(t, e, "eval e: pass_rate == 100")).Outcome; got != Met {
		t.Errorf("the same entry twice: got %s, want met", got)
	}
}

func TestScoreIsOnAHundred(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		results []func(*Call)
		want    float64
		n       int
	}{
		{"pass and fail", []func(*Call){passing("e"), failing("e"), passing("e"), passing("e")}, 75, 4},
		{"scores", []func(*Call){scoring("e", 0.5), scoring("e", 1), scoring("e", 0)}, 50, 3},
		{"numbers as they are", []func(*Call){numbering("e", -3), numbering("e", 7.5)}, 2.25, 2},
		{"missing ones left out", []func(*Call){scoring("e", 0.5), unjudged("e", calls.EvalErrored)}, 50, 1},
		{"scores out of range left out", []func(*Call){scoring("e", 0.5), scoring("e", 85), scoring("e", -0.1)}, 50, 1},
		{"labels left out", []func(*Call){scoring("e", 0.5), labelled("e", "x")}, 50, 1},
	}
	for _, c := range cases {
		var calls []Call
		for _, r := range c.results {
			calls = append(calls, call("A", r))
		}
		got := only(t, judge(t, runOf(calls...), "eval e: score >= -100")).Value
		near(t, c.name, *got.Value, c.want)
		if got.N != c.n {
			t.Errorf("%s: got n %d, want %d", c.name, got.N, c.n)
		}
	}
	e := runOf(call("A", scoring("e", 0.2)), call("A", scoring("e", 0.4)), call("A", scoring("e", 0.9)))
	for stat, want := range map[string]float64{"median": 40, "min": 20, "max": 90, "sum": 150, "p33": 20, "p34": 40} {
		near(t, stat, *only(t, judge(t, e, "eval e: score."+stat+" >= 0")).Value.Value, want)
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	withChoice := judged("e", "score", calls.EvalValue{Kind: calls.ValueScore, Number: 0.7, Labels: []text.Untrusted{text.New("Polite")}})
	e := runOf(
		call("A", labelled("e", "Polite")), call("A", labelled("e", "Rude", "Polite")), call("A", labelled("e", "Rude")), call("A", withChoice),
	)
	for line, want := range map[string]CheckOutcome{
		`eval e: share "Polite" == 75`: Met, `eval e: share "Rude" == 50`: Met, `eval e: share "polite" == 0`: Met, `eval e: share "Rude" < 50`: NotMet,
	} {
		if got := only(t, judge(t, e, line)).Outcome; got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
	v := judge(t, e, `eval e: share "Rood" <= 5`)
	want := []string{
		`eval "e": its results mix scores and labels`,
		`eval "e": no result has the label "Rood"; available: "Polite", "Rude"`,
	}
	if diff := cmp.Diff(want, raws(v.Warnings)); diff != "" || v.Kind != Pass {
		t.Errorf("a label that nobody gave: %s (-want +got)\n%s", v.Kind, diff)
	}
}

func TestShareWithoutAnyLabelWarnsOfNothingMore(t *testing.T) {
	t.Parallel()
	v := judge(t, runOf(call("A", scoring("e", 1))), `eval e: share "x" >= 0`)
	if v.Kind != Error || v.Warnings != nil {
		t.Errorf("got %s, %v", v.Kind, raws(v.Warnings))
	}
}

func TestMetricsThatAnEvalDoesNotHave(t *testing.T) {
	t.Parallel()
	text1 := judged("e", "reason", calls.EvalValue{Kind: calls.ValueText, Labels: []text.Untrusted{text.New("fine")}})
	cases := []struct {
		line   string
		result func(*Call)
		detail string
	}{
		{"eval e: pass_rate >= 0", scoring("e", 1), "its results are scores, which have no pass_rate"},
		{"eval e: pass_rate >= 0", numbering("e", 1), "its results are numbers, which have no pass_rate"},
		{"eval e: pass_rate >= 0", labelled("e", "Passed"), "its results are labels, which have no pass_rate"},
		{"eval e: pass_rate >= 0", text1, "its results are texts, which have no pass_rate"},
		{"eval e: score >= 0", labelled("e", "x"), "its results are labels, which have no score"},
		{"eval e: score >= 0", text1, "its results are texts, which have no score"},
		{`eval e: share "x" >= 0`, scoring("e", 1), "its results are scores, which have no share"},
		{`eval e: share "fine" >= 0`, text1, "its results are texts, which have no share"},
	}
	for _, c := range cases {
		got := only(t, judge(t, runOf(call("A", c.result)), c.line))
		if got.Outcome != NoData || got.Detail.Raw() != c.detail {
			t.Errorf("%s: got %s (%s), want no data (%s)", c.line, got.Outcome, got.Detail.Raw(), c.detail)
		}
		// A result of any kind is a result.
		if v := judge(t, runOf(call("A", c.result)), "eval e: result_rate == 100"); v.Kind != Pass {
			t.Errorf("%s: its result rate: got %s, want a pass", c.line, v.Kind)
		}
	}
}

func TestEachEvalLeavesOutWhatCannotHaveTheMetric(t *testing.T) {
	t.Parallel()
	single := judged("single", "choice", calls.EvalValue{Kind: calls.ValueText, Labels: []text.Untrusted{text.New("x")}})
	several := judged("several", "Choices", calls.EvalValue{Kind: calls.ValueText, Labels: []text.Untrusted{text.New("x")}})
	for _, c := range []func(*Call){single, several} {
		if c := only(t, judge(t, runOf(call("A", c)), `each eval: share "x" >= 0`)); c.Outcome != NoData || c.Scope.IsEmpty() {
			t.Errorf("a choice that is a text: got %s on %q, want no data", c.Outcome, c.Scope.Raw())
		}
	}
	choice := judged("choice", "Pass/Fail", calls.EvalValue{Kind: calls.ValueChoices, Labels: []text.Untrusted{text.New("x")}})
	e := runOf(call("A", passing("polite"), scoring("ground", 0.9), labelled("tone", "x"), unjudged("late", calls.EvalPending), choice))
	scopes := func(line string) map[string]CheckOutcome {
		got := map[string]CheckOutcome{}
		for _, c := range judge(t, e, line).Checks {
			got[c.Scope.Raw()] = c.Outcome
		}
		return got
	}
	for line, want := range map[string]map[string]CheckOutcome{
		"each eval: pass_rate >= 1":   {"polite": Met, "late": NoData, "choice": NoData},
		"each eval: score >= 1":       {"polite": Met, "ground": Met, "late": NoData, "choice": NoData},
		`each eval: share "x" >= 1`:   {"polite": NotMet, "tone": Met, "choice": Met, "late": NoData},
		"each eval: result_rate >= 1": {"polite": Met, "ground": Met, "tone": Met, "choice": Met, "late": NotMet},
	} {
		if diff := cmp.Diff(want, scopes(line)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", line, diff)
		}
	}
	warning := "each eval: pass_rate >= 1 skips evals whose results have no pass_rate: \"ground\", \"tone\""
	if got := raws(judge(t, e, "each eval: pass_rate >= 1").Warnings); got[len(got)-1] != warning {
		t.Errorf("got %q, want it to end with %q", got, warning)
	}
	// If none is left there is no data.
	v := judge(t, runOf(call("A", scoring("ground", 0.9))), "each eval: pass_rate >= 0")
	if c := only(t, v); c.Outcome != NoData || c.Detail.Raw() != "no eval of this run has a pass_rate" {
		t.Errorf("got %s (%s), want no data", c.Outcome, c.Detail.Raw())
	}
}

func TestTypeOfAnEvalIsThatOfItsResults(t *testing.T) {
	t.Parallel()
	errored := func(c *Call) {
		c.Evals = append(c.Evals, calls.NewEval(calls.EvalResult{Name: text.New("e"), Type: text.New("score"), State: calls.EvalErrored}))
	}
	for _, changes := range [][]func(*Call){{numbering("e", 5), errored}, {errored, numbering("e", 5)}} {
		v := judge(t, runOf(call("A", changes[0]), call("A", changes[1])), "success_rate >= 0")
		if got := v.Evals[0].Type.Raw(); got != "numeric" {
			t.Errorf("got %q, want numeric", got)
		}
	}
}

func TestTypesAndNamesThatDiffer(t *testing.T) {
	t.Parallel()
	// One config, many words: the name is that of the config, else the first by alphabet;
	// the type is the first by alphabet of those of results.
	entry := func(name, typ string, state calls.EvalState) func(*Call) {
		return func(c *Call) {
			c.Evals = append(c.Evals, calls.NewEval(calls.EvalResult{ConfigID: id("e"), Name: text.New(name), Type: text.New(typ), State: state,
				Value: calls.EvalValue{Kind: calls.ValueNumeric, Number: 1}}))
		}
	}
	const yes, no = calls.EvalScored, calls.EvalErrored
	cases := []struct {
		name              string
		entries           []func(*Call)
		config            string
		wantName, wantTyp string
	}{
		{"two names", []func(*Call){entry("m", "t", yes), entry("k", "t", yes), entry("l", "t", yes)}, "", "k", "t"},
		{"a pending entry has none", []func(*Call){entry("", "", no), entry("m", "t", yes), entry("", "", no)}, "", "m", "t"},
		{"the config's name", []func(*Call){entry("a", "t", yes)}, "z", "z", "t"},
		{"two types of results", []func(*Call){entry("m", "u", yes), entry("m", "s", yes), entry("m", "t", yes)}, "", "m", "s"},
		{"a type without a result", []func(*Call){entry("m", "t", yes), entry("m", "a", no)}, "", "m", "t"},
		{"a type without a result, first", []func(*Call){entry("m", "a", no), entry("m", "t", yes)}, "", "m", "t"},
		{"types without results", []func(*Call){entry("m", "b", no), entry("m", "a", no), entry("m", "c", no)}, "", "m", "a"},
		{"a result without a type", []func(*Call){entry("m", "", yes), entry("m", "t", no)}, "", "m", "t"},
	}
	for _, c := range cases {
		var list []Call
		for _, e := range c.entries {
			list = append(list, call("A", e))
		}
		e := runOf(list...)
		e.Evals = []calls.EvalConfig{{ID: id("e"), Name: text.New(c.config)}}
		got := judge(t, e, "success_rate >= 0").Evals
		if len(got) != 1 || got[0].Name.Raw() != c.wantName || got[0].Type.Raw() != c.wantTyp {
			t.Errorf("%s: got %v, want %s of type %s", c.name, got, c.wantName, c.wantTyp)
		}
	}
}

func TestEvalSummaries(t *testing.T) {
	t.Parallel()
	e := runOf(
		call("A", passing("p"), labelled("t", "x", "y", "x")),
		call("A", failing("p"), labelled("t", "y")),
		call("A", unjudged("p", calls.EvalErrored), labelled("t", "a")),
		call("A", unjudged("p", calls.EvalSkipped)),
		call("A", unjudged("p", calls.EvalEmpty)),
		call("A", unjudged("p", calls.EvalPending)),
		call("A"),
		call("A", failed, failing("p")),
	)
	e.Evals = []calls.EvalConfig{{ID: id("z"), Name: text.New("z")}, {ID: id("p"), Name: text.New("p renamed")}}
	got := judge(t, e, "success_rate >= 0").Evals
	if len(got) != 3 {
		t.Fatalf("got %d evals, want 3", len(got))
	}
	p, tone, z := got[0], got[1], got[2]
	near(t, "pass rate of p", *p.PassRate.Value, 50)
	near(t, "score of p", *p.Score.Value, 50)
	if p.PassRate.N != 2 || p.Score.N != 2 {
		t.Errorf("p: got n %d and %d, want 2 and 2", p.PassRate.N, p.Score.N)
	}
	p.PassRate, p.Score = Estimate{}, Estimate{}
	want := EvalSummary{ConfigID: id("p"), Name: text.New("p renamed"), Type: text.New("Pass/Fail"), PassFail: true,
		Results: 2, Passed: 1, Failed: 1, Errored: 1, Pending: 3, Skipped: 1}
	if diff := cmp.Diff(want, p, cmpopts.EquateComparable(text.Untrusted{})); diff != "" {
		t.Errorf("p (-want +got)\n%s", diff)
	}
	labels := []LabelCount{{text.New("y"), 2}, {text.New("a"), 1}, {text.New("x"), 1}}
	if diff := cmp.Diff(labels, tone.Labels, cmpopts.EquateComparable(text.Untrusted{})); diff != "" || tone.Results != 3 || tone.Pending != 4 {
		t.Errorf("t: %+v (-want +got)\n%s", tone, diff)
	}
	if tone.PassRate.Value != nil || tone.Score.Value != nil || tone.PassRate.Unit != criteria.UnitPercent {
		t.Errorf("t: got %+v and %+v, want no values", tone.PassRate, tone.Score)
	}
	if z.Results != 0 || z.Pending != 7 || z.PassRate.Value != nil {
		t.Errorf("z: got %+v", z)
	}
}

func TestEvalWarnings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		calls []Call
		want  []string
	}{
		{"complete", []Call{call("A", passing("e")), call("A", failing("e"))}, nil},
		{"one missing", []Call{call("A", passing("e")), call("A", unjudged("e", calls.EvalEmpty))},
			[]string{`eval "e": 1 of 2 successful calls has no result (1 without a value)`}},
		{"out of range", []Call{call("A", scoring("e", 1)), call("A", scoring("e", 8))}, []string{`eval "e": 1 score outside 0 to 1 not counted`}},
		{"two scales", []Call{call("A", scoring("e", 1)), call("A", numbering("e", 8))},
			[]string{`eval "e": its results mix scores and numbers, which are not on one scale, so none of them counts`}},
	} {
		if diff := cmp.Diff(c.want, raws(judge(t, runOf(c.calls...), "success_rate >= 0").Warnings)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
}
