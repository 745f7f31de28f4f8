package world

import (
	"slices"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// orderCache keeps the order of rows once it no longer changes.
type orderCache struct {
	quiet time.Time // nothing is planned to change after it
	rows  []*Call
	tied  bool // some rows have the same updated_at
}

// Ordered returns the visible calls in the order of rows. In the documented dialect that is
// by index. The deployed one sorts by -updated_at (contract, section 3.7), so rows move
// while calls are created and rerun; of tied rows the highest index comes first.
func (e *Execution) Ordered(now time.Time) []*Call {
	calls := e.Visible(now)
	if e.w.Options.Deployed {
		calls = e.newestFirst(calls, now)
	}
	if e.Status(now).Terminal() && e.reads < e.Plan.Reshuffle && len(calls) > 1 {
		e.reads++
		turn := (e.reads * 7) % len(calls)
		calls = append(append([]*Call(nil), calls[turn:]...), calls[:turn]...)
	}
	return calls
}

func (e *Execution) newestFirst(calls []*Call, now time.Time) []*Call {
	quiet := reached(e.order.quiet, now)
	if quiet && len(e.order.rows) == len(calls) {
		return e.order.rows
	}
	type dated struct {
		c  *Call
		at time.Time
	}
	list := make([]dated, len(calls))
	for i, c := range calls {
		list[i] = dated{c, c.Updated(now)}
	}
	slices.SortFunc(list, func(a, b dated) int {
		if d := b.at.Compare(a.at); d != 0 {
			return d
		}
		return b.c.Index - a.c.Index
	})
	rows := make([]*Call, len(list))
	e.order.tied = false
	for i := range list {
		rows[i] = list[i].c
		e.order.tied = e.order.tied || i > 0 && list[i].at.Equal(list[i-1].at)
	}
	e.order.rows = nil
	if quiet {
		e.order.rows = rows
	}
	return rows
}

// Shuffled returns the rows in the database's order for one page, from 1. Rows with the
// same updated_at have a different order for each limit and page, the same on every read,
// so pages repeat some and skip others. The first page is in plain order
// (real-server.md, row 4).
func (e *Execution) Shuffled(rows []*Call, page, limit int, now time.Time) []*Call {
	if page == 1 || !e.order.tied || !e.w.Options.Deployed {
		return rows
	}
	turn := 1 // the second page always misses a row
	if page > 2 {
		turn = int(story.Mix(uint64(e.w.Options.Seed), uint64(limit), uint64(page)) % 2)
	}
	rows = slices.Clone(rows)
	for from := 0; from < len(rows); {
		to, at := from+1, rows[from].Updated(now)
		for to < len(rows) && rows[to].Updated(now).Equal(at) {
			to++
		}
		if n := to - from; n > turn {
			copy(rows[from:to], append(slices.Clone(rows[from+turn:to]), rows[from:from+turn]...))
		}
		from = to
	}
	return rows
}
