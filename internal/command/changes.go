package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/agent-gate/agent-gate/internal/changes"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/comment"
	"github.com/agent-gate/agent-gate/internal/config/suite"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// changesTime is the longest that a run waits to hear what it changes.
const changesTime = time.Minute

// change is what the job tests, and where to ask what it changes.
func (s *session) change() changes.Change {
	c := changes.Change{Dir: ".", Job: s.context}
	if s.context.Provider == job.GitLab {
		c.Left = s.getenv("CI_MERGE_REQUEST_DIFF_BASE_SHA")
	}
	pull, err := s.pull()
	if c.NoForge = err; err == nil {
		c.Forge = pull
	}
	return c
}

// pull returns the pull or merge request of this job.
func (s *session) pull() (changes.Forge, error) {
	switch token, name := s.commentToken(); {
	case !s.takesComments():
		return nil, errors.New("this is neither a GitHub nor a GitLab job")
	case s.context.PullNumber == 0 && s.context.Kind != job.KindQueue: // of which only the target is asked
		return nil, errors.New("the number of the pull or merge request is not known")
	case token.IsEmpty():
		return nil, fmt.Errorf("%s is missing", name)
	}
	server, err := s.forgeServer()
	if err != nil {
		return nil, err
	}
	if s.context.Provider == job.GitLab {
		return comment.NewGitLabPull(server, s.context.PullProject, s.context.PullNumber, s.context.SHA)
	}
	return comment.NewGitHubPull(server, s.context.Repository.Raw(), s.context.PullNumber, s.context.SHA)
}

// touched is which gates of the suite run, in their order, by what the job changes; and a warning if that is not known,
// so that all of them do.
func (s *session) touched(ctx context.Context) (changes.List, []changes.Selected, []text.Untrusted) {
	ctx, cancel := context.WithTimeout(ctx, changesTime)
	defer cancel()
	var gates []changes.Gate
	for _, g := range s.suite.Gates {
		gates = append(gates, changes.Gate{Name: g.Name, Paths: g.Paths})
	}
	changed := changes.Find(ctx, s.config.ChangedFiles, s.change())
	var warnings []text.Untrusted
	if s.config.ChangedFiles != "" && !changed.Known {
		warnings = append(warnings, text.Sprintf("changed-files: every gate runs, since the changed files are not known: %s", s.redactor.Text(changed.Why)))
	}
	return changed, changes.Select(gates, s.suite.AllPaths, s.suite.Path, changed), warnings
}

// testsChange reports whether the job tests what is not on its target branch yet: a pull or merge request, a merge
// queue, or a branch for which a request is open, as CircleCI, GitLab's branch pipelines and Bitbucket build it.
func (s *session) testsChange() bool {
	open := func(name string) bool { return s.getenv(name) != "" }
	ownBranch := s.context.Ref.Raw() != "" && s.context.Ref.Raw() == s.getenv("CI_DEFAULT_BRANCH")
	return s.context.Kind == job.KindPull || s.context.Kind == job.KindQueue || s.context.PullNumber > 0 ||
		open("BITBUCKET_PR_ID") || open("CI_OPEN_MERGE_REQUESTS") && !ownBranch
}

// quarantine is the entries that count: those of the suite file or, for what a pull or merge request or a merge queue
// tests, those of the file on the target branch, whose name is returned too. If that cannot be read, none counts.
func (s *session) quarantine(ctx context.Context) (entries []suite.Quarantined, branch text.Untrusted, warnings []text.Untrusted) {
	entries = s.suite.Quarantine
	if !s.testsChange() {
		return entries, branch, nil
	}
	ctx, cancel := context.WithTimeout(ctx, changesTime)
	defer cancel()
	fail := func(err error) ([]suite.Quarantined, text.Untrusted, []text.Untrusted) {
		what := s.redactor.Text(text.Sprintf("%s cannot be read as it is on the target branch: %s", text.New(s.suite.Path), text.New(err.Error())))
		if len(entries) == 0 {
			s.log.Info("No scenario is in quarantine: %s", what)
			return nil, branch, nil
		}
		return nil, branch, []text.Untrusted{text.Sprintf("quarantine: no entry counts, since %s", what)}
	}
	data, branch, err := s.change().AtTarget(ctx, s.suite.Path)
	if err != nil {
		return fail(err)
	}
	there, err := suite.QuarantineOf(data, s.started)
	if err != nil {
		return fail(err)
	}
	for _, q := range entries {
		if !slices.ContainsFunc(there, func(t suite.Quarantined) bool { return t.Gate == q.Gate && t.Scenario == q.Scenario }) {
			warnings = append(warnings, text.Sprintf("quarantine: the entry for scenario %s of gate %s does not count here: the file on %s has none", q.Scenario, text.New(q.Gate), branch))
		}
	}
	return there, branch, warnings
}

// quarantined is the entries of one gate, as it takes them.
func quarantined(entries []suite.Quarantined, gate string) (own []verdict.Quarantined) {
	for _, q := range entries {
		if q.Gate == gate {
			own = append(own, verdict.Quarantined{Scenario: q.Scenario, Reason: q.Reason, Owner: q.Owner, Until: q.Until})
		}
	}
	return own
}
