package verdict

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// Quarantined is a scenario that is run and shown, and not judged.
type Quarantined struct {
	// Scenario is its name; of two of the same name the one with the id that follows in brackets, else both.
	Scenario text.Untrusted
	Reason   text.Untrusted
	Owner    text.Untrusted
	Until    time.Time // the first moment at which it is judged again
}

// Quarantine is the part of a run that is not judged.
type Quarantine struct {
	Entries []Quarantined
	Calls   Calls
	Plan    []Planned
}

// LastDay is the last day of the quarantine, in UTC; empty without an end.
func (q Quarantined) LastDay() string {
	if q.Until.IsZero() {
		return ""
	}
	return q.Until.UTC().AddDate(0, 0, -1).Format(time.DateOnly)
}

// Aside is what a quarantined scenario came to.
type Aside struct {
	Quarantined
	Counts Counts
	// Bar means that a call that succeeded may not have passed.
	Bar bool
}

// covers reports whether an entry is about a scenario.
func (q Quarantined) covers(name text.Untrusted, id uuid.UUID) bool {
	return q.Scenario == name || id != uuid.Nil && q.Scenario == text.Sprintf("%s (%s)", name, text.New(shortID(id)))
}

// entry is the index of the first entry about a scenario; -1 if there is none.
func (q Quarantine) entry(name text.Untrusted, id uuid.UUID) int {
	return slices.IndexFunc(q.Entries, func(e Quarantined) bool { return e.covers(name, id) })
}

// SetAside returns the evidence with the calls of quarantined scenarios, and those planned for them, apart. A call
// that only names its scenario is set aside if no other scenario of that name is judged.
func (e Evidence) SetAside(entries []Quarantined) Evidence {
	if len(entries) == 0 {
		return e
	}
	e.Quarantine.Entries = entries
	e.Calls, e.Plan, e.Quarantine.Calls, e.Quarantine.Plan = e.Quarantine.split(e.Calls, e.Plan)
	return e
}

// split separates what is judged from what is not.
func (q Quarantine) split(list Calls, plan []Planned) (judged Calls, judgedPlan []Planned, aside Calls, asidePlan []Planned) {
	names := map[uuid.UUID]text.Untrusted{} // some calls have only the id
	for _, p := range plan {
		names[p.ID] = p.Name
	}
	unnumbered := map[text.Untrusted]bool{} // names of calls without ids
	for i := range list.Len() {
		switch name, id := list.list.ScenarioKey(i); {
		case id == uuid.Nil:
			unnumbered[name] = true
		case names[id].IsEmpty():
			names[id] = name
		}
	}
	apart := func(name text.Untrusted, id uuid.UUID) bool {
		if id != uuid.Nil && !names[id].IsEmpty() {
			name = names[id]
		}
		if unnumbered[name] {
			id = uuid.Nil // which calls belong to which of several scenarios is not known
		}
		return q.entry(name, id) >= 0
	}
	for _, p := range plan {
		if apart(p.Name, p.ID) {
			asidePlan = append(asidePlan, p)
		} else {
			judgedPlan = append(judgedPlan, p)
		}
	}
	if plan != nil && judgedPlan == nil {
		judgedPlan = []Planned{} // known to be none
	}
	isAside := make([]bool, list.Len())
	some := false
	for i := range isAside {
		name, id := list.list.ScenarioKey(i)
		isAside[i] = apart(name, id)
		some = some || isAside[i]
	}
	if !some {
		return list, judgedPlan, Calls{}, asidePlan
	}
	var stay, leave CallPacker
	for i, c := range list.All() {
		if isAside[i] {
			leave.Add(c)
		} else {
			stay.Add(c)
		}
	}
	return stay.Calls(), judgedPlan, leave.Calls(), asidePlan
}

// Against returns what the run is compared with: a baseline without the scenarios that are in quarantine now.
func (e Evidence) Against(b *Baseline) *Baseline { return e.Quarantine.of(b) }

// of returns a baseline without the scenarios in quarantine.
func (q Quarantine) of(b *Baseline) *Baseline {
	if b == nil || len(q.Entries) == 0 {
		return b
	}
	judged := *b
	judged.Calls, judged.Plan, _, _ = q.split(b.Calls, b.Plan)
	return &judged
}

// exempt separates the criteria that are about nothing but scenarios in quarantine.
func (r Rules) exempt(e Evidence) (Rules, []criteria.Criterion) {
	if len(e.Quarantine.Entries) == 0 {
		return r, nil
	}
	judged, aside := namesOf(e.Calls, e.Plan), namesOf(e.Quarantine.Calls, e.Quarantine.Plan)
	for _, q := range e.Quarantine.Entries {
		aside[q.Scenario] = true
	}
	var kept, exempted []criteria.Criterion
	for _, c := range r.Criteria {
		if name := text.New(c.Scope.Name); c.Scope.Kind == criteria.ScopeScenario && aside[name] && !judged[name] {
			exempted = append(exempted, c)
		} else {
			kept = append(kept, c)
		}
	}
	r.Criteria = kept
	return r, exempted
}

