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
)

const (
	// pageSize is how many calls a page is asked for. The deployed server has no
	// maximum; 100 calls are about 1.3 MB (contract, section 9).
	pageSize = 100
	// minPageSize is how many at least: a page that a server cannot make in time, or that
	// is larger than is read, is asked for with a quarter of the calls.
	minPageSize = 6
	// pagesInFlight is how many pages are read at a time.
	pagesInFlight = 3
	// maxLargePage is how many calls a page is asked for at most when smaller ones did not
	// add up. A thousand calls take the deployed server 5 s (real-server.md, row 4), of the
	// 30 s that a request may take, and here less than 2 MB.
	maxLargePage = 5000
	// maxPages bounds the pages of one execution, against a server that has no end. They are
	// enough for all the calls that are believed.
	maxPages = maxTotal / pageSize
)

// rereadWaits are the waits before an execution whose calls do not add up is read
// again. Its pages are ordered by the last update, so calls that move while they are
// read can be missed (contract, section 0.5).
var rereadWaits = [...]time.Duration{time.Second, 2 * time.Second, 4 * time.Second}

// Collect reads an execution with all its calls, over all pages, each call once. When
// the calls do not add up to the server's own number, however often they are read, the
// Execution comes together with an *IncompleteError. One whose status is not terminal
// is read only once, and may lack calls: it is still changing. One whose calls have results
// of more than a thousand evals is not read. With any other error comes what was read before
// it, which may be nothing.
func (c *Client) Collect(ctx context.Context, executionID uuid.UUID) (Execution, error) {
	reader := c.answers.Calls(executionID)
	large := true // a page of all calls may be asked for
	all := 0      // so many, when it is
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
			return Execution{}, g.problem()
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

// largePage is how many calls a page is asked for that has all of an execution, whose pages
// did not add up: the deployed server puts calls with the same time of update into another
// order on each page, and in the same one each time that page is read (real-server.md, row
// 4). 0 when such a page would be no larger, or too large.
func (c *Client) largePage(total int) int {
	if size := c.memory.pageSize(); size < pageSize || total <= size || total > maxLargePage {
		return 0
	}
	return total
}

// incomplete is what was read of an execution before a page could not be: the calls are
// what they are, and the number of all is that of the first page. It is empty when not even
// that was read.
func (c *Client) incomplete(executionID uuid.UUID, g *gathering) Execution {
	if g == nil || g.at == nil {
		return Execution{}
	}
	e, _ := g.execution() // who asks knows that it is not whole
	e.Progress = c.memory.complete(executionID, e.Progress)
	return e
}

// readPages reads all pages once, in pages that the server can send.
func (c *Client) readPages(ctx context.Context, executionID uuid.UUID, reader pageReader) (*gathering, error) {
	for {
		g, err := c.readPagesOf(ctx, executionID, ask{read: reader.Read, size: c.memory.pageSize()})
		if !isTooMuch(err) || ctx.Err() != nil || !c.memory.shrinkPages() {
			return g, err
		}
	}
}

// ask is how pages of an execution are asked for.
type ask struct {
	read  func(io.Reader) (page, error)
	size  int // calls of a page
	tries int // of each page; 0: the client's
}

// readPagesOf reads all pages of a size once.
func (c *Client) readPagesOf(ctx context.Context, executionID uuid.UUID, a ask) (*gathering, error) {
	first, err := c.page(ctx, executionID, a, 1)
	if err != nil {
		return nil, err
	}
	g := &gathering{}
	g.add(1, first)
	if first.pages > 0 {
		return g, c.readKnownPages(ctx, executionID, a, first, g)
	}
	return g, c.readToTheEnd(ctx, executionID, a, g)
}

// readKnownPages reads the rest of the pages of a server that says how many there are.
func (c *Client) readKnownPages(ctx context.Context, executionID uuid.UUID, a ask, first page, g *gathering) error {
	last := min(first.pages, maxPages)
	switch {
	case len(first.calls) == 0:
		last = 1
	case first.total != nil:
		// No more pages than the calls need, whatever the server says.
		last = min(last, (*first.total+len(first.calls)-1)/len(first.calls))
	}
	var (
		ended atomic.Bool // a page failed, was not there or brought no new call: no further ones
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

// readToTheEnd reads the rest of the pages of a server that does not say how many
// there are: until all calls are there, or a page brings nothing new.
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

// isTooMuch reports whether a page had more calls than the server could send in time, or than
// is read.
func isTooMuch(err error) bool {
	failure, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	_, slow := errors.AsType[slowError](failure.Err)
	_, large := limitOf(failure.Err)
	return slow || large || failure.Status == http.StatusGatewayTimeout
}

// isNotFound reports whether err says that a page does not exist.
func isNotFound(err error) bool {
	failure, ok := errors.AsType[*Error](err)
	return ok && failure.Kind == KindNotFound
}
