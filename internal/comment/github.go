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
	githubUnknown = "github-token is invalid or expired"
	githubDenied  = "the token is not allowed to do this: give the job the permission `pull-requests: write`; " +
		"pull requests from forks and from Dependabot get a read-only token"
)

// NewGitHub returns the thread of a pull request on GitHub or on a GitHub Enterprise
// Server. The repository has the form owner/name. It sends no request.
//
// https://docs.github.com/en/rest/issues/comments
func NewGitHub(s Server, repository string, number int) (Remote, error) {
	owner, name, ok := strings.Cut(repository, "/")
	if !ok || !isSegment(owner) || !isSegment(name) {
		return Remote{}, errors.New("the repository name is not of the form owner/name")
	}
	client := github.NewClient(s.client()).WithAuthToken(s.Token)
	client.BaseURL = s.URL.JoinPath("/") // the library requires the slash
	client.UserAgent = s.UserAgent
	client.DisableRateLimitCheck = true // its cached limits would only hide what the server says
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
			if err = failure("look up the token's owner", resp, err); !refused(err) {
				return nil, err
			}
			// The token of a job or app belongs to no user. GraphQL knows the name it
			// writes under; if it does not answer, only comments by the job token's bot
			// can be ours.
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

// jobsBot is the author of comments written with a job's token.
//
// https://docs.github.com/en/actions/concepts/security/github_token
const jobsBot = "github-actions[bot]"

// viewer asks the GraphQL API for the name that the token writes under; empty when it
// does not say.
//
// https://docs.github.com/en/graphql/reference/queries#viewer
func viewer(ctx context.Context, client *github.Client) string {
	path := "graphql"
	if strings.HasSuffix(client.BaseURL.Path, "/api/v3/") {
		path = "../graphql" // Enterprise Server
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

// isSegment reports whether s can be a path segment without escaping.
func isSegment(s string) bool { return strings.Trim(s, ".") != "" && url.PathEscape(s) == s }

func githubComment(c *github.IssueComment) Comment {
	return Comment{ID: c.GetID(), Body: c.GetBody(), URL: c.GetHTMLURL()}
}

// githubAnswer reads what the library reports.
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
