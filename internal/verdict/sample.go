package verdict

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
)

// sample is what one run offers to be measured: its calls in an order of ours, by
// scenario, and by eval. It is never changed once made.
type sample struct {
	calls     []*Call
	scenarios []scenario // by name
	evals     []eval     // by name, then id
}

// scenario is the part of a run that one scenario has. Scenarios of the same name are
// one: a name is all that a criterion can say.
type scenario struct {
	name  text.Untrusted
	calls []*Call
}

// newSample orders and indexes a run, so that nothing measured depends on the order in
// which the server gave its calls.
func newSample(calls []Call, configs []client.EvalConfig) sample {
	s := sample{calls: make([]*Call, len(calls))}
	for i := range calls {
		s.calls[i] = &calls[i]
	}
	inOrder := func(a, b *Call) int {
		return cmp.Or(cmp.Compare(a.Scenario.Raw(), b.Scenario.Raw()), bytes.Compare(a.ID[:], b.ID[:]))
	}
	if !slices.IsSortedFunc(s.calls, inOrder) {
		slices.SortStableFunc(s.calls, inOrder)
	}
	begin := 0
	for i, c := range s.calls {
		if i+1 == len(s.calls) || s.calls[i+1].Scenario != c.Scenario {
			s.scenarios = append(s.scenarios, scenario{name: c.Scenario, calls: s.calls[begin : i+1 : i+1]})
			begin = i + 1
		}
	}
	s.evals = collectEvals(s.calls, configs)
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

// countCalls counts calls by how they ended.
func countCalls(calls []*Call) Counts {
	n := Counts{Total: len(calls)}
	for _, c := range calls {
		if c.Status == client.CallCompleted {
			n.Completed++
		}
		switch c.Outcome() {
		case Succeeded:
			n.Succeeded++
			if finite(c.OverallScore) {
				n.Scored++
			}
		case Failed:
			n.Failed++
		case Skipped:
			n.Skipped++
		case Cancelled:
			n.Cancelled++
		}
		if c.Flaky() {
			n.Flaky++
		}
	}
	return n
}

// finite reports whether there is a value, and one to reckon with.
func finite(v *float64) bool { return v != nil && !math.IsNaN(*v) && !math.IsInf(*v, 0) }

// first is how the call ended before any rerun.
func (c *Call) first() Outcome {
	if c.Attempts <= 1 || c.FirstOutcome == "" {
		return c.Outcome()
	}
	return c.FirstOutcome
}
