package client

import (
	"context"
	"iter"
	"net/url"
	"strconv"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/dialect"
)

const (
	// listSize is how many run tests a page request asks for. The deployed server takes 0.1 to
	// 0.15 s for each, twice that under load (real-server.md, row 13): about 5 s a page, of the
	// 30 s for a request.
	listSize = 25
	// maxSearchPages limits a search for one name.
	maxSearchPages = 400
	// maxListPages limits a walk through all run tests, in pages of listSize. A run test is
	// tens of kilobytes (contract, section 3.1); for one older than a thousand others, users
	// give its id.
	maxListPages = 40
)

// RunTests iterates over the run tests whose name or agent name contains search, newest first;
// all if search is empty. It reads pages as needed, up to the newest 1000 run tests. An error
// ends it.
func (c *Client) RunTests(ctx context.Context, search string) iter.Seq2[calls.RunTest, error] {
	return func(yield func(calls.RunTest, error) bool) {
		_, err := c.walkRunTests(ctx, search, maxListPages, func(listed dialect.ListedRunTest) bool {
			t, err := c.answers.Whole(listed)
			return err != nil || yield(t, nil) // skip invalid ones
		})
		if err != nil {
			yield(calls.RunTest{}, err)
		}
	}
}

// listRunTests returns the request for the list of run tests.
func listRunTests() request { return get("list run tests", "/simulate/run-tests/", "base-url") }

// walkRunTests calls visit for each run test of a search, once each and without deleted ones,
// until visit returns false. whole is false if pages are left unread.
func (c *Client) walkRunTests(ctx context.Context, search string, pages int, visit func(dialect.ListedRunTest) bool) (whole bool, _ error) {
	r := listRunTests()
	known := map[uuid.UUID]bool{}
	for n := 1; n <= pages; n++ {
		r.query = url.Values{}
		if search != "" {
			r.query.Set("search", search)
		}
		if n > 1 {
			r.query.Set("page", strconv.Itoa(n))
		}
		p, err := fetchLimited(ctx, c, r, listSize, c.answers.RunTests)
		if n > 1 && isNotFound(err) {
			return true, nil // past the last page
		}
		if err != nil {
			return false, err
		}
		fresh := false
		for _, item := range p.Items {
			if item.ID == uuid.Nil || known[item.ID] {
				continue
			}
			known[item.ID], fresh = true, true
			if !item.Deleted && !visit(item) {
				return false, nil
			}
		}
		if !fresh || p.Pages == n || p.Bare {
			return true, nil
		}
	}
	return false, nil
}
