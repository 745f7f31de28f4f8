package paid

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Held is an execution whose conversations an earlier start of the key held. A run can have several of them:
// reruns, and what did not fit into one. Some are of copies of the run test.
type Held struct {
	RunTest   calls.RunTest
	Execution calls.ExecutionSummary
	Read      calls.Execution
}

// heldState is stateOf for a run whose conversations a process holds: nobody can go on with those, so all
// executions must have ended, and their calls tell whether they are a run.
func (r *Run) heldState(ctx context.Context, m Match, same Same, list []calls.ExecutionSummary, all []calls.RunTest) (Same, standing, error) {
	executed := []Held{}
	for _, e := range list {
		executed = append(executed, Held{RunTest: same.RunTest, Execution: e})
	}
	for _, t := range partsOf(same.RunTest, all) {
		parts, err := r.executionsOf(ctx, t.ID)
		if err != nil && !patience.IsMissing(err) {
			return same, useless, err
		}
		r.see(parts)
		for _, e := range parts {
			executed = append(executed, Held{RunTest: t, Execution: e})
		}
	}
	slices.SortStableFunc(executed, func(a, b Held) int {
		if a.Execution.StartedAt == nil || b.Execution.StartedAt == nil {
			return 0
		}
		return a.Execution.StartedAt.Compare(*b.Execution.StartedAt)
	})
	for _, e := range executed {
		if s := e.Execution.Status; !s.Terminal() && s != calls.ExecutionCancelling && !slices.Contains(r.abandoned, e.Execution.ID) {
			return same, useless, fmt.Errorf("execution %s of the same run-key is %s, and its conversations are held by another process", e.Execution.ID, e.Execution.Status)
		}
		if !r.isCurrent(m, e.RunTest, e.Execution) {
			return same, useless, nil
		}
	}
	if !r.isYoung(m, executed[0].Execution) {
		return same, useless, nil
	}
	for i := range executed {
		e := &executed[i]
		read, err := persist(ctx, r, func() (calls.Execution, error) { return r.given.API.Collect(ctx, e.Execution.ID) })
		if ctx.Err() != nil {
			return same, useless, context.Cause(ctx)
		}
		if err != nil {
			return same, useless, fmt.Errorf("read execution %s of the same run-key: %w", e.Execution.ID, err)
		}
		e.Read = read
	}
	executed, why := m.Whole(executed)
	if !why.IsEmpty() {
		r.keepWhy(same.RunTest.ID, text.Sprintf("What an earlier start of the same run-key executed (run test %s) is not judged again: %s.", same.RunTest.ID, why))
		return same, useless, nil
	}
	same.Held, same.Ended = executed, true
	same.Execution = executed[len(executed)-1].Execution
	return same, usable, nil
}

// keepWhy keeps why a run test of the key is of no use, to be said if another one is made.
func (r *Run) keepWhy(id uuid.UUID, why text.Untrusted) {
	if r.useless == nil {
		r.useless = map[uuid.UUID]text.Untrusted{}
	}
	r.useless[id] = why
}
