package gate

import (
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// keepPartial keeps what was read of an ended execution before a page could not be: when the
// time is up it is judged.
func (r *run) keepPartial(e client.Execution) {
	if e.Status.Terminal() && e.Calls.Len() > r.partial.Calls.Len() {
		r.partial = e
	}
}

// takePartial makes the part of an ended execution the evidence that could be read until the
// time was up. The calls that could not be are planned ones of which nothing is known.
func (r *run) takePartial(err error) error {
	e := r.partial
	if e.Calls.Len() == 0 {
		if r.patience.Trouble() != nil {
			err = r.patience.Trouble()
		}
		return unreadError{err}
	}
	r.take(e)
	r.evidence.Unread = true
	total := 0
	if e.Total != nil {
		total = *e.Total
	}
	unread := max(0, total-e.Calls.Len())
	r.evidence.Plan = planWith(r.evidence.Plan, r.evidence.Calls, unread)
	r.log.Warn(text.Sprintf("%d of %s could not be read before the time was up: nothing is known of them.", unread, text.Plural(total, "call")))
	return r.settle()
}

// planWith is a plan that tells of calls which could not be read. Those that the plan does not
// account for may belong to any scenario of which it is not known how many calls it has.
func planWith(plan []verdict.Planned, calls verdict.Calls, unread int) []verdict.Planned {
	came := map[uuid.UUID]int{}
	named := map[text.Untrusted]int{} // of calls that only name their scenario
	var found []verdict.Planned
	for _, c := range calls.All() {
		if c.ScenarioID == uuid.Nil {
			if named[c.Scenario]++; named[c.Scenario] == 1 {
				found = append(found, verdict.Planned{Name: c.Scenario})
			}
			continue
		}
		if came[c.ScenarioID]++; came[c.ScenarioID] == 1 {
			found = append(found, verdict.Planned{ID: c.ScenarioID, Name: c.Scenario})
		}
	}
	if plan == nil {
		plan = found
	}
	cameOf := func(p verdict.Planned) int { return came[p.ID] + named[p.Name] }
	open := false
	for _, p := range plan {
		if p.Calls == nil {
			open = true
			continue
		}
		unread -= max(0, *p.Calls-cameOf(p))
	}
	out := slices.Clone(plan)
	for i, p := range out {
		switch {
		case unread <= 0:
		case p.Calls == nil:
			out[i].Calls = new(cameOf(p) + unread)
		case !open: // more came than the plan knows of
			out[i].Calls = new(max(*p.Calls, cameOf(p)) + unread)
		}
	}
	return out
}
