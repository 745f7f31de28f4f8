package comment

import (
	"context"
	"errors"
	"strings"
	"time"
)

// Remote is a thread on GitHub or GitLab. It holds the four requests of one of them.
type Remote struct {
	// list returns a page of comments; pages count from 1.
	list   func(ctx context.Context, at int) (page, error)
	self   func(ctx context.Context) (author, error) // who owns the token
	create func(ctx context.Context, body string) (Comment, error)
	update func(ctx context.Context, id int64, body string) (Comment, error)
}

// note is a comment with its author.
type note struct {
	Comment
	id     int64 // of the author
	name   string
	system bool // written by the server itself
}

// page is one page of comments.
type page struct {
	notes []note
	next  int  // the next page, 0 when there is none
	told  bool // whether the server said so; the header may be missing
}

// leastFull is the size of the smallest full page known: GitLab's default. GitHub's and
// Gitea's is 30, and Gitea returns at most 50.
const leastFull = 20

// mostPages bounds the pages that are read, on a server that always names a next one. A pull
// request on GitHub has at most 2,500 comments, which are 25 pages.
const mostPages = 500

// after returns the page to read after page at, 0 for none. If the server, or a proxy in
// front of it, does not say whether there is more, pages are read until one is shorter
// than the first. A server without pages returns the same comments over and over, which
// brings nothing new.
func (p page) after(at, full int, isNew bool) int {
	switch {
	case !isNew && len(p.notes) > 0:
		return 0
	case p.told:
		return p.next
	case len(p.notes) >= max(full, leastFull):
		return at + 1
	}
	return 0
}

// author reports whether the token's own user wrote a comment.
type author func(note) bool

// Marked implements [Thread].
func (r Remote) Marked(ctx context.Context, prefix string) ([]Comment, error) {
	var found []note
	seen := map[int64]bool{}
	full := 0 // comments on the first page
	for at := 1; at != 0 && at <= mostPages; {
		p, err := repeated(ctx, func(ctx context.Context) (page, error) { return r.list(ctx, at) })
		if err != nil {
			return nil, err
		}
		if at == 1 {
			full = len(p.notes)
		}
		isNew := false
		for _, n := range p.notes {
			if seen[n.ID] {
				continue
			}
			seen[n.ID], isNew = true, true
			if !n.system && strings.HasPrefix(n.Body, prefix) {
				found = append(found, n)
			}
		}
		at = p.after(at, full, isNew)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return r.own(ctx, found)
}

// own keeps the comments of the token's own user, so that a marker copied by someone else
// is neither overwritten nor believed.
func (r Remote) own(ctx context.Context, found []note) ([]Comment, error) {
	mine, err := repeated(ctx, r.self)
	if err != nil {
		return nil, err
	}
	var own []Comment
	for _, n := range found {
		if mine(n) {
			own = append(own, n.Comment)
		}
	}
	return own, nil
}

// Create implements [Thread]. It is sent only once: the comment may have been created
// even if the answer was lost.
func (r Remote) Create(ctx context.Context, body string) (Comment, error) {
	return r.create(ctx, body)
}

// Update implements [Thread].
func (r Remote) Update(ctx context.Context, id int64, body string) (Comment, error) {
	return repeated(ctx, func(ctx context.Context) (Comment, error) { return r.update(ctx, id, body) })
}

const (
	// tries is how often a repeatable request is sent; tryWait is the wait before the
	// second try, and doubles.
	tries   = 3
	tryWait = 500 * time.Millisecond
)

// repeat sends a request that is safe to repeat, until the server accepts or refuses it,
// at most three times.
func repeat(ctx context.Context, send func() error) error {
	wait := tryWait
	for i := 1; ; i++ {
		err := send()
		e, ok := errors.AsType[*Error](err)
		if !ok || !e.temporary() || i == tries || ctx.Err() != nil {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
		wait *= 2
	}
}

// repeated is [repeat] for a request with an answer.
func repeated[T any](ctx context.Context, ask func(context.Context) (T, error)) (answer T, err error) {
	err = repeat(ctx, func() (err error) {
		answer, err = ask(ctx)
		return err
	})
	return answer, err
}
