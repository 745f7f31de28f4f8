package api

import (
	"net/url"
	"strconv"
)

// paging is one page of a list.
type paging struct {
	page, limit, count int
}

// pages returns the number of pages; an empty list has one.
func (p paging) pages() int { return max((p.count+p.limit-1)/p.limit, 1) }

// outside reports whether there is no such page.
func (p paging) outside() bool { return p.page < 1 || p.page > p.pages() }

// bounds returns the indices of the first item of the page and of the one after its last.
func (p paging) bounds() (from, to int) {
	from = min((p.page-1)*p.limit, p.count)
	return from, min(from+p.limit, p.count)
}

// links returns the absolute URLs of the next and the previous page, built from the Host
// header as Django does.
func (p paging) links(r *Request) (next, previous *string) {
	link := func(page int) *string {
		q := r.URL.Query()
		if page == 1 {
			q.Del("page")
		} else {
			q.Set("page", strconv.Itoa(page))
		}
		u := url.URL{Scheme: r.Scheme, Host: r.Host, Path: r.URL.Path, RawQuery: q.Encode()}
		return new(u.String())
	}
	if p.page < p.pages() {
		next = link(p.page + 1)
	}
	if p.page > 1 {
		previous = link(p.page - 1)
	}
	return next, previous
}

// envelope returns the page object of the server's paginator.
func (p paging) envelope(r *Request, results any) object {
	next, previous := p.links(r)
	return object{
		{"count", p.count}, {"next", next}, {"previous", previous}, {"results", results},
		{"total_pages", p.pages()}, {"current_page", p.page},
	}
}
