package client

import (
	"cmp"
	"maps"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/dialect"
	"github.com/agent-gate/agent-gate/internal/text"
)

// maxRoom limits how many calls memory is reserved for on the server's word.
const maxRoom = 100_000

// maxReasons is roughly how many bytes are kept of an execution's reasons. They are never
// judged, and nobody reads them all for ten thousand calls.
const maxReasons = 8 << 20

// gathering assembles an execution from its pages, in any order. It holds each call once.
type gathering struct {
	first dialect.Page // without its calls
	calls calls.Packer
	pages []int32             // the page each call came from
	at    map[uuid.UUID]int32 // the index of each call in calls
	want  *int                // the largest total on any page

	shortened int // number of shortened texts

	said  map[uuid.UUID]calls.Transcript // of the calls whose turns are kept
	evals map[evalName]bool              // evals with results on calls, up to the maximum

	active calls.ExecutionStatus // from the last page that shows the execution running
	work   int                   // number of that page
}

// evalName identifies an eval: by id, or by name if the server sent no id.
type evalName struct {
	id   uuid.UUID
	name text.Untrusted
}

// add adds page n, counted from 1; page 1 must be added first. It reports whether the page had
// any new calls. If a call is on several pages, the most recently updated row counts, and of
// equal ones the one on the last page.
func (g *gathering) add(n int, p dialect.Page) bool {
	if g.at == nil {
		g.first, g.said = p, map[uuid.UUID]calls.Transcript{}
		g.first.Calls = nil
		room := len(p.Calls)
		if p.Total != nil && room > 0 {
			// Growing later would hold the calls twice.
			room = min(*p.Total, maxRoom)
		}
		g.calls.Grow(room)
		g.pages, g.at, g.evals = make([]int32, 0, room), make(map[uuid.UUID]int32, room), map[evalName]bool{}
	}
	before := len(g.pages)
	maps.Copy(g.said, p.Said)
	if g.first.Total != nil {
		g.shortened += calls.Shorten(p.Calls, maxReasons/max(*g.first.Total, 1))
	}
	for _, call := range p.Calls {
		for _, e := range call.Evals {
			name := evalName{id: e.ConfigID()}
			if name.id == uuid.Nil {
				name.name = e.Name()
			}
			if len(g.evals) <= dialect.MaxEvals {
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
	if status := p.Progress.Status; !status.Terminal() && n > g.work {
		g.active, g.work = status, n
	}
	if p.Total != nil && (g.want == nil || *p.Total > *g.want) {
		g.want = p.Total
	}
	return len(g.pages) > before
}

// counts reports whether a row on page n replaces row i of the same call.
func (g *gathering) counts(call calls.Call, n, i int) bool {
	newer := g.calls.CompareUpdate(call, i)
	return newer > 0 || newer == 0 && int32(n) >= g.pages[i]
}

// problem returns why the pages are unusable; nil if they are not.
func (g *gathering) problem() error {
	if len(g.evals) > dialect.MaxEvals {
		return dialect.Nonsense("the calls of the execution have results of more than %d evals", dialect.MaxEvals)
	}
	return nil
}

// whole reports whether all calls of the first page's total are there.
func (g *gathering) whole() bool {
	return g.first.Total != nil && len(g.pages) >= *g.first.Total
}

// execution returns the assembled execution. If a page shows it running, that status wins,
// because someone has restarted it in the meantime. The error says that the calls do not add
// up.
func (g *gathering) execution() (calls.Execution, error) {
	g.at, g.pages = nil, nil // free memory for what follows
	g.calls.Sort()
	e := calls.Execution{Progress: g.first.Progress, Evals: g.first.Evals, Calls: g.calls.List(), Shortened: g.shortened}
	e.Status = cmp.Or(g.active, e.Status)
	e.Total = g.want
	if got := e.Calls.Len(); g.want != nil && *g.want != got {
		return e, &IncompleteError{Got: got, Want: *g.want}
	}
	// The rows are more current than either dialect's counters.
	e.Total = new(e.Calls.Len())
	e.Completed = new(e.Calls.Count(calls.Completed))
	e.Failed = new(e.Calls.Count(calls.Failed))
	return e, nil
}
