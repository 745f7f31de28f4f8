package junit

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A callName is the name of a call in JUnit: unique, and stable between runs with the same
// scenarios, because GitLab compares branches by name and Jenkins keeps a history for each.
//
// Each trial of a case is a test case of its own, so that readers count calls and show which failed.
// The first trial has the name that it has without trials, so that its history goes on.
type callName struct {
	class, scenario string
	n               int // of the case within its scenario, from 1
	trial           int // from 1
}

func (n callName) name() string {
	name := n.scenario + " #" + strconv.Itoa(n.n)
	if n.trial > 1 {
		name += " (trial " + strconv.Itoa(n.trial) + ")"
	}
	return name
}

// callNames are the names of all calls.
type callNames struct {
	class  string  // prefix, before the scenario
	number []int32 // by index in the evidence, as trial
	trial  []int32
}

// of returns the name of the call at an index, given the title of its scenario.
func (c callNames) of(at int, scenario text.Untrusted) callName {
	n := c.titled(scenario)
	n.n, n.trial = int(c.number[at]), int(c.trial[at])
	return n
}

// titled returns the name of a scenario.
func (c callNames) titled(scenario text.Untrusted) callName {
	n := callName{scenario: title(scenario, 150)}
	n.class = c.class + packageName(n.scenario)
	return n
}

// newCallNames numbers the cases of each scenario by dataset row, which is stable between runs,
// or by start time if rows are unknown. Calls of different trials that play the same have one number.
func newCallNames(r report.Report) callNames {
	prefix := r.Evidence.Execution.AgentName
	if report.Blank(prefix) {
		prefix = r.Evidence.RunTest.Name
	}
	if report.Blank(prefix) {
		prefix = text.New("agent-gate")
	}
	calls, v := r.Evidence.Calls, report.NewViewer(r)
	names := callNames{class: packageName(title(prefix, 150)) + ".", number: make([]int32, calls.Len()), trial: make([]int32, calls.Len())}
	last := map[string]int32{} // two scenarios may have the same title
	if len(r.Evidence.Further) == 0 {
		for _, i := range lasting(calls) {
			name := title(v.Brief(int(i)).Title, 150)
			last[name]++
			names.number[i], names.trial[i] = last[name], 1
		}
		return names
	}
	type part struct {
		name  string
		row   uint64
		trial int
	}
	type played struct {
		name  string
		row   uint64
		order int // among calls of one trial that are alike
	}
	alike, numbers := map[part]int{}, map[played]int32{}
	for _, i := range lasting(calls) {
		c := v.Brief(int(i))
		trial := r.Evidence.TrialOf(c.Call)
		name := title(c.Title, 150)
		p := part{name, c.Row, trial}
		k := played{name, c.Row, alike[p]}
		alike[p]++
		if numbers[k] == 0 {
			last[name]++
			numbers[k] = last[name]
		}
		names.number[i], names.trial[i] = numbers[k], int32(trial)
	}
	return names
}

// lasting returns the indexes of calls in an order that is as stable between runs as possible.
func lasting(calls verdict.Calls) []int32 {
	type key struct {
		row     uint64
		started int64
		at      int32
	}
	keys := make([]key, 0, calls.Len())
	for i, c := range calls.All() {
		k := key{row: c.Row, started: math.MaxInt64, at: int32(i)}
		if c.StartedAt != nil {
			k.started = c.StartedAt.UnixMicro()
		}
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.started, b.started), cmp.Compare(a.at, b.at))
	})
	order := make([]int32, len(keys))
	for i, k := range keys {
		order[i] = k.at
	}
	return order
}

// packageName replaces dots, at which readers would split the name.
func packageName(s string) string { return strings.ReplaceAll(s, ".", "_") }
