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
		said, one := past(id, e)
		d.log.Note(said)
		if first, most := d.trials(e.Calls.Len()); most > 1 {
			d.log.Note(one.of(first, most))
		}
		return nil
	}
	d.log.Note(text.New("History: no completed execution to estimate minutes and cost from."))
	return nil
}

// spent is what an execution took; 0 for what is not known.
type spent struct {
	time  time.Duration
	cents float64
}

// of says what a run of several trials takes by that, one after the other.
func (s spent) of(first, most int) text.Untrusted {
	amount := func(n int) text.Untrusted {
		took, cost := text.Untrusted{}, text.Untrusted{}
		if s.time > 0 {
			took = text.Sprintf(" %s", (time.Duration(n) * s.time).Round(time.Second))
		}
		if s.cents > 0 {
			cost = text.Sprintf(" $%.2f", float64(n)*s.cents/100)
		}
		if took.IsEmpty() || cost.IsEmpty() {
			return text.Sprintf("%s%s", took, cost)
		}
		return text.Sprintf("%s and%s", took, cost)
	}
	if s == (spent{}) {
		return text.New("By that, minutes and cost of the trials are not known.")
	}
	out := text.Sprintf("By that, %s would take about%s", text.Plural(first, "trial"), amount(first))
	if most > first {
		out = text.Sprintf("%s, and %s up to%s", out, text.Plural(most, "trial"), amount(most))
	}
	return text.Sprintf("%s.", out)
}

// past describes the size, duration and cost of an execution, as far as the server says.
func past(id uuid.UUID, e calls.Execution) (said text.Untrusted, one spent) {
	out := text.Sprintf("History: the newest completed execution, %s, had %d calls", id, e.Calls.Len())
	if e.StartedAt != nil && e.CompletedAt != nil && e.CompletedAt.After(*e.StartedAt) {
		one.time = e.CompletedAt.Sub(*e.StartedAt)
		out = text.Sprintf("%s, took %s", out, one.time.Round(time.Second))
	}
	cents, priced := 0.0, 0
	for _, c := range e.Calls.All() {
		if c.CostCents != nil {
			cents += *c.CostCents
			priced++
		}
	}
	if priced > 0 {
		one.cents = cents
		out = text.Sprintf("%s, cost $%.2f for %d of them", out, cents/100, priced)
	}
	return text.Sprintf("%s.", out), one
}
