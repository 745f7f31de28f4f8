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
// scenarios, because GitLab compares branches by name.
type callName struct {
	class, scenario string
	n               int // of the call within its scenario, from 1
}

func (n callName) name() string { return n.scenario + " #" + strconv.Itoa(n.n) }

// callNames are the names of all calls.
type callNames struct {
	class  string  // prefix, before the scenario
	number []int32 // by index in the evidence
}

// of returns the name of the call at an index, given the title of its scenario.
func (c callNames) of(at int, scenario text.Untrusted) callName {
	n := c.titled(scenario)
	n.n = int(c.number[at])
	return n
}

// titled returns the name of a scenario.
func (c callNames) titled(scenario text.Untrusted) callName {
	n := callName{scenario: title(scenario, 150)}
	n.class = c.class + packageName(n.scenario)
	return n
}

// newCallNames numbers the calls of each scenario by dataset row, which is stable between runs,
// or by start time if rows are unknown.
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
	last := map[string]int32{} // two scenarios may have the same title
	for _, i := range lasting(calls) {
		name := title(v.Brief(int(i)).Title, 150)
		last[name]++
		names.number[i] = last[name]
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
