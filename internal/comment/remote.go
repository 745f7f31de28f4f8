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
	// list returns the comments of a page, from 1, and the number of the next, 0 for none.
	list   func(ctx context.Context, page int) ([]note, int, error)
	self   func(ctx context.Context) (author, error) // whose the token is
	create func(ctx context.Context, body string) (Comment, error)
	update func(ctx context.Context, id int64, body string) (Comment, error)
}

// note is a comment and who wrote it.
type note struct {
	Comment
	id   int64 // of its author
	name string
}

// author tells whether the token's own user wrote a comment.
type author func(note) bool

// Marked implements [Thread].
func (r Remote) Marked(ctx context.Context, prefix string) ([]Comment, error) {
	var found []note
	for page := 1; page != 0; {
		err := repeat(ctx, func() error {
			notes, next, err := r.list(ctx, page)
			if err != nil {
				return err
			}
			for _, n := range notes {
				if strings.HasPrefix(n.Body, prefix) {
					found = append(found, n)
				}
			}
			page = next
			return nil
		})
		if err != nil {
			return nil, err
		}
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
