package plan

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text"
)

// maxHistory limits how many run tests of the same agent are searched for a completed execution.
const maxHistory = 5

// tellHistory notes the duration and cost of the newest comparable execution. It is no problem if there
// is none or it cannot be read.
func (d *dryRun) tellHistory(ctx context.Context) error {
	if d.config.Target.Mode == config.ModeAttach {
		return nil
	}
	for _, t := range d.past {
		id, e, ok := d.newestCompleted(ctx, t)
		if !ok {
			continue
		}
		// In the deployed dialect only a poll has the times.
		if p, err := d.api.Poll(ctx, id); err == nil {
			e.StartedAt, e.CompletedAt = p.StartedAt, p.CompletedAt
		}
		d.log.Note(past(id, e))
		return nil
	}
	d.log.Note(text.New("History: no completed execution to estimate minutes and cost from."))
	return nil
}

// past describes the size, duration and cost of an execution, as far as the server says.
func past(id uuid.UUID, e calls.Execution) text.Untrusted {
	out := text.Sprintf("History: the newest completed execution, %s, had %d calls", id, e.Calls.Len())
	if e.StartedAt != nil && e.CompletedAt != nil && e.CompletedAt.After(*e.StartedAt) {
		out = text.Sprintf("%s, took %s", out, e.CompletedAt.Sub(*e.StartedAt).Round(time.Second))
	}
	cents, priced := 0.0, 0
	for _, c := range e.Calls.All() {
		if c.CostCents != nil {
			cents += *c.CostCents
			priced++
		}
	}
	if priced > 0 {
		out = text.Sprintf("%s, cost $%.2f for %d of them", out, cents/100, priced)
	}
	return text.Sprintf("%s.", out)
}
