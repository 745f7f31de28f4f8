// Package comment keeps one comment per job on a pull or merge request. It finds the
// comment by a hidden marker, updates it in place, and never lets an older run replace a
// newer verdict.
//
// Its parts, from the outside in: comment.go decides what to write, through the [Thread]
// interface. marker.go is the hidden marker and the history of verdicts in it. remote.go
// implements Thread with pages and retries, for github.go and gitlab.go. server.go sends
// one request, bounds it, and keeps the token on one host; error.go explains failures.
// pull.go reads what the pull or merge request changes, with the same requests.
//
// The package does not render the comment, and does not know the report or the Future AGI
// API.
package comment

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/google/uuid"
)

// Thread is the comments of one pull or merge request. Errors are of type [*Error].
type Thread interface {
	// Marked returns the comments, from all pages, whose text begins with prefix and
	// whose author is the token's own user, as far as the API reveals that.
	Marked(ctx context.Context, prefix string) ([]Comment, error)
	// Create writes a new comment and returns it.
	Create(ctx context.Context, body string) (Comment, error)
	// Update replaces the text of a comment.
	Update(ctx context.Context, id int64, body string) (Comment, error)
}

// Comment is one comment of a thread.
type Comment struct {
	ID   int64
	Body string
	URL  string // for a browser; empty when the API gives none. Not validated
}

// Sticky is the one comment of a job.
type Sticky struct {
	Thread Thread
	Key    uuid.UUID // see [NewKey]
	// Now is the verdict to show.
	Now Entry
	// UpdateOnly updates an existing comment but creates none.
	UpdateOnly bool
	// Render returns the Markdown below the marker. Before are the earlier verdicts in
	// the comment, newest first.
	Render func(before []Entry) (string, error)
}

// Action is what Write did with the comment.
type Action string

// The actions.
const (
	Created Action = "created"
	Updated Action = "updated"
	Nothing Action = "nothing" // there is none, and UpdateOnly was set
	Older   Action = "older"   // a newer run has already written its verdict
)

// Result is what Write did, and the comment.
type Result struct {
	Action Action
	Comment
}

// outdated replaces the extra comments that concurrent runs leave behind.
const outdated = "<!-- agent-gate: out of date -->\n_This Agent gate verdict is out of date. A newer comment replaces it._\n"

// rounds is how often the comments are read: once to write, and once to see whether
// another run, which read them at the same moment, wrote too. The APIs offer no lock.
const rounds = 2

// Write creates or updates the comment. An API failure after the comment was written is
// not an error.
func (s Sticky) Write(ctx context.Context) (Result, error) {
	var done Result
	for range rounds {
		found, err := s.Thread.Marked(ctx, prefix(s.Key))
		if err != nil {
			if done.Action != "" {
				return done, nil
			}
			return Result{}, err
		}
		result, err := s.settle(ctx, found, done)
		if err != nil {
			if done.Action != "" {
				return done, nil
			}
			return Result{}, err
		}
		if result.Action != Created && result.Action != Updated {
			return result, nil
		}
		if done.Action == "" {
			done = result
		}
	}
	return done, nil
}

// settle writes the verdict unless a newer run's verdict is there. Done is what an
// earlier round wrote.
func (s Sticky) settle(ctx context.Context, found []Comment, done Result) (Result, error) {
	ours := s.known(found)
	var newest Entry
	if len(ours) > 0 {
		newest = ours[0].entry
		if newest.newerThan(s.Now) {
			s.retire(ctx, slices.DeleteFunc(ours, func(o known) bool { return o.entry.Run != s.Now.Run || o.entry.Attempt != s.Now.Attempt }))
			return Result{Action: Older, Comment: ours[0].Comment}, nil
		}
	}
	before := newest.history(s.Now)
	if done.Action != "" {
		// The comment exists even if the API does not show it yet.
		i := slices.IndexFunc(ours, func(o known) bool { return o.ID == done.ID })
		if i < 0 || ours[i].entry.same(s.Now) {
			s.retire(ctx, slices.DeleteFunc(ours, func(o known) bool { return o.ID == done.ID }))
			return done, nil
		}
	}
	body, err := s.body(before)
	if err != nil {
		return Result{}, err
	}
	for i, o := range ours {
		written, err := s.Thread.Update(ctx, o.ID, body)
		if refused(err) {
			continue // not ours, or gone
		}
		if err != nil {
			return Result{}, err
		}
		s.retire(ctx, ours[i+1:])
		return Result{Updated, written}, nil
	}
	if s.UpdateOnly {
		return Result{Action: Nothing}, nil
	}
	written, err := s.Thread.Create(ctx, body)
	return Result{Created, written}, err
}

// body returns the marker and the rendered comment.
func (s Sticky) body(before []Entry) (string, error) {
	rendered, err := s.Render(before)
	if err != nil {
		return "", err
	}
	return marker(s.Key, s.Now, before) + "\n" + rendered, nil
}

// retire replaces surplus comments. Failing to replace one is not worth an error.
func (s Sticky) retire(ctx context.Context, comments []known) {
	for _, c := range comments {
		if _, err := s.Thread.Update(ctx, c.ID, outdated); err != nil && !refused(err) {
			return
		}
	}
}

// known is a comment with its parsed marker.
type known struct {
	Comment
	entry Entry
}

// known returns the comments with a marker of this key, newest run first.
func (s Sticky) known(found []Comment) []known {
	var ours []known
	for _, c := range found {
		if entry, ok := parse(s.Key, c.Body); ok {
			ours = append(ours, known{c, entry})
		}
	}
	slices.SortStableFunc(ours, func(a, b known) int {
		switch {
		case a.entry.newerThan(b.entry):
			return -1
		case b.entry.newerThan(a.entry):
			return 1
		}
		return 0
	})
	return ours
}

// refused reports whether this token can never write a comment: it belongs to someone
// else, or it is gone.
func refused(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && !e.RateLimited && (e.Status == http.StatusForbidden || e.Status == http.StatusNotFound || e.Status == http.StatusGone)
}
