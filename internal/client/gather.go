package client

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// maxReasons is about how many bytes of reasons are kept of an execution. They explain, and
// are never judged; of ten thousand calls and more nobody reads them all, so that their
// share is cut: no report shows more than some hundred characters of one.
const maxReasons = 16 << 20

// maxRoom is the largest number of calls that room is made for because the server says that
// there are so many.
const maxRoom = 100_000

// gathering makes one execution of its pages, in whatever order they come. It holds each
// call once.
type gathering struct {
	first page // without its calls
	calls []Call
	pages []int32             // which page each call came from
	at    map[uuid.UUID]int32 // where each call is in calls
	want  *int                // the largest number of calls that a page named

	said map[uuid.UUID]Transcript // of the calls of which the turns are kept

	active ExecutionStatus // of the last page that shows the execution at work
	work   int             // that page
}

// add adds page n, from 1, of which the first one comes first. It reports whether the
// page brought a call that was not there yet. Of a call that is on several pages the
// newest row counts, among equals that of the last page.
func (g *gathering) add(n int, p page) bool {
	if g.at == nil {
		g.first, g.said = p, map[uuid.UUID]Transcript{}
		g.first.calls = nil
		room := len(p.calls)
		if p.total != nil && room > 0 {
			// Growing would hold the calls twice.
			room = min(*p.total, maxRoom)
		}
		g.calls, g.pages, g.at = make([]Call, 0, room), make([]int32, 0, room), make(map[uuid.UUID]int32, room)
	}
	before := len(g.calls)
	maps.Copy(g.said, p.said)
	g.shorten(p.calls)
	for _, call := range p.calls {
		i, known := g.at[call.ID]
		switch {
		case !known:
			g.at[call.ID] = int32(len(g.calls))
			g.calls = append(g.calls, call)
			g.pages = append(g.pages, int32(n))
		case newer(call, g.calls[i]), !newer(g.calls[i], call) && int32(n) >= g.pages[i]:
			g.calls[i], g.pages[i] = call, int32(n)
		}
	}
	if status := p.progress.Status; !status.Terminal() && n > g.work {
		g.active, g.work = status, n
	}
	if p.total != nil && (g.want == nil || *p.total > *g.want) {
		g.want = p.total
	}
	return len(g.calls) > before
}

// shorten cuts the reasons of each call to its share of all that are kept. Those of a page
// that are cut are kept as one string: so many small ones would take a third more.
func (g *gathering) shorten(calls []Call) {
	if g.first.total == nil {
		return
	}
	share := maxReasons / max(*g.first.total, 1)
	var all strings.Builder
	var long []*Eval
	var ends []int
	for _, call := range calls {
		for i := range call.Evals {
			limit := share / len(call.Evals)
			if raw := call.Evals[i].Reason.Raw(); len(raw) > limit+len("…") {
				all.WriteString(cut(raw, limit))
				long, ends = append(long, &call.Evals[i]), append(ends, all.Len())
			}
		}
	}
	kept, from := strings.Clone(all.String()), 0
	for i, e := range long {
		e.Reason = text.New(kept[from:ends[i]])
		from = ends[i]
	}
}

// whole reports whether all the calls are there that the first page spoke of.
func (g *gathering) whole() bool {
	return g.first.total != nil && len(g.calls) >= *g.first.total
}

// execution is the execution. A page that shows it at work decides its status, since
// somebody has started it again meanwhile. The error says that the calls do not add up.
func (g *gathering) execution() (Execution, error) {
	e := Execution{Progress: g.first.progress, Evals: g.first.evals, Calls: g.calls}
	e.Status = cmp.Or(g.active, e.Status)
	slices.SortFunc(e.Calls, func(a, b Call) int {
		return cmp.Or(cmp.Compare(a.Scenario.Raw(), b.Scenario.Raw()), bytes.Compare(a.ID[:], b.ID[:]))
	})
	e.Total = g.want
	if g.want != nil && *g.want != len(e.Calls) {
		return e, &IncompleteError{Got: len(e.Calls), Want: *g.want}
	}
	// The rows are fresher than the counters of either dialect.
	e.Total = new(len(e.Calls))
	e.Completed = new(countStatus(e.Calls, CallCompleted))
	e.Failed = new(countStatus(e.Calls, CallFailed))
	return e, nil
}

// newer reports whether a was updated after b.
func newer(a, b Call) bool {
	return a.UpdatedAt != nil && (b.UpdatedAt == nil || a.UpdatedAt.After(*b.UpdatedAt))
}

// countStatus counts the calls with a status.
func countStatus(calls []Call, s CallStatus) int {
	n := 0
	for _, call := range calls {
		if call.Status == s {
			n++
		}
	}
	return n
}
