package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/dialect"
)

const (
	// pageSize is how many calls a page request asks for. The deployed server has no maximum;
	// 100 calls are about 1.3 MB (contract, section 9).
	pageSize = 100
	// minPageSize is the least it asks for: if a page is too slow for a server or too large to
	// read, a quarter of the calls is requested instead.
	minPageSize = 6
	// pagesInFlight is how many pages are read concurrently.
	pagesInFlight = 3
	// maxLargePage is the most calls requested as a single page when smaller ones did not add
	// up. A thousand calls take the deployed server 5 s (real-server.md, row 4) of the 30 s for
	// a request, and here less than 2 MB.
	maxLargePage = 5000
	// maxPages limits the pages of one execution, in case a server never ends. It is enough for
	// dialect.MaxTotal calls.
	maxPages = dialect.MaxTotal / pageSize
)

// rereadWaits are the waits before an execution whose calls do not add up is read again. Pages
// are sorted by last update, so calls updated during a read can be missed (contract, section
// 0.5).
var rereadWaits = [...]time.Duration{time.Second, 2 * time.Second, 4 * time.Second}

// Collect reads an execution with all its calls, each once, over all pages. If even repeated
// reads do not match the server's total, it returns the Execution and an *IncompleteError. An
// execution that is not terminal is read only once and may lack calls, because it is still
// changing. One with results of more than [dialect.MaxEvals] evals is an error. With any other
// error it returns what was read before, possibly nothing.
func (c *Client) Collect(ctx context.Context, executionID uuid.UUID) (calls.Execution, error) {
	reader := c.answers.Calls(executionID)
	large := true // all calls may be requested as one page
	all := 0      // the size of that page; 0 for pages of the usual size
	for try := 0; ; try++ {
		var g *gathering
		var err error
		if all > 0 {
			g, err = c.readPagesOf(ctx, executionID, ask{read: reader.Read, size: all, tries: 1})
			large = err == nil || ctx.Err() != nil
		}
		if all == 0 || !large {
			g, err = c.readPages(ctx, executionID, reader)
		}
		if g != nil && g.at != nil && g.problem() != nil {
			return calls.Execution{}, g.problem()
		}
		if err != nil {
			return c.incomplete(executionID, g), err
		}
		e, whole := g.execution()
		e.Progress = c.explain(ctx, executionID, c.memory.complete(executionID, e.Progress))
		if whole == nil || !e.Status.Terminal() {
			return e, nil
		}
		if try == len(rereadWaits) {
			return e, whole
		}
		if all = 0; large {
			all = c.largePage(*e.Total)
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

// largePage returns the size of a page with all calls of an execution whose pages did not add
// up; 0 if it would be no larger, or too large. The deployed server sorts calls with the same
// update time differently on each page, but the same way every time it sends that page
// (real-server.md, row 4).
func (c *Client) largePage(total int) int {
	if size := c.memory.pageSize(); size < pageSize || total <= size || total > maxLargePage {
		return 0
	}
	return total
}

// incomplete returns what was read of an execution before a page failed, with the total of the
// first page. It is empty if not even that was read.
func (c *Client) incomplete(executionID uuid.UUID, g *gathering) calls.Execution {
	if g == nil || g.at == nil {
		return calls.Execution{}
	}
	e, _ := g.execution() // the caller knows it is incomplete
	e.Progress = c.memory.complete(executionID, e.Progress)
	return e
}

// readPages reads all pages once, as large as the server can send them.
func (c *Client) readPages(ctx context.Context, executionID uuid.UUID, reader dialect.PageReader) (*gathering, error) {
	for {
		g, err := c.readPagesOf(ctx, executionID, ask{read: reader.Read, size: c.memory.pageSize()})
		if !isTooMuch(err) || ctx.Err() != nil || !c.memory.shrinkPages() {
			return g, err
		}
	}
}

// ask is how to request pages of an execution.
type ask struct {
	read  func(io.Reader) (dialect.Page, error)
	size  int // calls per page
	tries int // attempts per page; 0 for the client's
}

// readPagesOf reads all pages of one size once.
func (c *Client) readPagesOf(ctx context.Context, executionID uuid.UUID, a ask) (*gathering, error) {
	first, err := c.page(ctx, executionID, a, 1)
	if err != nil {
		return nil, err
	}
	g := &gathering{}
	g.add(1, first)
	if first.Pages > 0 {
		return g, c.readKnownPages(ctx, executionID, a, first, g)
	}
	return g, c.readToTheEnd(ctx, executionID, a, g)
}

// readKnownPages reads the remaining pages of a server that says how many there are.
func (c *Client) readKnownPages(ctx context.Context, executionID uuid.UUID, a ask, first dialect.Page, g *gathering) error {
	last := min(first.Pages, maxPages)
	switch {
	case len(first.Calls) == 0:
		last = 1
	case first.Total != nil:
		// No more pages than the calls fill, whatever the server says.
		last = min(last, (*first.Total+len(first.Calls)-1)/len(first.Calls))
	}
	var (
		ended atomic.Bool // a page failed, was not found or had no new calls, so stop
		mu    sync.Mutex
	)
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(pagesInFlight)
	for n := 2; n <= last && !ended.Load(); n++ {
		group.Go(func() error {
			p, err := c.page(gctx, executionID, a, n)
			if err != nil {
				ended.Store(true)
				if isNotFound(err) {
					return nil
				}
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			if !g.add(n, p) {
				ended.Store(true)
			}
			return nil
		})
	}
	return group.Wait()
}

// readToTheEnd reads the remaining pages of a server that does not say how many there are,
// until all calls are there or a page has no new ones.
func (c *Client) readToTheEnd(ctx context.Context, executionID uuid.UUID, a ask, g *gathering) error {
	news := len(g.pages) > 0
	for n := 2; n <= maxPages && news && !g.whole(); n++ {
		p, err := c.page(ctx, executionID, a, n)
		if isNotFound(err) {
			break
		}
		if err != nil {
			return err
		}
		news = g.add(n, p)
	}
	return nil
}

// isTooMuch reports whether a page was too large for the server to send in time, or to read.
func isTooMuch(err error) bool {
	failure, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	_, slow := errors.AsType[slowError](failure.Err)
	_, large := limitOf(failure.Err)
	return slow || large || failure.Status == http.StatusGatewayTimeout
}

// isNotFound reports whether err says that something does not exist.
func isNotFound(err error) bool {
	failure, ok := errors.AsType[*Error](err)
	return ok && failure.Kind == KindNotFound
}
