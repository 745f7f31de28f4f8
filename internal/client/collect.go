package client

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
)

const (
	// pageSize is how many calls a page is asked for. The deployed server has no
	// maximum; 100 calls are about 1.3 MB (contract, section 9).
	pageSize = 100
	// pagesInFlight is how many pages are read at a time.
	pagesInFlight = 3
	// maxPages bounds the pages of one execution, against a server that has no end.
	maxPages = 10_000
	// maxTotal is the largest number of calls that is believed. Larger ones could not
	// be read in maxPages.
	maxTotal = maxPages * pageSize
)

// rereadWaits are the waits before an execution whose calls do not add up is read
// again. Its pages are ordered by the last update, so calls that move while they are
// read can be missed (contract, section 0.5).
var rereadWaits = [...]time.Duration{time.Second, 2 * time.Second, 4 * time.Second}

// Collect reads an execution with all its calls, over all pages, each call once. When
// the calls do not add up to the server's own number, however often they are read, the
// Execution comes together with an *IncompleteError. One whose status is not terminal
// is read only once, and may lack calls: it is still changing.
func (c *Client) Collect(ctx context.Context, executionID uuid.UUID) (Execution, error) {
	for try := 0; ; try++ {
		pages, err := c.readPages(ctx, executionID, pageReader{execution: executionID, calls: true, secrets: c.secrets})
		if err != nil {
			return Execution{}, err
		}
		e, whole := assemble(pages)
		e.Progress = c.explain(ctx, executionID, c.memory.complete(executionID, e.Progress))
		if whole == nil || !e.Status.Terminal() {
			return e, nil
		}
		if try == len(rereadWaits) {
			return e, whole
		}
		timer := time.NewTimer(rereadWaits[try])
		select {
		case <-ctx.Done():
			timer.Stop()
			r := get(pollOp, "/simulate/test-executions/"+executionID.String()+"/", executionInputs)
			return e, c.cancelled(ctx, r, 0, true)
		case <-timer.C:
		}
	}
}

// readPages reads all pages once, in their order.
func (c *Client) readPages(ctx context.Context, executionID uuid.UUID, reader pageReader) ([]page, error) {
	first, err := c.page(ctx, executionID, reader, pageSize, 1)
	if err != nil {
		return nil, err
	}
	if first.pages > 0 {
		return c.readKnownPages(ctx, executionID, reader, first)
	}
	return c.readToTheEnd(ctx, executionID, reader, first)
}

// readKnownPages reads the rest of the pages of a server that says how many there are.
func (c *Client) readKnownPages(ctx context.Context, executionID uuid.UUID, reader pageReader, first page) ([]page, error) {
	last := min(first.pages, maxPages)
	switch {
	case len(first.calls) == 0:
		last = 1
	case first.total != nil:
		// No more pages than the calls need, whatever the server says.
		last = min(last, (*first.total+len(first.calls)-1)/len(first.calls))
	}
	pages := make([]page, max(last, 1))
	pages[0] = first
	var (
		ended atomic.Bool // a page failed, was not there or brought no new call: no further ones
		mu    sync.Mutex
		known = map[uuid.UUID]bool{}
	)
	addNew(known, first.calls)
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(pagesInFlight)
	for n := 2; n <= last && !ended.Load(); n++ {
		group.Go(func() error {
			p, err := c.page(gctx, executionID, reader, pageSize, n)
			if err != nil {
				ended.Store(true)
				if isNotFound(err) {
					return nil
				}
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			if !addNew(known, p.calls) {
				ended.Store(true)
			}
			pages[n-1] = p
			return nil
		})
	}
	err := group.Wait()
	return pages, err
}

// readToTheEnd reads the rest of the pages of a server that does not say how many
// there are: until all calls are there, or a page brings nothing new.
func (c *Client) readToTheEnd(ctx context.Context, executionID uuid.UUID, reader pageReader, first page) ([]page, error) {
	pages := []page{first}
	known := map[uuid.UUID]bool{}
	for n := 2; n <= maxPages && addNew(known, pages[len(pages)-1].calls); n++ {
		if first.total != nil && len(known) >= *first.total {
			break
		}
		p, err := c.page(ctx, executionID, reader, pageSize, n)
		if isNotFound(err) {
			break
		}
		if err != nil {
			return nil, err
		}
		pages = append(pages, p)
	}
	return pages, nil
}

// addNew adds the ids of calls to known and reports whether there was a new one.
func addNew(known map[uuid.UUID]bool, calls []Call) bool {
	before := len(known)
	for _, call := range calls {
		known[call.ID] = true
	}
	return len(known) > before
}

// isNotFound reports whether err says that a page does not exist.
func isNotFound(err error) bool {
	failure, ok := errors.AsType[*Error](err)
	return ok && failure.Kind == KindNotFound
}

// assemble makes one execution of its pages. A page that shows it at work decides its
// status, since somebody has started it again meanwhile. The error says that the calls
// do not add up.
func assemble(pages []page) (Execution, error) {
	first := pages[0]
	e := Execution{Progress: first.progress, Evals: first.evals}
	byID := map[uuid.UUID]Call{}
	want := first.total
	for _, p := range pages {
		for _, call := range p.calls {
			if old, ok := byID[call.ID]; !ok || !newer(old, call) {
				byID[call.ID] = call
			}
		}
		if p.progress.Status == "" {
			continue // was not there
		}
		if !p.progress.Status.Terminal() {
			e.Status = p.progress.Status
		}
		if p.total != nil && (want == nil || *p.total > *want) {
			want = p.total
		}
	}
	for _, call := range byID {
		e.Calls = append(e.Calls, call)
	}
	slices.SortFunc(e.Calls, func(a, b Call) int {
		return cmp.Or(cmp.Compare(a.Scenario.Raw(), b.Scenario.Raw()), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	e.Total = want
	if want != nil && *want != len(e.Calls) {
		return e, &IncompleteError{Got: len(e.Calls), Want: *want}
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
