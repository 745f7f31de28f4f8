package command

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/comment"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/report/markdown"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

const (
	// commentTime is the longest a job waits for its comment.
	commentTime = 20 * time.Second
	// hurriedTime is the longest after a signal: GitHub kills a cancelled job a few
	// seconds later.
	hurriedTime = 2 * time.Second
)

// sayNoToken warns at the start that there will be no comment. A missing token is no
// reason to fail: protected variables do not exist on unprotected branches, nor secrets
// in forks.
func (s *session) sayNoToken() {
	if !s.wantsComment() {
		return
	}
	token, name := s.commentToken()
	switch {
	case !s.takesComments():
		s.log.Warn("comment: no effect here, since this is neither a GitHub nor a GitLab job")
	case s.context.PullNumber == 0 || !token.IsEmpty():
	case s.context.WithoutSecrets():
		s.log.Warn("comment: none will be posted, since secrets such as %s are not available to this job", name)
	default:
		s.log.Warn("comment: none will be posted, since %s is missing", name)
	}
}

// wantsComment reports whether a comment was requested; most commands have no such input.
func (s *session) wantsComment() bool {
	mode := s.config.Comment.Mode
	return mode != config.CommentNever && mode != ""
}

// takesComments reports whether the CI system has pull or merge requests that the program
// can comment on.
func (s *session) takesComments() bool {
	return s.context.Provider == job.GitHub || s.context.Provider == job.GitLab
}

// comment writes the reported verdict to the pull or merge request, if requested.
// Whatever happens, the verdict and the exit code stay the same.
func (s *session) comment(ctx context.Context) {
	if s.reported == nil || s.config.DryRun || !s.takesComments() || !s.wantsComment() {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			s.log.Warn("No comment: internal error, please report it: %s", s.redactor.Text(text.New(fmt.Sprint(p))))
		}
	}()
	switch token, _ := s.commentToken(); {
	case s.context.PullNumber == 0 && s.context.Provider == job.GitLab:
		s.log.Info("No comment: this is not a merge request pipeline, and pull-request is not set.")
		return
	case s.context.PullNumber == 0:
		s.log.Info("No comment: the event names no pull request, and pull-request is not set.")
		return
	case token.IsEmpty():
		return // sayNoToken has warned
	}
	thread, err := s.thread()
	if err != nil {
		s.log.Warn("No comment: %s", text.New(err.Error()))
		return
	}
	ctx, cancel := commentContext(ctx, s.left(commentTime))
	defer cancel()
	result, err := s.sticky(thread, *s.reported).Write(ctx)
	if err != nil {
		s.log.Warn("No comment: %s", s.redactor.Text(text.New(err.Error())))
		return
	}
	switch result.Action {
	case comment.Created, comment.Updated:
		s.log.Info("Comment %s: %s", string(result.Action), text.New(cmp.Or(result.URL, strconv.FormatInt(result.ID, 10))))
	case comment.Older:
		s.log.Info("The comment already shows a newer run's verdict, leaving it unchanged.")
	case comment.Nothing:
		s.log.Debug("No comment: the verdict is %s, and there is none to update.", string(s.reported.kind))
	}
}

// commentContext outlives a signal, which cancels the parent, but not for long.
func commentContext(parent context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(parent), most)
	stop := context.AfterFunc(parent, func() {
		select {
		case <-ctx.Done():
		case <-time.After(hurriedTime):
			cancel()
		}
	})
	return ctx, func() {
		stop()
		cancel()
	}
}

// commentToken returns the token for this CI system and the name of its input.
func (s *session) commentToken() (config.Secret, string) {
	if s.context.Provider == job.GitLab {
		return s.config.Comment.GitLabToken, "gitlab-token"
	}
	return s.config.Comment.GitHubToken, "github-token"
}

// thread returns the comments of this job's pull or merge request.
func (s *session) thread() (comment.Thread, error) {
	server, err := s.forgeServer()
	if err != nil {
		return nil, err
	}
	if s.context.Provider == job.GitLab {
		return comment.NewGitLab(server, s.context.PullProject, s.context.PullNumber)
	}
	return comment.NewGitHub(server, s.context.Repository.Raw(), s.context.PullNumber)
}

