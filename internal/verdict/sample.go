package verdict

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
)

// sample is what one run offers to be measured: its calls in an order of ours, by
// scenario, and by eval. It is never changed once made.
type sample struct {
	*roll
	scenarios []scenario // by name
	evals     []eval     // by name, then id
}

// scenario is the part of a run that one scenario has. Scenarios of the same name are
// one: a name is all that a criterion can say.
type scenario struct {
	name text.Untrusted
	span
}

// span is the calls of a roll from one place to before another.
type span struct{ from, to int }

// len is the number of calls.
func (s span) len() int { return s.to - s.from }

// newSample orders and indexes a run, so that nothing measured depends on the order in
// which the server gave its calls.
func newSample(calls Calls, configs []client.EvalConfig) sample {
	s := sample{roll: newRoll(calls)}
	begin := 0
	for at := range s.marks {
		name := s.scenarioOf(at)
		if at+1 == len(s.marks) || s.scenarioOf(at+1) != name {
			s.scenarios = append(s.scenarios, scenario{name: name, span: span{begin, at + 1}})
			begin = at + 1
		}
	}
	s.evals = collectEvals(s.roll, configs)
	return s
}

// scenario finds a scenario by its name.
func (s sample) scenario(name string) (found scenario, ok bool) {
	i, ok := slices.BinarySearchFunc(s.scenarios, name, func(s scenario, name string) int {
		return cmp.Compare(s.name.Raw(), name)
	})
	if !ok {
		return found, false
	}
	return s.scenarios[i], true
}

// roll is the calls of a run, each at its place: by scenario, and then by id. What every
// metric asks of a call is worked out once.
type roll struct {
	calls Calls
	order []int32 // where in calls each one is; nil when they stand in that order
	marks []mark
}

// mark is what a call's end means.
type mark struct {
	outcome, first  ending
	completed, held bool
	open            bool // it has not ended
	flaky           bool
}

// ending is an [Outcome] in one byte.
type ending uint8

// The endings.
const (
	endSucceeded ending = iota
	endFailed
	endSkipped
	endCancelled
)

// endingOf is an outcome in one byte.
func endingOf(o Outcome) ending {
	switch o {
	case Succeeded:
		return endSucceeded
	case Skipped:
		return endSkipped
	case Cancelled:
		return endCancelled
	}
	return endFailed
}

func newRoll(calls Calls) *roll {
	r := &roll{calls: calls, marks: make([]mark, calls.Len())}
	inOrder := func(a, b int32) int {
		i, j := calls.ID(int(a)), calls.ID(int(b))
		return cmp.Or(cmp.Compare(calls.list.Scenario(int(a)).Raw(), calls.list.Scenario(int(b)).Raw()), bytes.Compare(i[:], j[:]))
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
	for at := range r.marks {
		c := r.brief(at)
		r.marks[at] = mark{
			outcome:   endingOf(c.Outcome()),
			first:     endingOf(c.first()),
			completed: c.Status == client.CallCompleted,
			held:      c.held(),
			open:      !c.Status.Terminal(),
			flaky:     c.Flaky(),
		}
	}
	return r
}

// index is where in calls the call at a place is.
func (r *roll) index(at int) int {
	if r.order == nil {
		return at
	}
	return int(r.order[at])
}

// brief is the call at a place without its times and evals.
func (r *roll) brief(at int) Call { return r.calls.Brief(r.index(at)) }

// id is the id of the call at a place.
func (r *roll) id(at int) uuid.UUID { return r.calls.ID(r.index(at)) }

// scenarioOf is the scenario of the call at a place.
func (r *roll) scenarioOf(at int) text.Untrusted { return r.calls.list.Scenario(r.index(at)) }

// numbers are the numbers of the call at a place.
func (r *roll) numbers(at int) client.Numbers { return r.calls.list.Numbers(r.index(at)) }

// all are all calls.
func (r *roll) all() span { return span{0, len(r.marks)} }

// count counts calls by how they ended.
func (r *roll) count(calls span) Counts {
	n := Counts{Total: calls.len()}
	for at := calls.from; at < calls.to; at++ {
		m := r.marks[at]
		if m.completed {
			n.Completed++
		}
		switch m.outcome {
		case endSucceeded:
			n.Succeeded++
			if finite(r.numbers(at).OverallScore) {
				n.Scored++
			}
		case endFailed:
			n.Failed++
		case endSkipped:
			n.Skipped++
		case endCancelled:
			n.Cancelled++
		}
		if m.flaky {
			n.Flaky++
		}
	}
	return n
}

// finite reports whether there is a value, and one to reckon with.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
