package verdict

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// inQuarantine makes entries of scenarios.
func inQuarantine(names ...string) (all []Quarantined) {
	for _, n := range names {
		all = append(all, Quarantined{Scenario: text.New(n), Reason: text.New("flaky"), Owner: text.New("@acme/voice")})
	}
	return all
}

// without is a run that never had some scenarios, taken apart by hand.
func without(e Evidence, names []string) Evidence {
	kept := slices.DeleteFunc(callsOf(e.Calls), func(c Call) bool { return slices.Contains(names, c.Scenario.Raw()) })
	e.Calls = pack(kept...)
	e.Plan = slices.DeleteFunc(slices.Clone(e.Plan), func(p Planned) bool { return slices.Contains(names, p.Name.Raw()) })
	e.Execution.ServerSuccessRate = nil
	return e
}

// rulesWithout are the rules for such a run: no criterion names the scenarios, and the baseline has none of them.
func rulesWithout(r Rules, names []string) Rules {
	r.Criteria = slices.DeleteFunc(slices.Clone(r.Criteria), func(c criteria.Criterion) bool {
		return c.Scope.Kind == criteria.ScopeScenario && slices.Contains(names, c.Scope.Name)
	})
	if r.Baseline != nil {
		b := *r.Baseline
		whole := without(Evidence{Calls: b.Calls, Plan: b.Plan}, names)
		b.Calls, b.Plan = whole.Calls, whole.Plan
		r.Baseline = &b
	}
	return r
}

// bare is a verdict without what tells of the quarantine.
func bare(v Verdict) Verdict {
	v.Aside = nil
	var others []text.Untrusted
	for _, w := range v.Warnings {
		if !strings.Contains(w.Raw(), "quarantine") {
			others = append(others, w)
		}
	}
	v.Warnings = others
	return v
}

// The verdict on a run with a quarantine is that on a run that never had these scenarios: in every number, sentence
// and list.
func TestAQuarantinedScenarioNeverChangesAVerdict(t *testing.T) {
	t.Parallel()
	seen, exempt := map[Kind]int{}, 0
	forRandomRuns(t, func(t *testing.T, r *rand.Rand, e Evidence, rules Rules) {
		var names []string
		for _, n := range []string{"A", "B", "C", "D"} {
			if r.IntN(3) == 0 {
				names = append(names, n)
			}
		}
		e.Open = r.IntN(3) == 0
		rules.Criteria = append(rules.Criteria, parsed(t, "scenario B: success_rate >= 50")...)
		rest, restRules := without(e, names), rulesWithout(rules, names)
		apart := e.SetAside(inQuarantine(names...))
		exempt += len(rules.Criteria) - len(restRules.Criteria)
		if rest.Calls.Len() == 0 {
			if v := Judge(apart, rules); v.Kind != Error || v.Cause != CauseOperational {
				t.Errorf("nothing is left, and yet %s", v.Kind)
			}
			return
		}
		got, want := Judge(apart, rules), Judge(rest, restRules)
		seen[want.Kind]++
		if !reflect.DeepEqual(bare(got), want) {
			t.Errorf("got\n%+v, want\n%+v", bare(got), want)
		}
		if got, want := Awaits(apart, rules), Awaits(rest, restRules); got != want {
			t.Errorf("Awaits: got %t, want %t", got, want)
		}
		if got, want := DecidedByEnd(apart, rules), DecidedByEnd(rest, restRules); got != want {
			t.Errorf("DecidedByEnd: got %g, want %g", got, want)
		}
		if got, want := Compare(apart, rules), Compare(rest, restRules); !reflect.DeepEqual(got, want) {
			t.Errorf("Compare: got %+v, want %+v", got, want)
		}
		if got, want := apart.Counts(), rest.Counts(); got != want {
			t.Errorf("Counts: got %+v, want %+v", got, want)
		}
		for _, v := range []*FailFast{{Calls: rest.Calls.Len() + 2}, {Calls: rest.Calls.Len(), Rescuable: true}} {
			apart.FailFast, rest.FailFast = v, v
			if got, want := Unmeetable(apart, rules), Unmeetable(rest, restRules); !reflect.DeepEqual(got, want) {
				t.Errorf("Unmeetable: got %+v, want %+v", got, want)
			}
		}
		if n := len(apart.AllCalls().IDs()); n != e.Calls.Len() {
			t.Errorf("of %d calls %d are left", e.Calls.Len(), n)
		}
	})
	for _, k := range []Kind{Pass, Fail, Inconclusive, Error} {
		if seen[k] == 0 {
			t.Errorf("no random run came out as %s: %v", k, seen)
		}
	}
	if exempt == 0 {
		t.Error("no criterion was about a scenario in quarantine")
	}
}

