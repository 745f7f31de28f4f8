package comment

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/google/go-github/v84/github"

	"github.com/agent-gate/agent-gate/internal/text"
)

const (
	githubUnknown = "github-token is not valid, or has expired"
	githubDenied  = "the token may not do this: give the job the permission `pull-requests: write`; " +
		"pull requests from forks and of Dependabot get a token that may only read"
)

// NewGitHub makes the thread of a pull request on GitHub, or on a GitHub Enterprise
// Server. The repository has the form owner/name. It sends nothing.
//
// https://docs.github.com/en/rest/issues/comments
func NewGitHub(s Server, repository string, number int) (Remote, error) {
	owner, name, ok := strings.Cut(repository, "/")
	if !ok || !isSegment(owner) || !isSegment(name) {
		return Remote{}, errors.New("the repository has no name of the form owner/name")
	}
	client := github.NewClient(s.client()).WithAuthToken(s.Token)
	client.BaseURL = s.URL.JoinPath("/") // the library wants the slash
	client.UserAgent = s.UserAgent
	client.DisableRateLimitCheck = true // its memory of the limits would only hide what the server says
	advice := advice{secrets: text.NewRedactor(s.Token), unknown: githubUnknown, denied: githubDenied}
	failure := func(op string, resp *github.Response, err error) error {
		return advice.failure(op, githubAnswer(resp, err))
	}
	return Remote{
		list: func(ctx context.Context, page int) ([]note, int, error) {
			comments, resp, err := client.Issues.ListComments(ctx, owner, name, number,
				&github.IssueListCommentsOptions{ListOptions: github.ListOptions{Page: page, PerPage: perPage}})
			if err != nil {
				return nil, 0, failure("list the comments of the pull request", resp, err)
			}
			notes := make([]note, 0, len(comments))
			for _, c := range comments {
				author := c.GetUser()
				// Nobody can comment as an app. Other servers with this API name no type.
				notes = append(notes, note{githubComment(c), author.GetID(), author.GetType() == "User"})
			}
			return notes, resp.NextPage, nil
		},
		// The token of a job belongs to an app, which is no user, and is refused.
		self: func(ctx context.Context) (int64, error) {
			user, resp, err := client.Users.Get(ctx, "")
			if err != nil {
				return 0, failure("ask whose the token is", resp, err)
			}
			return user.GetID(), nil
		},
		create: func(ctx context.Context, body string) (Comment, error) {
			c, resp, err := client.Issues.CreateComment(ctx, owner, name, number, &github.IssueComment{Body: &body})
			if err != nil {
				return Comment{}, failure("comment on the pull request", resp, err)
			}
			return githubComment(c), nil
		},
		update: func(ctx context.Context, id int64, body string) (Comment, error) {
			c, resp, err := client.Issues.EditComment(ctx, owner, name, id, &github.IssueComment{Body: &body})
			if err != nil {
				return Comment{}, failure("update the comment on the pull request", resp, err)
			}
			return githubComment(c), nil
		},
	}, nil
}

// isSegment reports whether s can be a part of a path as it stands.
func isSegment(s string) bool { return strings.Trim(s, ".") != "" && url.PathEscape(s) == s }

func githubComment(c *github.IssueComment) Comment {
	return Comment{ID: c.GetID(), Body: c.GetBody(), URL: c.GetHTMLURL()}
}

// githubAnswer reads what the library says.
func githubAnswer(resp *github.Response, err error) answer {
	a := answer{err: err}
	if resp != nil && resp.Response != nil {
		a.status = resp.StatusCode
	}
	if e, ok := errors.AsType[*github.ErrorResponse](err); ok {
		a.message = e.Message
	}
	if e, ok := errors.AsType[*github.RateLimitError](err); ok {
		a.rateLimited, a.message = true, e.Message
	}
	if e, ok := errors.AsType[*github.AbuseRateLimitError](err); ok {
		a.rateLimited, a.message = true, e.Message
	}
	return a
}
