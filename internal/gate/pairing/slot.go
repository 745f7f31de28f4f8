// Package pairing tells which calls of several executions of a run play the same: the same dataset row of the
// same scenario. It only computes.
//
// slot.go is what a call plays and of which calls nobody can tell, stand.go pairs calls of a new execution with
// those that they are to stand for, and past.go finds out what executions were that an earlier start held.
package pairing

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// slot is what a call plays: its scenario and dataset row.
type slot struct {
	scenario string // its id, or else its name
	row      uint64 // 0 where the server does not tell
}

// slotOf returns the slot of a call.
func slotOf(c verdict.Call) slot {
	s := slot{scenario: c.ScenarioID.String(), row: c.Row}
	if c.ScenarioID == uuid.Nil {
		s.scenario = c.Scenario.Raw()
	}
	return s
}

// Untold are scenarios with several calls a trial, of which the server does not tell which dataset rows
// they play. Nothing else tells calls of several executions apart: not their order, as other rows may have
// come or gone, nor their ids.
type Untold map[string]bool

// FindUntold finds the scenarios whose calls of a trial cannot be told apart. plan is that of one trial.
func FindUntold(trial verdict.Calls, plan []verdict.Planned) Untold {
	many := map[string]int{}
	for _, c := range trial.All() {
		many[slotOf(c).scenario]++
	}
	for _, p := range plan {
		if at := p.ID.String(); p.Calls != nil {
			many[at] = max(many[at], *p.Calls)
		}
	}
	found := Untold{}
	for _, c := range trial.All() {
		if at := slotOf(c); at.row == 0 && many[at.scenario] > 1 {
			found[at.scenario] = true
		}
	}
	return found
}

// Has reports whether another call could be taken for this one.
func (u Untold) Has(c verdict.Call) bool {
	at := slotOf(c)
	return at.row == 0 && u[at.scenario]
}

// Why says of which calls it is not known what they play.
func (u Untold) Why(list []verdict.Call) text.Untrusted {
	var names []string
	for _, c := range list {
		if name := criteria.Quote(c.Scenario.Raw()); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	what := "scenario " + text.New(names[0]).Line()
	if len(names) > 1 {
		what = fmt.Sprintf("%d scenarios", len(names))
	}
	return text.Sprintf("the server does not tell which dataset rows the calls of %s play, so another row could pass for the one meant", text.New(what))
}

// Placeable returns those of some calls of a trial that another execution can place: that needs all calls of a
// scenario that cannot be told apart. lacking are the others.
func (u Untold) Placeable(trial verdict.Calls, list []verdict.Call) (placeable, lacking []verdict.Call) {
	all, some := map[string]int{}, map[string]int{}
	for _, c := range trial.All() {
		all[slotOf(c).scenario]++
	}
	for _, c := range list {
		some[slotOf(c).scenario]++
	}
	for _, c := range list {
		if at := slotOf(c).scenario; u.Has(c) && some[at] < all[at] {
			lacking = append(lacking, c)
			continue
		}
		placeable = append(placeable, c)
	}
	return placeable, lacking
}