// Whatever becomes of the calls in quarantine, nothing else sees it: every outcome of two of them is tried.
func TestNoOutcomeOfAQuarantinedCallIsSeen(t *testing.T) {
	t.Parallel()
	outcomes := [][]func(*Call){
		{}, {failed}, {cancelled}, {skipped}, {crashed}, {lost}, {status(calls.Ongoing)}, {rescued}, {scored(0)}, {scored(10)}, {unscored},
		{failing("p")}, {unjudged("p", calls.EvalPending)}, {unjudged("new eval", calls.EvalErrored)}, {lasting(1e6)}, {costing(1e6)},
	}
	rules := Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate >= 90\npass_rate >= 80\noverall_score >= 5\neach eval: result_rate >= 50\n"+
		"each scenario: success_rate >= 50\nscenario Q: success_rate >= 100\nscenario \"Q\": failed_calls <= 0\ncost.sum <= 100\nduration.max <= 400\nmissing_calls <= 0\nflaky_calls <= 0\ntotal_calls == 10")}}
	rest := times(10, call("A", passing("p"), scored(8), lasting(100), costing(5)))
	for i := range rest {
		rest[i].ID = nth(i)
	}
	e := runOf(rest...)
	e.Plan = []Planned{{Name: text.New("A"), Calls: new(10)}}
	want := Judge(e, rulesWithout(rules, []string{"Q"}))
	if want.Kind != Pass {
		t.Fatalf("the rest comes out as %s: %s", want.Kind, want.Reason)
	}
	for _, one := range outcomes {
		for _, other := range outcomes {
			a, b := call("Q", one...), call("Q", other...)
			a.ID, b.ID = nth(100), nth(101)
			whole := e
			whole.Calls = pack(append(slices.Clone(rest), a, b)...)
			whole.Plan = append(slices.Clone(e.Plan), Planned{Name: text.New("Q"), Calls: new(5)})
			got := Judge(whole.SetAside(inQuarantine("Q")), rules)
			if !reflect.DeepEqual(bare(got), want) {
				t.Fatalf("got\n%+v, want\n%+v", bare(got), want)
			}
			if n := got.Aside[0].Counts; n.Total != 2 || n.Missing != 3 || n.Planned != 5 {
				t.Fatalf("set aside are %+v", n)
			}
		}
	}
}

