package comment

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"sync"

	gitlab "gitlab.com/gitlab-org/api/client-go"

	"github.com/agent-gate/agent-gate/internal/text/redact"
)

const (
	gitlabUnknown = "gitlab-token is invalid or expired; CI_JOB_TOKEN cannot write comments"
	gitlabDenied  = "the token is not allowed to do this: use an access token of the merge request's project " +
		"with the scope `api` and at least the role Reporter"
)

// botName matches the bot users that GitLab creates for project and group access tokens.
// A maintainer's token can edit other people's comments, so when the token's owner cannot
// be determined, only the bots' comments count as ours.
//
// https://docs.gitlab.com/user/project/settings/project_access_tokens/#bot-users-for-projects
var botName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(project|group)_[0-9]+_bot`) })

// NewGitLab returns the thread of a merge request. The project is its numeric ID. It
// sends no request.
//
// https://docs.gitlab.com/api/notes/#merge-requests
func NewGitLab(s Server, project string, number int) (Remote, error) {
	if project == "" {
		return Remote{}, errors.New("the project of the merge request is unknown")
	}
	client, err := gitlab.NewClient(s.Token,
		gitlab.WithBaseURL(s.URL.String()),
		gitlab.WithHTTPClient(s.client()),
		gitlab.WithCustomRetryMax(0),         // its own retries would also repeat the creation of a comment
		gitlab.WithCustomLimiter(promptly{}), // its own limiter would wait
	)
	if err != nil {
		return Remote{}, fmt.Errorf("prepare GitLab's API: %w", err)
	}
	client.UserAgent = s.UserAgent
	advice := advice{secrets: redact.New(s.Token), unknown: gitlabUnknown, denied: gitlabDenied}
	failure := func(op string, resp *gitlab.Response, err error) error {
		return advice.failure(op, gitlabAnswer(resp, err))
	}
	return Remote{
		list: func(ctx context.Context, at int) (page, error) {
			all, resp, err := client.Notes.ListMergeRequestNotes(project, number,
				&gitlab.ListMergeRequestNotesOptions{ListOptions: gitlab.ListOptions{Page: at, PerPage: perPage}}, gitlab.WithContext(ctx))
			if err != nil {
				return page{}, failure("list the comments of the merge request", resp, err)
			}
			// The last page has the header too, empty.
			p := page{next: resp.NextPage, told: len(resp.Header.Values("X-Next-Page")) > 0}
			for _, n := range all {
				p.notes = append(p.notes, note{Comment: gitlabComment(n), id: int64(n.Author.ID), name: n.Author.Username, system: n.System})
			}
			return p, nil
		},
		self: func(ctx context.Context) (author, error) {
			user, resp, err := client.Users.CurrentUser(gitlab.WithContext(ctx))
			if err == nil {
				return func(n note) bool { return n.id == int64(user.ID) }, nil
			}
			if err = failure("look up the token's owner", resp, err); refused(err) {
				return func(n note) bool { return botName().MatchString(n.name) }, nil
			}
			return nil, err
		},
		create: func(ctx context.Context, body string) (Comment, error) {
			n, resp, err := client.Notes.CreateMergeRequestNote(project, number, &gitlab.CreateMergeRequestNoteOptions{Body: &body}, gitlab.WithContext(ctx))
			if err != nil {
				return Comment{}, failure("comment on the merge request", resp, err)
			}
			return gitlabComment(n), nil
		},
		update: func(ctx context.Context, id int64, body string) (Comment, error) {
			n, resp, err := client.Notes.UpdateMergeRequestNote(project, number, int(id), &gitlab.UpdateMergeRequestNoteOptions{Body: &body}, gitlab.WithContext(ctx))
			if err != nil {
				return Comment{}, failure("update the comment on the merge request", resp, err)
			}
			return gitlabComment(n), nil
		},
	}, nil
}

// promptly is a rate limiter that never waits.
type promptly struct{}

// Wait implements gitlab.RateLimiter.
func (promptly) Wait(context.Context) error { return nil }

// gitlabComment converts a note. The API gives no URL.
func gitlabComment(n *gitlab.Note) Comment { return Comment{ID: int64(n.ID), Body: n.Body} }

// gitlabAnswer reads what the library reports.
func gitlabAnswer(resp *gitlab.Response, err error) answer {
	a := answer{err: err}
	if resp != nil && resp.Response != nil {
		a.status, a.header = resp.StatusCode, resp.Header
	}
	if errors.Is(err, gitlab.ErrNotFound) {
		a.status = http.StatusNotFound
	}
	if e, ok := errors.AsType[*gitlab.ErrorResponse](err); ok {
		a.message = e.Message
	}
	return a
}
