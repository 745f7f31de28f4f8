package verdict

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// scenario is one scenario's part of a run. Scenarios are identified by id, or by name if the server
// gives no id.
type scenario struct {
	id   uuid.UUID // uuid.Nil if unknown
	name text.Untrusted
	ids  []uuid.UUID // of the merged scenarios
	span
	planned   *int // planned calls; nil if unknown
	inPlan    bool
	unstarted int  // missing calls of trials that were not started
	atLeast   int  // minimum of planned calls, if planned is nil
	merged    int  // how many scenarios of its name it stands for because calls do not say which; otherwise 0
	twin      bool // another scenario has the same name
	tolerated bool // a criterion on judged_rate limits its calls that are not judged
}

// part is some of a run's calls, with the number of missing ones. A criterion on judged_rate covers
// those that are excused.
type part struct {
	span
	missing, unstarted, excused int
}

// part is the scenario's own calls.
func (s *scenario) part() part {
	return part{span: s.span, missing: s.missing(), unstarted: s.unstarted, excused: s.excused()}
}

// missing is how many planned calls the server does not have.
func (s *scenario) missing() int {
	switch {
	case s.planned != nil:
		return max(0, *s.planned-s.len())
	case s.inPlan:
		return max(0, max(1, s.atLeast)-s.len()) // a scenario has at least one call
	}
	return 0
}

// countUnstarted counts the missing calls that are of planned trials which were not started.
func (s *scenario) countUnstarted(planned, started int) {
	if s.planned != nil && planned > started {
		s.unstarted = min(s.missing(), *s.planned/planned*(planned-started))
	}
}

// excused is how many missing calls a criterion on judged_rate covers.
func (s *scenario) excused() int {
	if s.tolerated {
		return s.missing()
	}
	return 0
}

// title is the scenario's name, with its id if another one has the same name.
func (s *scenario) title() text.Untrusted {
	switch {
	case s.name.LineMax(1) == "":
		return text.New("(no name)") // an empty scope means the whole run
	case s.twin && s.id != uuid.Nil:
		return text.Sprintf("%s (%s)", s.name, shortID(s.id))
	}
	return s.name
}

// counterpart is the index of the same scenario in r: by id, otherwise the only one of its name.
func (r *roll) counterpart(s *scenario) (at int32, ok bool) {
	if at, ok = r.places[scenarioKey{id: s.id}]; ok && s.id != uuid.Nil {
		return at, true
	}
	at, ok = r.places[scenarioKey{name: s.name}]
	return at, ok && !s.twin && !r.scenarios[at].twin
}

// scenarioBook identifies the scenarios of a run.
type scenarioBook struct {
	scenarios []scenario // by name, then id
	places    map[scenarioKey]int32
}

// scenarioKey is what a call says about its scenario.
type scenarioKey struct {
	id   uuid.UUID
	name text.Untrusted
}