func TestScenariosAreSetAsideByNameAndTwinsByNameAndID(t *testing.T) {
	t.Parallel()
	one, two := uuid.UUID{1}, uuid.UUID{2}
	of := func(id uuid.UUID) func(*Call) { return func(c *Call) { c.ScenarioID = id } }
	named := func(name string) func(*Call) { return func(c *Call) { c.Scenario = text.New(name) } }
	cases := []struct {
		name    string
		entries []string
		calls   []Call
		plan    []Planned
		left    int // calls that are judged
		leftIn  int // scenarios of the plan
		unknown string
	}{
		{name: "by its name", entries: []string{"Q"}, calls: []Call{call("Q"), call("A")}, left: 1},
		{name: "case matters", entries: []string{"q"}, calls: []Call{call("Q")}, left: 1, unknown: `named "q"`},
		{name: "both twins", entries: []string{"Q"}, calls: []Call{call("Q", of(one)), call("Q", of(two)), call("A")}, left: 1},
		{name: "one twin", entries: []string{"Q (01000000)"}, calls: []Call{call("Q", of(one)), call("Q", of(two))}, left: 1},
		{name: "by name and id without a twin", entries: []string{"Q (01000000)"}, calls: []Call{call("Q", of(one)), call("A", of(two))}, left: 1},
		{name: "another id", entries: []string{"Q (03000000)"}, calls: []Call{call("Q", of(one))}, left: 1, unknown: "Q (03000000)"},
		{name: "a call without a name", entries: []string{"Q"}, calls: []Call{call("", named(""), of(one)), call("A", of(two))}, plan: []Planned{{ID: one, Name: text.New("Q")}, {ID: two, Name: text.New("A")}}, left: 1, leftIn: 1},
		{name: "which twin a call is of is not known", entries: []string{"Q (01000000)"}, calls: []Call{call("Q"), call("Q")}, plan: []Planned{{ID: one, Name: text.New("Q")}, {ID: two, Name: text.New("Q")}}, left: 2, leftIn: 2, unknown: "Q (01000000)"},
		{name: "both twins, whichever a call is of", entries: []string{"Q"}, calls: []Call{call("Q"), call("A")}, plan: []Planned{{ID: one, Name: text.New("Q")}, {ID: two, Name: text.New("Q")}, {Name: text.New("A")}}, left: 1, leftIn: 1},
		{name: "planned and missing", entries: []string{"Q"}, calls: []Call{call("A")}, plan: []Planned{{Name: text.New("Q"), Calls: new(3)}, {Name: text.New("A")}}, left: 1, leftIn: 1},
		{name: "nothing of that name", entries: []string{"X"}, calls: []Call{call("A")}, left: 1, unknown: `quarantine: this run has no scenario named "X"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for i := range c.calls {
				c.calls[i].ID = nth(i)
			}
			e := runOf(c.calls...)
			e.Plan = c.plan
			apart := e.SetAside(inQuarantine(c.entries...))
			if apart.Calls.Len() != c.left || apart.Quarantine.Calls.Len() != len(c.calls)-c.left || len(apart.Plan) != c.leftIn {
				t.Errorf("judged are %d calls and %d scenarios, want %d and %d", apart.Calls.Len(), len(apart.Plan), c.left, c.leftIn)
			}
			warned := text.Join("; ", Judge(apart, Rules{Set: criteria.Set{Criteria: parsed(t, "total_calls >= 1")}}).Warnings...).Raw()
			if c.unknown == "" && strings.Contains(warned, "quarantine:") || !strings.Contains(warned, c.unknown) {
				t.Errorf("got warnings %q, want %q", warned, c.unknown)
			}
		})
	}
}

func TestWhatIsLeftToJudge(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, criteria string
		calls          []Call
		kind           Kind
		reason         string
	}{
		{"all calls are in quarantine", "success_rate >= 50", []Call{call("Q")}, Error, "all calls (1) are of scenarios in quarantine"},
		{"the only criterion is about it", "scenario Q: success_rate >= 50", []Call{call("Q"), call("A")}, Error, "the criterion is about a scenario in quarantine"},
		{"all criteria are about it", "scenario Q: success_rate >= 50\nscenario Q: failed_calls <= 0", []Call{call("Q"), call("A")}, Error, "all 2 criteria"},
		{"one criterion of two", "scenario Q: success_rate >= 50\nsuccess_rate >= 100", []Call{call("Q", failed), call("A")}, Pass, "the only check is met: success_rate 100% (1 of 1)"},
		{"a criterion about a scenario that is not there", "scenario X: success_rate >= 50", []Call{call("Q"), call("A")}, Error, `no scenario named "X"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for i := range c.calls {
				c.calls[i].ID = nth(i)
			}
			v := Judge(runOf(c.calls...).SetAside(inQuarantine("Q")), Rules{Set: criteria.Set{Criteria: parsed(t, c.criteria)}})
			if v.Kind != c.kind || !strings.Contains(v.Reason.Raw(), c.reason) {
				t.Errorf("got %s: %s", v.Kind, v.Reason)
			}
		})
	}
}

func TestAGateThatTheChangeDoesNotTouchCountsAsPassed(t *testing.T) {
	t.Parallel()
	v := Unchanged(text.New("2 changed files, none of them in its paths"))
	if v.Kind != Skip || v.Cause != CauseUnchanged || v.ExitCode(Policy{}) != ExitOK || v.Reason.IsEmpty() {
		t.Errorf("got %s %s: %s", v.Kind, v.Cause, v.Reason)
	}
}

// Whoever reads the line has to see how bad it is without the calls.
func TestCountAside_saysHowEveryCallEnded(t *testing.T) {
	t.Parallel()
	entry := []Quarantined{{Scenario: text.New("Q"), Reason: text.New("flaky"), Owner: text.New("@a")}}
	for _, c := range []struct {
		name  string
		calls []Call
		want  string
	}{
		{"with a bar", []Call{call("Q", passing("p")), call("Q", failing("p")), call("Q", failed), call("Q", lost)}, "quarantined: 1 scenario, 4 calls: 1 passed, 1 failed, 1 below your bar, 1 lost"},
		{"without one", []Call{call("Q"), call("Q", failed)}, "quarantined: 1 scenario, 2 calls: 1 succeeded, 1 failed"},
	} {
		for i := range c.calls {
			c.calls[i].ID = nth(i)
		}
		v := Judge(runOf(append(c.calls, call("A"))...).SetAside(entry), Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate >= 50")}})
		if got := CountAside(v.Aside).Line(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
