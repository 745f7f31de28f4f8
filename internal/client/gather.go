package client

import (
	"cmp"
	"maps"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// maxRoom is the largest number of calls that room is made for because the server says that
// there are so many.
const maxRoom = 100_000

// maxReasons is about how many bytes are spent on the reasons of an execution. They
// explain, and are never judged; of ten thousand calls and more nobody reads them all.
const maxReasons = 8 << 20

// gathering makes one execution of its pages, in whatever order they come. It holds each
// call once.
type gathering struct {
	first page // without its calls
	calls CallPacker
	pages []int32             // which page each call came from
	at    map[uuid.UUID]int32 // where each call is in calls
	want  *int                // the largest number of calls that a page named

	shortened int // texts

	said  map[uuid.UUID]Transcript // of the calls of which the turns are kept
	evals map[evalName]bool        // that calls have results of, as far as there may be so many

	active ExecutionStatus // of the last page that shows the execution at work
	work   int             // that page
}

// evalName tells evals apart: by id, or by name where the server gave no id.
type evalName struct {
	id   uuid.UUID
	name text.Untrusted
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
		g.calls.Grow(room)
		g.pages, g.at, g.evals = make([]int32, 0, room), make(map[uuid.UUID]int32, room), map[evalName]bool{}
	}
	before := len(g.pages)
	maps.Copy(g.said, p.said)
	if g.first.total != nil {
		g.shortened += Shorten(p.calls, maxReasons/max(*g.first.total, 1))
	}
	for _, call := range p.calls {
		for _, e := range call.Evals {
			name := evalName{id: e.ConfigID()}
			if name.id == uuid.Nil {
				name.name = e.Name()
			}
			if len(g.evals) <= maxEvals {
				g.evals[name] = true
			}
		}
		i, known := g.at[call.ID]
		switch {
		case !known:
			g.at[call.ID] = int32(len(g.pages))
			g.calls.Add(call)
			g.pages = append(g.pages, int32(n))
		case g.counts(call, n, int(i)):
			g.calls.Replace(int(i), call)
			g.pages[i] = int32(n)
		}
	}
	if status := p.progress.Status; !status.Terminal() && n > g.work {
		g.active, g.work = status, n
	}
	if p.total != nil && (g.want == nil || *p.total > *g.want) {
		g.want = p.total
	}
	return len(g.pages) > before
}

// counts reports whether a row on page n counts, and not the one that is there of the same
// call.
func (g *gathering) counts(call Call, n, i int) bool {
	newer := g.calls.CompareUpdate(call, i)
	return newer > 0 || newer == 0 && int32(n) >= g.pages[i]
}

// problem is why nothing can be made of the pages; nil when something can.
func (g *gathering) problem() error {
	if len(g.evals) > maxEvals {
		return nonsense("the calls of the execution have results of more than %d evals", maxEvals)
	}
	return nil
}

// whole reports whether all the calls are there that the first page spoke of.
func (g *gathering) whole() bool {
	return g.first.total != nil && len(g.pages) >= *g.first.total
}

// execution is the execution. A page that shows it at work decides its status, since
// somebody has started it again meanwhile. The error says that the calls do not add up.
func (g *gathering) execution() (Execution, error) {
	g.at, g.pages = nil, nil // room for what follows
	g.calls.Sort()
	e := Execution{Progress: g.first.progress, Evals: g.first.evals, Calls: g.calls.Calls(), Shortened: g.shortened}
	e.Status = cmp.Or(g.active, e.Status)
	e.Total = g.want
	if got := e.Calls.Len(); g.want != nil && *g.want != got {
		return e, &IncompleteError{Got: got, Want: *g.want}
	}
	// The rows are fresher than the counters of either dialect.
	e.Total = new(e.Calls.Len())
	e.Completed = new(e.Calls.Count(CallCompleted))
	e.Failed = new(e.Calls.Count(CallFailed))
	return e, nil
}
