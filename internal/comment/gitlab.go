package comment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

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

// gitlabNote is a comment as the API gives it, as far as it is needed. It has no URL.
type gitlabNote struct {
	ID     int64      `json:"id"`
	Body   string     `json:"body"`
	Author gitlabUser `json:"author"`
	System bool       `json:"system"`
}

type gitlabUser struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
}

func (n gitlabNote) comment() Comment { return Comment{ID: n.ID, Body: n.Body} }

// gitlabNext is the page after one, 0 for none, as its header tells: that of the last page has the field too, empty.
func gitlabNext(h http.Header) (next int, told bool) {
	next, _ = strconv.Atoi(h.Get("X-Next-Page"))
	return next, len(h.Values("X-Next-Page")) > 0
}

// NewGitLab returns the thread of a merge request. The project is its numeric ID or its
// path. It sends no request.
//
// https://docs.gitlab.com/api/notes/#merge-requests
func NewGitLab(s Server, project string, number int) (Remote, error) {
	if project == "" {
		return Remote{}, errNoProject
	}
	c := gitlabClient(s, advice{unknown: gitlabUnknown, denied: gitlabDenied, notThere: notThere + gitlabDenied, tooMany: tooMany})
	thread := fmt.Sprintf("projects/%s/merge_requests/%d/notes", gitlabSegment(project), number)
	return Remote{
		list: func(ctx context.Context, at int) (page, error) {
			var all []gitlabNote
			header, err := c.do(ctx, request{op: "list the comments of the merge request", method: http.MethodGet, path: thread, query: pageQuery(at)}, &all)
			if err != nil {
				return page{}, err
			}
			var p page
			p.next, p.told = gitlabNext(header)
			for _, n := range all {
				p.notes = append(p.notes, note{Comment: n.comment(), id: n.Author.ID, name: n.Author.Username, system: n.System})
			}
			return p, nil
		},
		self: func(ctx context.Context) (author, error) {
			var user gitlabUser
			_, err := c.do(ctx, request{op: "look up the token's owner", method: http.MethodGet, path: "user"}, &user)
			if err == nil {
				return func(n note) bool { return n.id == user.ID }, nil
			}
			if refused(err) {
				return func(n note) bool { return botName().MatchString(n.name) }, nil
			}
			return nil, err
		},
		create: func(ctx context.Context, body string) (Comment, error) {
			var n gitlabNote
			_, err := c.do(ctx, request{op: "comment on the merge request", method: http.MethodPost, path: thread, body: written{body}}, &n)
			if err != nil {
				return Comment{}, err
			}
			return n.comment(), nil
		},
		update: func(ctx context.Context, id int64, body string) (Comment, error) {
			var n gitlabNote
			_, err := c.do(ctx, request{
				op: "update the comment on the merge request", method: http.MethodPut, path: fmt.Sprintf("%s/%d", thread, id), body: written{body},
			}, &n)
			if err != nil {
				return Comment{}, err
			}
			return n.comment(), nil
		},
	}, nil
}

var errNoProject = errors.New("the project of the merge request is unknown")

// gitlabClient sends requests to a GitLab.
func gitlabClient(s Server, a advice) client {
	s.URL, a.secrets = gitlabURL(s.URL), redact.New(s.Token)
	return client{
		Server:  s,
		header:  http.Header{"Accept": {"application/json"}, "Private-Token": {s.Token}},
		advice:  a,
		encode:  json.Marshal,
		accepts: func(status int) bool { return slices.Contains([]int{200, 201, 202, 204}, status) },
		refusal: gitlabRefusal,
	}
}

// gitlabSegment escapes a path as one segment of a URL, the dots too: they could end in a format such as .json, or
// lead elsewhere.
func gitlabSegment(path string) string {
	return strings.ReplaceAll(url.PathEscape(path), ".", "%2E")
}

// gitlabURL returns the URL of the API, which ends in its version, also for that of the
// instance.
func gitlabURL(u *url.URL) *url.URL {
	if u = u.JoinPath("/"); !strings.HasSuffix(u.Path, "api/v4/") {
		u = u.JoinPath("api/v4/")
	}
	return u
}

// gitlabRefusal reads the body of an answer that is none to the request.
func gitlabRefusal(a *answer, body []byte) {
	body = bytes.TrimSpace(body)
	if a.status == http.StatusNotFound || len(body) == 0 {
		return // nothing that the status does not say
	}
	var said any
	if json.Unmarshal(body, &said) != nil {
		a.message = "failed to parse unknown error format: " + string(body)
		return
	}
	a.message = gitlabWords(said)
}

// gitlabWords puts an error on one line. It is a text, or texts by the names of fields,
// to any depth.
//
// https://docs.gitlab.com/api/rest/troubleshooting/#status-code-400
func gitlabWords(said any) string {
	var words []string
	switch said := said.(type) {
	case string:
		return said
	case []any:
		for _, one := range said {
			words = append(words, gitlabWords(one))
		}
		return "[" + strings.Join(words, ", ") + "]"
	case map[string]any:
		for name, one := range said {
			words = append(words, "{"+name+": "+gitlabWords(one)+"}")
		}
		slices.Sort(words)
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("failed to parse unexpected error type: %T", said)
}
