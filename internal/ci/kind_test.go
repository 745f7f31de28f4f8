package ci_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/events"
)

// told is what the context says about the event.
func told(c job.Context) events.Want {
	return events.Want{
		Kind: string(c.Kind), Ref: c.Ref.Raw(), Base: c.BaseRef.Raw(), SHA: c.SHA, Number: c.PullNumber, Fork: c.Fork, Repository: c.Repository.Raw(),
	}
}

func TestDetectReadsTheEvent(t *testing.T) {
	t.Parallel()
	for _, f := range events.All() {
		t.Run(f.Title(), func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(f.Want, told(ci.Detect(f.Getenv, f.ReadFile))); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever the event, only a run of a branch has a branch of its own.
func TestOnlyARunOfABranchIsOneOfABranch(t *testing.T) {
	t.Parallel()
	for _, f := range events.All() {
		c := ci.Detect(f.Getenv, f.ReadFile)
		if got := c.Branch().Raw(); (f.Want.Kind == "branch") != (got != "") || got != "" && got != f.Want.Ref {
			t.Errorf("%s: a run of the branch %q", f.Title(), got)
		}
	}
}

func TestTheUserSaysWhichPullRequestWhereTheEventDoesNot(t *testing.T) {
	t.Parallel()
	branch := job.Context{Kind: job.KindBranch, Ref: text.New("main")}
	for name, c := range map[string]struct {
		context job.Context
		number  int
		want    job.Context
	}{
		"not said":                        {branch, 0, branch},
		"started by hand on main":         {branch, 7, job.Context{Kind: job.KindPull, Ref: text.New("main"), PullNumber: 7}},
		"an event of no branch":           {job.Context{}, 7, job.Context{Kind: job.KindPull, PullNumber: 7}},
		"a pull request without a number": {job.Context{Kind: job.KindPull, Fork: true}, 7, job.Context{Kind: job.KindPull, Fork: true, PullNumber: 7}},
		"a merge queue stays one":         {job.Context{Kind: job.KindQueue, BaseRef: text.New("main")}, 7, job.Context{Kind: job.KindQueue, BaseRef: text.New("main"), PullNumber: 7}},
		"the event says another":          {job.Context{Kind: job.KindPull, PullNumber: 3}, 7, job.Context{Kind: job.KindPull, PullNumber: 3}},
	} {
		got := c.context.WithPullRequest(c.number)
		if diff := cmp.Diff(c.want, got, sameText); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if c.number > 0 && !got.Branch().IsEmpty() {
			t.Errorf("%s: it is a run of the branch %s", name, got.Branch().Line())
		}
	}
}

// act calls every run 1. The runners built on it do not.
func TestARunUnderActHasNoNumber(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env  map[string]string
		want string
	}{
		"act":     {map[string]string{"ACT": "true"}, ""},
		"Gitea":   {map[string]string{"ACT": "true", "GITEA_ACTIONS": "true"}, "17612345678"},
		"Forgejo": {map[string]string{"ACT": "true", "FORGEJO_ACTIONS": "true"}, "17612345678"},
		"GitHub":  {nil, "17612345678"},
	} {
		got := ci.Detect(lookup(with(githubEnv, c.env)), event(t, "push"))
		if got.RunID != c.want || (got.RunID == "") != (got.JobURL == "") || (got.RunID == "") != (got.Attempt == "") {
			t.Errorf("%s: run %q, attempt %q, link %q", name, got.RunID, got.Attempt, got.JobURL)
		}
		if onBranch := !got.Branch().IsEmpty(); onBranch != (got.RunID != "") || got.Target().IsEmpty() {
			t.Errorf("%s: a run of the branch %q, compared with %q", name, got.Branch().Raw(), got.Target().Raw())
		}
	}
}
