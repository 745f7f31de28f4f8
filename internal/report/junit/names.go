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

// A callName is what a call is called in JUnit: unique, and the same in the next run
// as long as the scenarios are, since GitLab compares the branches by it.
type callName struct {
	class, scenario string
	n               int // of the scenario's calls, from 1
}

func (n callName) name() string { return n.scenario + " #" + strconv.Itoa(n.n) }

// callNames are the names of all calls.
type callNames struct {
	class  string  // before that of the scenario
	number []int32 // by the call's place in the evidence
}

// of is the name of the call at a place, by the title of its scenario.
func (c callNames) of(at int, scenario text.Untrusted) callName {
	n := c.titled(scenario)
	n.n = int(c.number[at])
	return n
}

// titled is what a scenario is called.
func (c callNames) titled(scenario text.Untrusted) callName {
	n := callName{scenario: title(scenario, 150)}
	n.class = c.class + packageName(n.scenario)
	return n
}

// newCallNames numbers the calls of each scenario by their dataset rows, which stay the same
// from run to run, and where these are not known by when they started.
func newCallNames(r report.Report) callNames {
	prefix := r.Evidence.Execution.AgentName
	if report.Blank(prefix) {
		prefix = r.Evidence.RunTest.Name
	}
	if report.Blank(prefix) {
		prefix = text.New("agent-gate")
	}
	calls, v := r.Evidence.Calls, report.NewViewer(r)
	names := callNames{class: packageName(title(prefix, 150)) + ".", number: make([]int32, calls.Len())}
	last := map[string]int32{} // scenarios may have one title
	for _, i := range lasting(calls) {
		name := title(v.Brief(int(i)).Title, 150)
		last[name]++
		names.number[i] = last[name]
	}
	return names
}

// lasting are the places of calls in an order that the next run has too, as far as there
// is one.
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

// packageName takes the dots out of a name, at which readers would part it.
func packageName(s string) string { return strings.ReplaceAll(s, ".", "_") }