// newScenarioBook finds the scenarios of the plan and of the calls. A call with only a name belongs to
// the scenario of that name. If several planned ones have it, they are merged, because nobody knows
// which one is meant.
func newScenarioBook(list Calls, plan []Planned) scenarioBook {
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
	for i := range list.Len() {
		name, id := list.list.ScenarioKey(i)
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
		return cmp.Or(cmp.Compare(a.name.Raw(), b.name.Raw()), calls.CompareIDs(a.id, b.id))
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

// mergeScenarios merges the scenarios of a name if a call gives only that name and at least one of them
// was planned.
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
		case !s.inPlan: // it adds nothing to the plan
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

// ranks is the scenario index of each call.
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

// sortedKeys are the keys ordered by name, then id.
func sortedKeys(keys map[scenarioKey]bool) []scenarioKey {
	sorted := make([]scenarioKey, 0, len(keys))
	for k := range keys {
		sorted = append(sorted, k)
	}
	slices.SortFunc(sorted, func(a, b scenarioKey) int {
		return cmp.Or(cmp.Compare(a.name.Raw(), b.name.Raw()), calls.CompareIDs(a.id, b.id))
	})
	return sorted
}

// What it takes to speak of scenarios like these: enough of them, and none that is most of the calls. With
// fewer the intervals do not hold what they promise (docs/statistics.md).
const (
	fewestScenarios = 10
	largestShare    = 0.3
)

// notASample says why scenarios with so many calls each are no sample to speak of others; empty if they are.
func notASample(scenarios []Planned) text.Untrusted {
	total, largest := 0, 0
	for i, s := range scenarios {
		total += *s.Calls
		if *s.Calls > *scenarios[largest].Calls {
			largest = i
		}
	}
	switch n := len(scenarios); {
	case n < fewestScenarios:
		return explain.FewScenarios(n, fewestScenarios)
	case float64(*scenarios[largest].Calls) > largestShare*float64(total):
		return explain.LargeScenario(scenarios[largest].Name, *scenarios[largest].Calls, total, 100*largestShare)
	}
	return text.Untrusted{}
}

// NotASample says why the planned scenarios cannot be judged by intervals for the population; empty if they
// can, if that is not wanted, or if it is not known.
func (r Rules) NotASample(plan []Planned) text.Untrusted {
	if !slices.ContainsFunc(r.Criteria, r.forPopulation) {
		return text.Untrusted{}
	}
	var some []Planned
	for _, s := range plan {
		if s.Calls == nil {
			s.Calls = new(1)
			if len(plan) >= fewestScenarios {
				return text.Untrusted{}
			}
		}
		some = append(some, s)
	}
	if len(some) == 0 {
		return text.Untrusted{}
	}
	return notASample(some)
}

// forPopulation reports whether the criterion's interval is one over scenarios: that of a rate or a mean over
// several can be.
func (r Rules) forPopulation(c criteria.Criterion) bool {
	m, _ := c.Lookup()
	several := c.Scope.Kind != criteria.ScopeScenario && c.Scope.Kind != criteria.ScopeEachScenario
	return r.IntervalFor == IntervalForPopulation && several && (m.Family == criteria.Rate || m.Family == criteria.Average && (c.Stat == criteria.StatMean || c.Stat == ""))
}

// asSample reports whether an interval speaks of scenarios like those of the metric, and whether it has any.
func (m *measured) asSample(by basis) (over, has bool) {
	over = by.population && !m.alone
	return over, !over || m.notASample().IsEmpty()
}

// notASample says why the scenarios of the metric are no sample; empty if they are, even if what is unknown turns
// out not to count.
func (m *measured) notASample() text.Untrusted {
	scenarios, unknown := m.scenarioCounts()
	known := m.known()
	var all []Planned
	for i, s := range scenarios {
		switch own := s.Total - unknown[i]; {
		case own == 0:
		case float64(s.Total) > largestShare*float64(known-own+s.Total):
			return explain.LargeScenario(m.run.scenarios[i].title(), s.Total, known-own+s.Total, 100*largestShare)
		default:
			all = append(all, Planned{Calls: &scenarios[i].Total})
		}
	}
	if len(all) < fewestScenarios {
		return explain.FewScenarios(len(all), fewestScenarios)
	}
	return text.Untrusted{}
}

// scenarioCounts counts hits and unknown rows of each scenario, by index.
func (m *measured) scenarioCounts() (scenarios []stats.Count, unknown []int) {
	scenarios, unknown = make([]stats.Count, len(m.run.scenarios)), make([]int, len(m.run.scenarios))
	for r := range m.rows() {
		scenarios[r.scenario].Total++
		switch {
		case r.missing:
			unknown[r.scenario]++
		case r.hit:
			scenarios[r.scenario].Hits++
		}
	}
	return scenarios, unknown
}

// overScenarios gives a rate the interval over scenarios; none where they are no sample.
func (r *reading) overScenarios(m *measured, l stats.Level) {
	r.further = nil
	if !m.notASample().IsEmpty() {
		r.least.Interval, r.most.Interval = stats.Unbounded(), stats.Unbounded()
		return
	}
	var least, most []stats.Count
	var unknown []int
	all, missing := m.scenarioCounts()
	for i, s := range all {
		if s.Total > 0 {
			least, most = append(least, s), append(most, stats.Count{Hits: s.Hits + missing[i], Total: s.Total})
			unknown = append(unknown, missing[i])
		}
	}
	r.least.Interval, r.most.Interval = stats.Percent(stats.RateOver(least, l)), stats.Percent(stats.RateOver(most, l))
	if r.unknown > 0 {
		any := stats.Percent(stats.RateOverAny(least, unknown, l))
		r.least.Low, r.most.High = min(r.least.Low, any.Low), max(r.most.High, any.High)
	}
}

// meanOverAny is the interval of a mean over scenarios, wherever between low and high the unknown values are.
func (m *measured) meanOverAny(low, high float64, l stats.Level) stats.Interval {
	if !m.notASample().IsEmpty() {
		return stats.Unbounded()
	}
	sums := make([]stats.Values, len(m.run.scenarios))
	for r := range m.rows() {
		s := &sums[r.scenario]
		s.N++
		if r.missing {
			s.Unknown++
			s.Least, s.Most = s.Least+low, s.Most+high
		} else {
			s.Least, s.Most = s.Least+r.value, s.Most+r.value
		}
	}
	return stats.MeanOverAny(slices.DeleteFunc(sums, func(s stats.Values) bool { return s.N == 0 }), l)
}
