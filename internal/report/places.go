package report

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A CallPlace tells the calls of one scenario apart, by numbers that are stable between runs with the same
// scenarios: readers of test results compare runs by name.
type CallPlace struct {
	Case  int32 // within the scenario, from 1
	Trial int32 // from 1
}

// Name is the name of the call, given that of its scenario: unique, and stable between runs with the same
// scenarios. The first trial has the name that it has without trials, so that its history goes on.
func (p CallPlace) Name(scenario string) string {
	name := scenario + " #" + strconv.Itoa(int(p.Case))
	if p.Trial > 1 {
		name += " (trial " + strconv.Itoa(int(p.Trial)) + ")"
	}
	return name
}

// CallPlaces numbers the cases of each scenario, by index in the evidence: by dataset row, which is stable
// between runs, or by start time if rows are unknown. Calls of different trials that play the same have one
// number. Scenarios to which name gives the same name are numbered together.
func CallPlaces(r Report, name func(scenario text.Untrusted) string) []CallPlace {
	calls, v := r.Evidence.Calls, NewViewer(r)
	places := make([]CallPlace, calls.Len())
	last := map[string]int32{}
	if len(r.Evidence.Further) == 0 {
		for _, i := range lasting(calls) {
			name := name(v.Brief(int(i)).Title)
			last[name]++
			places[i] = CallPlace{Case: last[name], Trial: 1}
		}
		return places
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
		name := name(c.Title)
		p := part{name, c.Row, trial}
		k := played{name, c.Row, alike[p]}
		alike[p]++
		if numbers[k] == 0 {
			last[name]++
			numbers[k] = last[name]
		}
		places[i] = CallPlace{Case: numbers[k], Trial: int32(trial)}
	}
	return places
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
