// Package comment keeps one comment of a job on a pull or merge request: it finds the
// comment by a hidden marker, updates it in place, and never lets an older run replace
// the verdict of a newer one.
package comment

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/google/uuid"
)

// Thread is the comments of one pull or merge request.
type Thread interface {
	// Marked returns the comments, of all pages, whose text begins with the prefix and
	// that the token's own user wrote, as far as the API says who that is.
	Marked(ctx context.Context, prefix string) ([]Comment, error)
	// Create writes a new comment and returns it. The error of all three is an [*Error].
	Create(ctx context.Context, body string) (Comment, error)
	// Update replaces the text of a comment.
	Update(ctx context.Context, id int64, body string) (Comment, error)
}

// Comment is one comment of a thread.
type Comment struct {
	ID   int64
	Body string
	URL  string // of the comment in a browser; empty when the API does not say. Not checked
}

// Sticky is the one comment of a job.
type Sticky struct {
	Thread Thread
	Key    uuid.UUID // see [NewKey]
	// Now is the verdict to show.
	Now Entry
	// UpdateOnly makes no new comment: only one that is there is brought up to date.
	UpdateOnly bool
	// Render writes the comment's Markdown below the marker. Before are the verdicts that
	// the comment showed earlier, the newest first.
	Render func(before []Entry) (string, error)
}

// Action is what became of the comment.
type Action string

// The actions.
const (
	Created Action = "created"
	Updated Action = "updated"
	Nothing Action = "nothing" // there is none, and none was to be made
	Older   Action = "older"   // a newer run has written its verdict already
)

// Result is what was done.
type Result struct {
	Action Action
	Comment
}

// outdated takes the place of a comment that two runs at once made too many.
const outdated = "<!-- agent-gate: out of date -->\n_This verdict of Agent gate is out of date. A newer comment has taken its place._\n"

// rounds is how often the comments are read: once to write, and once to see that another
// run, which read them at the same moment, has not written too. APIs offer no lock.
const rounds = 2

// Write brings the comment up to date. When the API fails after the comment was written,
// there is no error.
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

// settle writes the verdict, unless that of a newer run is there. Done is what an earlier
// round has written.
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
		// The comment is there, also when the API does not show it yet.
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

// body is the marker and what is below it.
func (s Sticky) body(before []Entry) (string, error) {
	rendered, err := s.Render(before)
	if err != nil {
		return "", err
	}
	return marker(s.Key, s.Now, before) + "\n" + rendered, nil
}

// retire replaces comments that are too many. That one cannot be is not worth an error.
func (s Sticky) retire(ctx context.Context, comments []known) {
	for _, c := range comments {
		if _, err := s.Thread.Update(ctx, c.ID, outdated); err != nil && !refused(err) {
			return
		}
	}
}

// known is a comment whose marker has been read.
type known struct {
	Comment
	entry Entry
}

// known are the comments with a marker of this key, that of the newest run first.
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

// refused reports whether a comment cannot be written, now or ever, by this token: it is
// somebody else's, or it is not there.
func refused(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && !e.RateLimited && (e.Status == http.StatusForbidden || e.Status == http.StatusNotFound || e.Status == http.StatusGone)
}
