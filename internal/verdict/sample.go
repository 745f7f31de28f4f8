package verdict

import (
	"cmp"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
)

// sample is one run prepared for measuring: its calls in a fixed order, by scenario and by eval. It is
// immutable.
type sample struct {
	*roll
	evals []eval // by name, then id
}

// newSample orders and indexes a run. Nothing measured then depends on the server's order of calls.
func newSample(e Evidence, r Rules) sample {
	s := sample{roll: newRoll(e, r)}
	s.evals = collectEvals(s.roll, e.Evals)
	s.unpassable = s.markPassed(s.evals, r.PassWhen)
	return s
}

// hasBar reports whether a call that succeeded may not have passed.
func (s *sample) hasBar(r Rules) bool {
	return len(r.PassWhen) > 0 || slices.ContainsFunc(s.evals, func(e eval) bool { is, _ := e.isPassFail(); return is })
}

// roll is the calls of a run in order of scenario, then id. What every metric needs from a call is
// computed once.
type roll struct {
	calls     Calls
	order     []int32 // index in calls of each position; nil if they are the same
	marks     []mark
	scenarios []scenario // in the order of their calls: by name, then id
	places    map[scenarioKey]int32
	// trials is how many trials the run has, and trialBy the trial of each execution, from 0.
	trials  int
	trialBy []int
	// open means that missing results and calls may still arrive.
	open bool
	// unread means that planned calls that are not here may exist.
	unread bool
	// successBounded means that a criterion limits calls that did not succeed.
	successBounded bool
	// planKnown means that the scenarios were known before the start.
	planKnown bool
	// byDefault means that there is no pass-when: Pass/Fail evals decide.
	byDefault bool
	// zeros means that an overall score below 1 occurs: the scale starts at 0.
	zeros bool
	// zeroMayCome means that none occurs yet, but scores may still arrive.
	zeroMayCome bool
	// unpassable are warnings about what leaves open whether calls passed, such as conditions without
	// an eval.
	unpassable []text.Untrusted
}

// mark is what a call's ending means.
type mark struct {
	outcome, first  ending
	passed          PassState
	completed, held bool
	flaky, limited  bool  // limited: it reached the limit of turns
	scenario        int32 // index in scenarios
}

// ending is an [Outcome] in one byte.
type ending uint8

// The endings. From endLost on they say nothing about the agent.
const (
	endSucceeded ending = iota
	endFailed
	endSkipped
	endLost
	endCancelled
	endOpen
)

// known reports whether the ending says anything about the agent.
func (e ending) known() bool { return e < endLost }

// endingOf is an outcome in one byte.
func endingOf(o Outcome, platformFails bool) ending {
	switch o {
	case Succeeded:
		return endSucceeded
	case Skipped:
		return endSkipped
	case Cancelled:
		return endCancelled
	case Open:
		return endOpen
	case Lost:
		if !platformFails {
			return endLost
		}
	}
	return endFailed
}

// span is the calls of a roll at positions from (inclusive) to to (exclusive).
type span struct{ from, to int }

// len is the number of calls.
func (s span) len() int { return s.to - s.from }

