package verdict

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// scenario is the part of a run that one scenario has. Scenarios are told apart by their
// ids; where a server gives none, by their names.
type scenario struct {
	id   uuid.UUID // uuid.Nil when not known
	name text.Untrusted
	ids  []uuid.UUID // of those that it stands for, where they are several
	span
	planned   *int // calls that it was to have; nil when not known
	inPlan    bool
	atLeast   int  // calls that it was to have at the least, where planned is not known
	merged    int  // how many scenarios of its name it stands for, where calls do not tell which one; else 0
	twin      bool // another scenario has the same name
	tolerated bool // a criterion says how many of its calls may be without judgement
}

// part is some of a run's calls, and how many that belong to them never came. Of those
// excused are covered by a criterion that says how many may be unknown.
type part struct {
	span
	missing, excused int
}

// part is the scenario's own calls.
func (s *scenario) part() part { return part{span: s.span, missing: s.missing(), excused: s.excused()} }

// missing is how many calls were planned and never came.
func (s *scenario) missing() int {
	switch {
	case s.planned != nil:
		return max(0, *s.planned-s.len())
	case s.inPlan:
		return max(0, max(1, s.atLeast)-s.len()) // a scenario has one call at least
	}
	return 0
}

// excused are the missing calls that a criterion on judged_rate answers for.
func (s *scenario) excused() int {
	if s.tolerated {
		return s.missing()
	}
	return 0
}

// title is the scenario's name, with its id where another one has the same name.
func (s *scenario) title() text.Untrusted {
	switch {
	case s.name.IsEmpty():
		return text.New("(no name)") // an empty scope means the whole run
	case s.twin && s.id != uuid.Nil:
		return text.Sprintf("%s (%s)", s.name, shortID(s.id))
	}
	return s.name
}

// counterpart is the place of the run's scenario that is the same one as that of another run:
// by its id, and else the only one of its name.
func (r *roll) counterpart(s *scenario) (at int32, ok bool) {
	if at, ok = r.places[scenarioKey{id: s.id}]; ok && s.id != uuid.Nil {
		return at, true
	}
	at, ok = r.places[scenarioKey{name: s.name}]
	return at, ok && !s.twin && !r.scenarios[at].twin
}

// scenarioBook tells the scenarios of a run apart.
type scenarioBook struct {
	scenarios []scenario // by name, then id
	places    map[scenarioKey]int32
}

// scenarioKey is what a call says of its scenario.
type scenarioKey struct {
	id   uuid.UUID
	name text.Untrusted
}

// newScenarioBook finds the scenarios of the plan and of the calls. A call that gives only a
// name belongs to the scenario of that name. Where several were asked for, nobody knows to which,
// so they are one.
func newScenarioBook(calls Calls, plan []Planned) scenarioBook {
	var found []scenario
	byID := map[uuid.UUID]int{}
	add := func(s scenario) {
		if at, known := byID[s.id]; known && s.id != uuid.Nil {
			if found[at].name.IsEmpty() {
				found[at].name = s.name
			}
			return
		}
		byID[s.id] = len(found)
		found = append(found, s)
	}
	for _, p := range plan {
		add(scenario{id: p.ID, name: p.Name, planned: p.Calls, inPlan: true})
	}
	keys := map[scenarioKey]bool{}
	var last scenarioKey // most calls have the scenario of the one before
	for i := range calls.Len() {
		name, id := calls.list.ScenarioKey(i)
		if k := (scenarioKey{id, name}); i == 0 || k != last {
			keys[k], last = true, k
		}
	}
	for _, k := range sortedKeys(keys) {
		if k.id != uuid.Nil {
			add(scenario{id: k.id, name: k.name})
		}
	}
	found = mergeScenarios(found, keys)
	named := map[text.Untrusted]int{}
	for _, s := range found {
		named[s.name]++
	}
	for _, k := range sortedKeys(keys) {
		if k.id == uuid.Nil && named[k.name] != 1 {
			found = append(found, scenario{name: k.name})
		}
	}
	slices.SortStableFunc(found, func(a, b scenario) int {
		return cmp.Or(cmp.Compare(a.name.Raw(), b.name.Raw()), compareIDs(a.id, b.id))
	})
	b := scenarioBook{scenarios: found, places: map[scenarioKey]int32{}}
	for i, s := range found {
		if i > 0 && found[i-1].name == s.name {
			found[i-1].twin, found[i].twin = true, true
		}
		for _, id := range append(s.ids, s.id) {
			if id != uuid.Nil {
				b.places[scenarioKey{id: id}] = int32(i)
			}
		}
		if s.id == uuid.Nil || named[s.name] == 1 {
			b.places[scenarioKey{name: s.name}] = int32(i)
		}
	}
	return b
}

// mergeScenarios makes one of all scenarios of a name of which some call tells the name alone,
// where one of them at least was asked for.
func mergeScenarios(found []scenario, keys map[scenarioKey]bool) []scenario {
	planned, all := map[text.Untrusted]bool{}, map[text.Untrusted]int{}
	for _, s := range found {
		planned[s.name] = planned[s.name] || s.inPlan
		all[s.name]++
	}
	var kept []scenario
	at := map[text.Untrusted]int{}
	for _, s := range found {
		if all[s.name] < 2 || !planned[s.name] || !keys[scenarioKey{name: s.name}] {
			kept = append(kept, s)
			continue
		}
		place, known := at[s.name]
		if !known {
			place = len(kept)
			at[s.name] = place
			kept = append(kept, scenario{name: s.name, inPlan: true, planned: new(0)})
		}
		one := &kept[place]
		one.merged++
		one.ids = append(one.ids, s.id)
		switch {
		case !s.inPlan: // its calls are among those that were planned, or beside them
		case s.planned == nil:
			one.atLeast++
			one.planned = nil
		default:
			one.atLeast += *s.planned
			if one.planned != nil {
				one.planned = new(*one.planned + *s.planned)
			}
		}
	}
	return kept
}

// ranks are the places of the scenarios that the calls belong to.
func (b scenarioBook) ranks(calls Calls) []int32 {
	ranks := make([]int32, calls.Len())
	var last scenarioKey
	for i := range ranks {
		name, id := calls.list.ScenarioKey(i)
		k := scenarioKey{id, name}
		if i > 0 && k == last {
			ranks[i] = ranks[i-1]
			continue
		}
		last = k
		if id != uuid.Nil {
			k.name = text.Untrusted{}
		}
		ranks[i] = b.places[k]
	}
	return ranks
}

// sortedKeys are keys by name, then id.
func sortedKeys(keys map[scenarioKey]bool) []scenarioKey {
	sorted := make([]scenarioKey, 0, len(keys))
	for k := range keys {
		sorted = append(sorted, k)
	}
	slices.SortFunc(sorted, func(a, b scenarioKey) int {
		return cmp.Or(cmp.Compare(a.name.Raw(), b.name.Raw()), compareIDs(a.id, b.id))
	})
	return sorted
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
