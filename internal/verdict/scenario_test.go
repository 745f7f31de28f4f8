package verdict

import (
	"slices"
	"testing"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

func TestScenariosOfOneNameAreOneWhereCallsDoNotTellThemApart(t *testing.T) {
	t.Parallel()
	of := func(scenario string) func(*Call) { return func(c *Call) { c.ScenarioID = id(scenario) } }
	planned := func(name string, calls *int) Planned {
		return Planned{ID: id(name), Name: text.New("Alpha"), Calls: calls}
	}
	const warning = `2 scenarios are named "Alpha", and the server does not say which one a call belongs to: they are judged as one`
	for _, c := range []struct {
		name      string
		plan      []Planned
		calls     []Call
		scenarios int
		missing   int
		kind      Kind // by success_rate >= 95
		merged    bool
	}{
		{"all came", []Planned{planned("1", new(10)), planned("2", new(5))}, times(15, call("Alpha")), 1, 0, Pass, true},
		{"one did not", []Planned{planned("1", new(10)), planned("2", new(5))}, times(14, call("Alpha")), 1, 1, Error, true},
		{"some tell it", []Planned{planned("1", new(2)), planned("2", new(2))}, []Call{call("Alpha"), call("Alpha", of("1")), call("Alpha"), call("Alpha", of("2"))}, 1, 0, Pass, true},
		{"all tell it", []Planned{planned("1", new(2)), planned("2", new(2))}, []Call{call("Alpha", of("1")), call("Alpha", of("1")), call("Alpha", of("2")), call("Alpha", of("2"))}, 2, 0, Pass, false},
		{"all tell it, and one did not come", []Planned{planned("1", new(2)), planned("2", new(2))}, []Call{call("Alpha", of("1")), call("Alpha", of("1")), call("Alpha", of("1")), call("Alpha", of("2"))}, 2, 1, Error, false},
		{"of one nobody knows how many", []Planned{planned("1", new(3)), planned("2", nil)}, times(4, call("Alpha")), 1, 0, Pass, true},
		{"of one nobody knows how many, and it has none", []Planned{planned("1", new(3)), planned("2", nil)}, times(3, call("Alpha")), 1, 1, Error, true},
		{"one that nobody asked for", []Planned{planned("1", new(2))}, []Call{call("Alpha"), call("Alpha", of("2"))}, 1, 0, Pass, true},
	} {
		e := runOf(c.calls...)
		e.Plan = c.plan
		v := judge(t, e, "success_rate >= 95")
		if len(v.Scenarios) != c.scenarios || v.Counts.Missing != c.missing || v.Kind != c.kind {
			t.Errorf("%s: got %d scenarios, %d missing, %s (%s)", c.name, len(v.Scenarios), v.Counts.Missing, v.Kind, v.Reason.Raw())
		}
		if got := slices.Contains(raws(v.Warnings), warning); got != c.merged {
			t.Errorf("%s: warnings %q", c.name, raws(v.Warnings))
		}
	}
	// Its criteria are those of the name.
	e := runOf(append(times(14, call("Alpha")), call("Alpha", status(calls.Failed)))...)
	e.Plan = []Planned{planned("1", new(10)), planned("2", new(5))}
	if v := judge(t, e, "scenario Alpha: failed_calls <= 0"); len(v.Checks) != 1 || v.Kind != Fail {
		t.Errorf("got %s, %d checks", v.Kind, len(v.Checks))
	}
}
