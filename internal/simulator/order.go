package simulator

import (
	"slices"
	"time"
)

// orderCache is the order of rows, kept once nothing moves any more.
type orderCache struct {
	quiet time.Time // no planned change after it
	rows  []*call
	tied  bool // rows share their updated_at
}

// ordered are the calls in the order of rows: by -updated_at in the deployed dialect,
// so that rows move while calls are made and rerun, as they were made in the documented
// one.
func (e *execution) ordered(now time.Time) []*call {
	calls := e.visible(now)
	if e.w.opts.Deployed {
		calls = e.newestFirst(calls, now)
	}
	if e.status(now).Terminal() && e.reads < e.plan.Reshuffle && len(calls) > 1 {
		e.reads++
		turn := (e.reads * 7) % len(calls)
		calls = append(append([]*call(nil), calls[turn:]...), calls[:turn]...)
	}
	return calls
}

func (e *execution) newestFirst(calls []*call, now time.Time) []*call {
	quiet := reached(e.order.quiet, now)
	if quiet && len(e.order.rows) == len(calls) {
		return e.order.rows
	}
	type dated struct {
		c  *call
		at time.Time
	}
	list := make([]dated, len(calls))
	for i, c := range calls {
		list[i] = dated{c, c.updated(now)}
	}
	slices.SortFunc(list, func(a, b dated) int {
		if d := b.at.Compare(a.at); d != 0 {
			return d
		}
		return b.c.index - a.c.index
	})
	rows := make([]*call, len(list))
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

// shuffled are the rows as the database orders them for one page. Rows with the same
// updated_at come in an order of their own for each limit and page, the same every
// time, so that pages repeat some and skip some; the first page knows them all
// (real-server.md, row 4).
func (e *execution) shuffled(rows []*call, page, limit int, now time.Time) []*call {
	if page == 1 || !e.order.tied || !e.w.opts.Deployed {
		return rows
	}
	turn := 1 // the second page always misses a row
	if page > 2 {
		turn = int(mix(uint64(e.w.opts.Seed), uint64(limit), uint64(page)) % 2)
	}
	rows = slices.Clone(rows)
	for from := 0; from < len(rows); {
		to, at := from+1, rows[from].updated(now)
		for to < len(rows) && rows[to].updated(now).Equal(at) {
			to++
		}
		if n := to - from; n > turn {
			copy(rows[from:to], append(slices.Clone(rows[from+turn:to]), rows[from:from+turn]...))
		}
		from = to
	}
	return rows
}
