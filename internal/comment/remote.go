package comment

import (
	"context"
	"strings"
)

// Remote is a thread at GitHub or GitLab.
//
// It has the requests as functions and not the clients of the libraries as fields: a
// type that a value of an interface holds is kept by the linker with all that can be
// reached from it by reflection, which is every request that the libraries can make, 5 MB.
type Remote struct {
	// list returns the comments of a page, from 1.
	list   func(ctx context.Context, at int) (page, error)
	self   func(ctx context.Context) (author, error) // whose the token is
	create func(ctx context.Context, body string) (Comment, error)
	update func(ctx context.Context, id int64, body string) (Comment, error)
}

// note is a comment and who wrote it.
type note struct {
	Comment
	id     int64 // of its author
	name   string
	system bool // written by the server itself
}

// page is some of the comments.
type page struct {
	notes []note
	next  int  // the page after this, 0 when there is none
	told  bool // the server said so; it may only have left out the header
}

// leastFull is the size of the smallest full page that is known: GitLab's, where nothing
// larger is asked for. GitHub's and Gitea's have 30, and Gitea gives at most 50.
const leastFull = 20

// after is the page to read after page number at, 0 for none. A server, or a proxy before
// it, that does not say whether there is more is asked until a page is short, as far as
// the first page tells what that is. One that gives the same comments over and over, since
// it knows no pages, brings nothing new.
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

// author tells whether the token's own user wrote a comment.
type author func(note) bool

// Marked implements [Thread].
func (r Remote) Marked(ctx context.Context, prefix string) ([]Comment, error) {
	var found []note
	seen := map[int64]bool{}
	full := 0 // comments on the first page
	for at := 1; at != 0; {
		var p page
		err := repeat(ctx, func() (err error) {
			p, err = r.list(ctx, at)
			return err
		})
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

// own picks the comments of the token's user, so that nobody else's copy of a marker is
// written over, or believed.
func (r Remote) own(ctx context.Context, found []note) ([]Comment, error) {
	var mine author
	err := repeat(ctx, func() (err error) {
		mine, err = r.self(ctx)
		return err
	})
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

// Create implements [Thread]. It is sent once: the comment may have been written although
// the answer was lost.
func (r Remote) Create(ctx context.Context, body string) (Comment, error) {
	return r.create(ctx, body)
}

// Update implements [Thread].
func (r Remote) Update(ctx context.Context, id int64, body string) (Comment, error) {
	var written Comment
	err := repeat(ctx, func() (err error) {
		written, err = r.update(ctx, id, body)
		return err
	})
	return written, err
}