// forgeServer is the API of GitHub or GitLab, with the token for it.
func (s *session) forgeServer() (comment.Server, error) {
	c, name := s.context, "GITHUB_API_URL"
	if c.Provider == job.GitLab {
		name = "CI_API_V4_URL"
	}
	token, _ := s.commentToken()
	api, err := url.Parse(c.APIURL)
	switch {
	case err != nil || c.APIURL == "":
		return comment.Server{}, fmt.Errorf("%s is not the URL of the API", name)
	case api.Scheme != "https" && !config.IsLoopback(api.Hostname()) && !s.config.Comment.InsecureHTTP:
		return comment.Server{}, fmt.Errorf("http to %s would send the token unencrypted; set allow-insecure-http to allow that", api.Host)
	}
	return comment.Server{
		URL:       api,
		Token:     token.Reveal(),
		UserAgent: "agent-gate/" + s.release(),
		Transport: client.NewTransport(),
		OnRequest: func(method, path string, status int) { s.log.Debug("%s %s: %d", method, path, status) },
	}, nil
}

// sticky returns the comment of this job.
func (s *session) sticky(thread comment.Thread, r reported) comment.Sticky {
	passes := r.kind == verdict.Pass || r.kind == verdict.Skip
	return comment.Sticky{
		Thread:     thread,
		Key:        commentKey(s.context, cmp.Or(s.config.Comment.Key, r.tested)),
		UpdateOnly: s.config.Comment.Mode == config.CommentOnFailure && passes,
		Now: comment.Entry{
			Verdict: r.kind,
			SHA:     s.context.SHA,
			Run:     comment.Number(s.context.RunID),
			Attempt: comment.Number(s.context.Attempt),
		},
		Render: func(before []comment.Entry) (string, error) {
			o := markdown.CommentOptions{Job: commentTitle(s.context.Job, s.config.Comment.Key)}
			for _, e := range before {
				o.Before = append(o.Before, markdown.Past{Verdict: e.Verdict, SHA: e.SHA})
			}
			var b bytes.Buffer
			hidden := s.redactor.Writer(&b)
			err := errors.Join(r.comment(hidden, o), hidden.Flush())
			return b.String(), err
		},
	}
}

// commentKey identifies a job and its matrix leg across runs. The name of a GitLab
// pipeline is not part of it, since it can be that of a commit.
func commentKey(c job.Context, leg string) uuid.UUID {
	if c.Provider == job.GitLab { // the job's name includes the leg
		return comment.NewKey(string(c.Provider), c.Job.Raw(), leg)
	}
	return comment.NewKey(string(c.Provider), c.Workflow.Raw(), c.Job.Raw(), c.Step, leg)
}

// tested returns what a job tests, if its inputs name something that stays the same from
// run to run. It distinguishes the legs of a matrix, which GitHub does not tell the
// action.
func tested(t config.Target) string {
	for _, id := range []uuid.UUID{t.AgentDefinitionID, t.RunTestID} {
		if id != uuid.Nil {
			return id.String()
		}
	}
	return ""
}

// commentTitle names the job and its leg as GitHub does: gate (billing, 7).
func commentTitle(job text.Untrusted, leg string) text.Untrusted {
	leg = strings.Join(legValues(leg), ", ")
	switch {
	case leg == "":
		return job
	case job.IsEmpty():
		return text.New(leg)
	}
	return text.Sprintf("%s (%s)", job, leg)
}

// legValues returns the values of a matrix in order; the key itself when it is not the
// JSON object that GitHub makes of a matrix.
func legValues(key string) []string {
	decoder := json.NewDecoder(strings.NewReader(key))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return slices.DeleteFunc([]string{key}, func(s string) bool { return s == "" })
	}
	var values []string
	for decoder.More() {
		var value json.RawMessage
		if _, err := decoder.Token(); err != nil || decoder.Decode(&value) != nil {
			return []string{key}
		}
		var word string
		if json.Unmarshal(value, &word) != nil {
			word = string(value) // a number, a boolean, a list
		}
		values = append(values, word)
	}
	return values
}
