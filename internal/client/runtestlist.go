package client

import (
	"context"
	"iter"
	"net/url"
	"strconv"

	"github.com/google/uuid"
)

const (
	// listSize is how many run tests a page is asked for. The deployed server takes 0.1 to
	// 0.15 s for each, twice that when it is busy (real-server.md, row 13): some 5 s for a
	// page, of the 30 s that a request may take.
	listSize = 25
	// maxSearchPages bounds the pages of a search for one name.
	maxSearchPages = 400
	// maxListPages bounds the pages of a walk through run tests, of listSize each. A run
	// test is tens of kilobytes (contract, section 3.1): who looks for one that is older
	// than a thousand others names it.
	maxListPages = 40
)

// RunTests walks through the run tests whose name, or the name of whose agent, holds
// search, newest first; all when search is empty. It reads page by page as far as the
// caller goes on, and at most the newest 1000. An error ends it.
func (c *Client) RunTests(ctx context.Context, search string) iter.Seq2[RunTest, error] {
	return func(yield func(RunTest, error) bool) {
		_, err := c.walkRunTests(ctx, search, maxListPages, func(listed ListedRunTest) bool {
			t, err := c.answers.Whole(listed)
			return err != nil || yield(t, nil) // one that is broken is none
		})
		if err != nil {
			yield(RunTest{}, err)
		}
	}
}

// listRunTests is the request for the list of run tests.
func listRunTests() request { return get("list run tests", "/simulate/run-tests/", "base-url") }

// walkRunTests hands the run tests of a search to visit, each once and without the
// deleted ones, until visit returns false. whole is false when pages are left unread.
func (c *Client) walkRunTests(ctx context.Context, search string, pages int, visit func(ListedRunTest) bool) (whole bool, _ error) {
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
			return true, nil // beyond the last page
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
