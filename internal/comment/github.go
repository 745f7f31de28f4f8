package comment

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text/redact"
)

const (
	githubUnknown = "github-token is invalid or expired"
	githubDenied  = "the token is not allowed to do this: give the job the permission `pull-requests: write`; " +
		"pull requests from forks and from Dependabot get a read-only token"
)

// githubNote is a comment as the API gives it, as far as it is needed.
type githubNote struct {
	ID   int64      `json:"id"`
	Body string     `json:"body"`
	URL  string     `json:"html_url"`
	User githubUser `json:"user"`
}

type githubUser struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
}

func (n githubNote) comment() Comment { return Comment{ID: n.ID, Body: n.Body, URL: n.URL} }

// NewGitHub returns the thread of a pull request on GitHub or on a GitHub Enterprise
// Server. The repository has the form owner/name. It sends no request.
//
// https://docs.github.com/en/rest/issues/comments
func NewGitHub(s Server, repository string, number int) (Remote, error) {
	at, err := githubPath(repository)
	if err != nil {
		return Remote{}, err
	}
	c := githubClient(s, advice{unknown: githubUnknown, denied: githubDenied, notThere: notThere + githubDenied, tooMany: tooMany})
	issues := at + "/issues/"
	thread := issues + strconv.Itoa(number) + "/comments"
	return Remote{
		list: func(ctx context.Context, at int) (page, error) {
			var all []githubNote
			header, err := c.do(ctx, request{op: "list the comments of the pull request", method: http.MethodGet, path: thread, query: pageQuery(at)}, &all)
			if err != nil {
				return page{}, err
			}
			link := header.Get("Link")
			p := page{next: nextPage(link), told: link != ""}
			for _, n := range all {
				p.notes = append(p.notes, note{Comment: n.comment(), id: n.User.ID, name: n.User.Login})
			}
			return p, nil
		},
		self: func(ctx context.Context) (author, error) {
			var user githubUser
			_, err := c.do(ctx, request{op: "look up the token's owner", method: http.MethodGet, path: "user"}, &user)
			if err == nil {
				return func(n note) bool { return n.id == user.ID }, nil
			}
			if !refused(err) {
				return nil, err
			}
			// The token of a job or app belongs to no user. GraphQL knows the name it
			// writes under; if it does not answer, only comments by the job token's bot
			// can be ours.
			name := cmp.Or(viewer(ctx, c), jobsBot)
			return func(n note) bool { return n.name == name }, nil
		},
		create: func(ctx context.Context, body string) (Comment, error) {
			var n githubNote
			_, err := c.do(ctx, request{op: "comment on the pull request", method: http.MethodPost, path: thread, body: written{body}}, &n)
			if err != nil {
				return Comment{}, err
			}
			return n.comment(), nil
		},
		update: func(ctx context.Context, id int64, body string) (Comment, error) {
			var n githubNote
			_, err := c.do(ctx, request{
				op: "update the comment on the pull request", method: http.MethodPatch, path: fmt.Sprintf("%scomments/%d", issues, id), body: written{body},
			}, &n)
			if err != nil {
				return Comment{}, err
			}
			return n.comment(), nil
		},
	}, nil
}

// githubPath is the path of a repository, of the form owner/name, below the URL of the API.
func githubPath(repository string) (string, error) {
	owner, name, ok := strings.Cut(repository, "/")
	if !ok || !isSegment(owner) || !isSegment(name) {
		return "", errors.New("the repository name is not of the form owner/name")
	}
	return "repos/" + owner + "/" + name, nil
}

// githubClient sends requests to GitHub.
func githubClient(s Server, a advice) client {
	a.secrets = redact.New(s.Token)
	return client{
		Server: s,
		header: http.Header{
			"Accept":               {"application/vnd.github.v3+json"},
			"Authorization":        {"Bearer " + s.Token},
			"X-Github-Api-Version": {"2022-11-28"},
		},
		advice: a,
		encode: verbatim,
		accepts: func(status int) bool {
			return status >= 200 && status < 300 && status != http.StatusAccepted
		},
		refusal: githubRefusal,
		silent:  true,
	}
}

// jobsBot is the author of comments written with a job's token.
//
// https://docs.github.com/en/actions/concepts/security/github_token
const jobsBot = "github-actions[bot]"

// viewer asks the GraphQL API for the name that the token writes under; empty when it
// does not say.
//
// https://docs.github.com/en/graphql/reference/queries#viewer
func viewer(ctx context.Context, c client) string {
	path := "graphql"
	if strings.HasSuffix(c.URL.JoinPath("/").Path, "/api/v3/") {
		path = "../graphql" // Enterprise Server
	}
	var answer struct {
		Data struct {
			Viewer githubUser `json:"viewer"`
		} `json:"data"`
	}
	query := map[string]string{"query": "{ viewer { login } }"}
	if _, err := c.do(ctx, request{method: http.MethodPost, path: path, body: query}, &answer); err != nil {
		return ""
	}
	return answer.Data.Viewer.Login
}

// isSegment reports whether s can be a path segment without escaping.
func isSegment(s string) bool { return strings.Trim(s, ".") != "" && url.PathEscape(s) == s }

// verbatim makes JSON with the characters of HTML as they are: in a comment's Markdown
// they are many.
func verbatim(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// nextPage returns the number of the page that a Link header calls the next, 0 when it
// names none.
//
// https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
func nextPage(link string) int {
	next := 0
	for one := range strings.SplitSeq(link, ",") {
		target, attributes, _ := strings.Cut(strings.TrimSpace(one), ";")
		for attribute := range strings.SplitSeq(attributes, ";") {
			if strings.TrimSpace(attribute) != `rel="next"` || !strings.HasPrefix(target, "<") || !strings.HasSuffix(target, ">") {
				continue
			}
			if u, err := url.Parse(target[1 : len(target)-1]); err == nil {
				next, _ = strconv.Atoi(u.Query().Get("page"))
			}
		}
	}
	return next
}

// githubRefusal reads the body of an answer that is none to the request.
//
// https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
func githubRefusal(a *answer, body []byte) {
	switch a.status {
	case http.StatusAccepted:
		a.err = errors.New("job scheduled on GitHub side; try again later")
		return
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return // the message only repeats the status
	}
	var said struct {
		Message string `json:"message"`
		Help    string `json:"documentation_url"`
	}
	if json.Unmarshal(body, &said) != nil {
		return // a page for people
	}
	a.message = said.Message
	// The first is what old Enterprise Servers call it.
	a.rateLimited = a.status == http.StatusForbidden &&
		(strings.HasSuffix(said.Help, "#abuse-rate-limits") || strings.HasSuffix(said.Help, "secondary-rate-limits"))
}
