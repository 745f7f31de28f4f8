package client

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/agent-gate/agent-gate/test/answers"
)

// TestCallsUpdatedAtOnceAreReadInOnePage uses a server that sorts each page differently, so
// calls at page boundaries appear twice or not at all.
func TestCallsUpdatedAtOnceAreReadInOnePage(t *testing.T) {
	t.Parallel()
	const calls = 250
	refuse := func(status int) http.HandlerFunc { return always(status, "<html>") }
	for name, c := range map[string]struct {
		calls int
		large http.HandlerFunc // how it answers a page of all calls; nil to send it
		sizes string           // page sizes requested, in order
	}{
		"one page has all":                  {250, nil, "100 250"},
		"such a page takes too long":        {250, refuse(504), "100 250 100"},
		"such a page is not there just now": {250, refuse(503), "100 250 100"},
		"such a page is too large":          {250, always(200, strings.Repeat(" ", 1<<20)), "100 250 100"},
		"they would not fit into one page":  {maxLargePage + 1, nil, "100"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var sizes pageSizes
				w := sizes.serving(t, func(w http.ResponseWriter, r *http.Request, size int) {
					if size >= c.calls && c.large != nil {
						c.large(w, r)
						return
					}
					n := pageNumber(r)
					from, to := (n-1)*size, min(n*size, c.calls)
					if n > 1 {
						from, to = from-1, to-1 // repeats the last call of the page before and omits its own
					}
					reply(w, 200, answers.DeployedPage(c.calls, (c.calls+size-1)/size, "completed", answers.Rows(from, to)...))
				})
				client := newClient(t, w, func(o *Options) { o.MaxBody = 512 << 10 })
				got, err := client.Collect(t.Context(), answers.Execution)
				if asked := sizes.String(); asked != c.sizes {
					t.Errorf("asked for pages of %s calls, want %s", asked, c.sizes)
				}
				_, incomplete := errors.AsType[*IncompleteError](err)
				if whole := c.sizes == "100 250"; whole != (err == nil) || !whole && !incomplete || whole && got.Calls.Len() != calls {
					t.Errorf("got %d calls, %v", got.Calls.Len(), err)
				}
			})
		})
	}
}
