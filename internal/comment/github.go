package comment

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/google/go-github/v84/github"

	"github.com/agent-gate/agent-gate/internal/text/redact"
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
	advice := advice{secrets: redact.New(s.Token), unknown: githubUnknown, denied: githubDenied}
	failure := func(op string, resp *github.Response, err error) error {
		return advice.failure(op, githubAnswer(resp, err))
	}
	return Remote{
		list: func(ctx context.Context, at int) (page, error) {
			comments, resp, err := client.Issues.ListComments(ctx, owner, name, number,
				&github.IssueListCommentsOptions{ListOptions: github.ListOptions{Page: at, PerPage: perPage}})
			if err != nil {
				return page{}, failure("list the comments of the pull request", resp, err)
			}
			p := page{next: resp.NextPage, told: resp.Header.Get("Link") != ""}
			for _, c := range comments {
				p.notes = append(p.notes, note{Comment: githubComment(c), id: c.GetUser().GetID(), name: c.GetUser().GetLogin()})
			}
			return p, nil
		},
		self: func(ctx context.Context) (author, error) {
			user, resp, err := client.Users.Get(ctx, "")
			if err == nil {
				return func(n note) bool { return n.id == user.GetID() }, nil
			}
			if err = failure("ask whose the token is", resp, err); !refused(err) {
				return nil, err
			}
			// The token of a job or of another app belongs to no user. The other API knows
			// by which name it writes; where it does not answer, only what the tokens of
			// jobs write can be ours.
			name := cmp.Or(viewer(ctx, client), jobsBot)
			return func(n note) bool { return n.name == name }, nil
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

// jobsBot is the name by which the tokens of jobs write.
//
// https://docs.github.com/en/actions/concepts/security/github_token
const jobsBot = "github-actions[bot]"

// viewer asks the GraphQL API by which name the token writes; empty when it does not say.
//
// https://docs.github.com/en/graphql/reference/queries#viewer
func viewer(ctx context.Context, client *github.Client) string {
	path := "graphql"
	if strings.HasSuffix(client.BaseURL.Path, "/api/v3/") {
		path = "../graphql" // of an Enterprise Server
	}
	req, err := client.NewRequest("POST", path, map[string]string{"query": "{ viewer { login } }"})
	if err != nil {
		return ""
	}
	var answer struct {
		Data struct {
			Viewer struct {
				Login string `json:"login"`
			} `json:"viewer"`
		} `json:"data"`
	}
	if _, err := client.Do(ctx, req, &answer); err != nil {
		return ""
	}
	return answer.Data.Viewer.Login
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
		a.status, a.header = resp.StatusCode, resp.Header
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