// namesOf is the names of scenarios that are planned or have calls.
func namesOf(list Calls, plan []Planned) map[text.Untrusted]bool {
	names := map[text.Untrusted]bool{}
	for _, p := range plan {
		names[p.Name] = true
	}
	for i := range list.Len() {
		name, _ := list.list.ScenarioKey(i)
		names[name] = true
	}
	return names
}

// NothingLeft says that all criteria are about scenarios in quarantine, so that a run could not be judged; empty if
// one is left.
func (r Rules) NothingLeft(e Evidence) text.Untrusted { return nothingLeft(r.exempt(e)) }

func nothingLeft(kept Rules, exempted []criteria.Criterion) text.Untrusted {
	if len(kept.Criteria) > 0 || len(exempted) == 0 {
		return text.Untrusted{}
	}
	return explain.AllExempt(len(exempted))
}

// AllCalls are the calls of the run, judged or not.
func (e Evidence) AllCalls() Calls {
	if e.Quarantine.Calls.Len() == 0 {
		return e.Calls
	}
	return Joined(func(Call) bool { return true }, e.Calls, e.Quarantine.Calls)
}

// WithTranscripts returns the evidence with transcripts, by call id; nil for none.
func (e Evidence) WithTranscripts(said map[uuid.UUID]*Transcript) Evidence {
	e.Calls, e.Quarantine.Calls = e.Calls.WithTranscripts(said), e.Quarantine.Calls.WithTranscripts(said)
	return e
}

// asides counts the calls in quarantine by their entries.
func (j *judgement) asides() []Aside {
	q := j.evidence.Quarantine
	if len(q.Entries) == 0 {
		return nil
	}
	e := j.evidence
	e.Calls, e.Plan, e.Quarantine = q.Calls, q.Plan, Quarantine{}
	s := newSample(e, j.rules)
	bar := s.hasBar(j.rules)
	all := make([]Aside, len(q.Entries))
	for i, entry := range q.Entries {
		all[i].Quarantined, all[i].Bar = entry, bar
	}
	for i := range s.scenarios {
		sc := &s.scenarios[i]
		at := q.entry(sc.name, sc.id)
		if at < 0 { // several of one name, merged
			continue
		}
		all[at].Counts = all[at].Counts.Plus(s.count(sc.part()))
	}
	return all
}

// warnQuarantine says which entries and criteria have no effect.
func (j *judgement) warnQuarantine(asides []Aside) (all []text.Untrusted) {
	q := j.evidence.Quarantine
	if j.evidence.Calls.Len()+q.Calls.Len() > 0 {
		all = append(sayAside(asides), q.Unknown()...)
	}
	for _, c := range j.exempted {
		all = append(all, explain.Exempt(c.String()))
	}
	return all
}

// sayAside says what is in quarantine, and what its calls came to.
func sayAside(asides []Aside) (all []text.Untrusted) {
	count := CountAside(asides)
	if count.IsEmpty() {
		return nil
	}
	all = append(all, count)
	for _, a := range asides {
		if a.Counts.Planned > 0 {
			all = append(all, explain.Quarantined(a.Scenario, a.Reason, a.Owner, a.LastDay()))
		}
	}
	return all
}

// CountAside counts what is in quarantine; empty if the run has nothing of it.
func CountAside(asides []Aside) text.Untrusted {
	var total Counts
	scenarios, bar := 0, false
	for _, a := range asides {
		if a.Counts.Planned > 0 {
			scenarios++
			total, bar = total.Plus(a.Counts), bar || a.Bar
		}
	}
	if scenarios == 0 {
		return text.Untrusted{}
	}
	if !bar {
		total.Passed, total.BelowBar = 0, 0
	}
	return explain.Aside(scenarios, total.Total, []explain.Ended{
		{Calls: total.Passed, How: "passed"}, {Calls: total.Succeeded - total.Passed - total.BelowBar, How: "succeeded"},
		{Calls: total.Failed, How: "failed"}, {Calls: total.BelowBar, How: "below your bar"}, {Calls: total.Skipped, How: "skipped"},
		{Calls: total.Lost, How: "lost"}, {Calls: total.Missing, How: "missing"}, {Calls: total.Open, How: "unfinished"}, {Calls: total.Cancelled, How: "cancelled"},
	})
}

// Unknown says, for each entry, that the run has no such scenario; none if all are known.
func (q Quarantine) Unknown() (all []text.Untrusted) {
	for i, entry := range q.Entries {
		known := slices.ContainsFunc(q.Plan, func(p Planned) bool { return q.entry(p.Name, p.ID) == i || entry.covers(p.Name, p.ID) })
		for at := 0; at < q.Calls.Len() && !known; at++ {
			name, id := q.Calls.list.ScenarioKey(at)
			known = entry.covers(name, id)
		}
		if !known {
			all = append(all, explain.UnknownQuarantine(entry.Scenario))
		}
	}
	return all
}
