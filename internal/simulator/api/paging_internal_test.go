package api

import (
	"net/url"
	"testing"
)

// An empty list has one page (contract, section 1).
func TestPagesOfAList(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p        paging
		pages    int
		outside  bool
		from, to int
	}{
		{paging{page: 1, limit: 10, count: 0}, 1, false, 0, 0},
		{paging{page: 2, limit: 10, count: 0}, 1, true, 0, 0},
		{paging{page: 1, limit: 10, count: 10}, 1, false, 0, 10},
		{paging{page: 1, limit: 10, count: 11}, 2, false, 0, 10},
		{paging{page: 2, limit: 10, count: 11}, 2, false, 10, 11},
		{paging{page: 3, limit: 10, count: 11}, 2, true, 11, 11},
		{paging{page: 0, limit: 10, count: 11}, 2, true, 0, 0},
		{paging{page: 1, limit: 100, count: 11}, 1, false, 0, 11},
	} {
		if got, outside := c.p.pages(), c.p.outside(); got != c.pages || outside != c.outside {
			t.Errorf("%+v: got %d pages, outside %t", c.p, got, outside)
		}
		if c.p.page < 1 {
			continue
		}
		if from, to := c.p.bounds(); from != c.from || to != c.to {
			t.Errorf("%+v: got %d to %d, want %d to %d", c.p, from, to, c.from, c.to)
		}
	}
}

// next and previous are absolute and built from the Host header (contract, section 1).
func TestLinksOfAPage(t *testing.T) {
	t.Parallel()
	u, err := url.Parse("/simulate/run-tests/?search=a+b&page=2")
	if err != nil {
		t.Fatal(err)
	}
	r := &Request{Scheme: "http", Host: "api.example.com", URL: u}
	base := "http://api.example.com/simulate/run-tests/?"
	for page, want := range map[int][2]string{
		1: {base + "page=2&search=a+b", ""},
		2: {base + "page=3&search=a+b", base + "search=a+b"},
		3: {"", base + "page=2&search=a+b"},
	} {
		next, previous := paging{page: page, limit: 1, count: 3}.links(r)
		for i, got := range []*string{next, previous} {
			if text := stringOf(got); text != want[i] {
				t.Errorf("page %d: got %q, want %q", page, text, want[i])
			}
		}
	}
}

// stringOf returns the text that p points to, "" if nil.
func stringOf(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