func newRoll(e Evidence, rules Rules) *roll {
	list := e.Calls
	r := &roll{calls: list, marks: make([]mark, list.Len()), open: e.Open, unread: e.Unread, successBounded: rules.BoundsSuccess(), byDefault: len(rules.PassWhen) == 0}
	r.trials = e.Trials()
	for _, x := range e.Executions() {
		r.trialBy = append(r.trialBy, x.Trial)
	}
	book := newScenarioBook(list, e.Plan)
	rank := book.ranks(list)
	inOrder := func(a, b int32) int {
		if byScenario := cmp.Compare(rank[a], rank[b]); byScenario != 0 {
			return byScenario
		}
		return calls.CompareIDs(list.ID(int(a)), list.ID(int(b)))
	}
	for i := 1; i < len(r.marks); i++ {
		if inOrder(int32(i-1), int32(i)) > 0 {
			r.order = make([]int32, len(r.marks))
			for i := range r.order {
				r.order[i] = int32(i)
			}
			slices.SortStableFunc(r.order, inOrder)
			break
		}
	}
	r.scenarios, r.places, r.planKnown = book.scenarios, book.places, e.Plan != nil
	for at := range r.marks {
		c := r.brief(at)
		s := rank[r.index(at)]
		m := mark{
			outcome:   endingOf(c.Outcome(), rules.PlatformFails),
			first:     endingOf(c.FirstKnown(), rules.PlatformFails),
			completed: c.Status == calls.Completed,
			held:      c.held(),
			scenario:  s,
		}
		if rules.PlatformFails && c.Attempts > 1 && c.FirstOutcome == Lost {
			m.first = endFailed
		}
		m.limited = calls.TurnLimit(c.Status, c.EndedReason)
		m.flaky = m.first != endSucceeded && m.outcome == endSucceeded
		score := r.score(at)
		r.zeros = r.zeros || m.held && m.outcome.known() && score < 1
		lacks := m.held && m.outcome.known() && !stats.Finite(score)
		r.zeroMayCome = r.zeroMayCome || r.open && (lacks || m.outcome == endOpen)
		r.marks[at] = m
		if at == 0 || r.marks[at-1].scenario != s {
			r.scenarios[s].from = at
		}
		r.scenarios[s].to = at + 1
	}
	r.zeroMayCome = r.zeroMayCome && !r.zeros
	for i := range r.scenarios {
		s := &r.scenarios[i]
		s.tolerated = rules.BoundsJudged(s.name.Raw())
		s.countUnstarted(e.PlannedTrials, r.trials)
	}
	return r
}

// index is the index in calls of the call at a position.
func (r *roll) index(at int) int {
	if r.order == nil {
		return at
	}
	return int(r.order[at])
}

// trialOf is the trial of a call, from 0.
func (r *roll) trialOf(c Call) int { return r.trialBy[min(c.Execution, len(r.trialBy)-1)] }

// brief is the call at a position without its times and evals.
func (r *roll) brief(at int) Call { return r.calls.Brief(r.index(at)) }

// id is the id of the call at a position.
func (r *roll) id(at int) uuid.UUID { return r.calls.ID(r.index(at)) }

// numbers are the numbers of the call at a position.
func (r *roll) numbers(at int) calls.Numbers { return r.calls.list.Numbers(r.index(at)) }

// score is the overall score of the call at a position; NaN without one on the known scale.
func (r *roll) score(at int) float64 {
	if v := r.numbers(at).OverallScore; OnScoreScale(v) {
		return v
	}
	return math.NaN()
}

// OnScoreScale reports whether a number can be an overall score, 1 to 10, or from 0 on some servers
// (contract, section 5). The scale of other numbers is unknown, so they are not results.
func OnScoreScale(v float64) bool { return v >= 0 && v <= criteria.MaxOverallScore }

// all is all calls, including missing ones.
func (r *roll) all() part {
	p := part{span: span{0, len(r.marks)}}
	for i := range r.scenarios {
		p.missing += r.scenarios[i].missing()
		p.unstarted += r.scenarios[i].unstarted
		p.excused += r.scenarios[i].excused()
	}
	return p
}

// count counts calls by how they ended.
func (r *roll) count(calls part) Counts {
	n := Counts{Total: calls.len(), Missing: calls.missing, Planned: calls.len() + calls.missing}
	n.Unstarted = min(calls.unstarted, n.Missing)
	if r.unread {
		n.Missing, n.Unstarted = 0, 0 // unknown
	}
	for at := calls.from; at < calls.to; at++ {
		m := r.marks[at]
		if m.completed {
			n.Completed++
		}
		if m.outcome.known() {
			n.Judged++
		}
		switch m.outcome {
		case endSucceeded:
			n.Succeeded++
			if stats.Finite(r.score(at)) {
				n.Scored++
			}
		case endFailed:
			n.Failed++
		case endSkipped:
			n.Skipped++
		case endCancelled:
			n.Cancelled++
		case endLost:
			n.Lost++
		case endOpen:
			n.Open++
		}
		switch {
		case m.passed == Passed:
			n.Passed++
		case m.passed == NotPassed && m.outcome == endSucceeded:
			n.BelowBar++
		}
		if m.flaky {
			n.Flaky++
		}
		if m.limited {
			n.TurnLimit++
		}
	}
	return n
}
