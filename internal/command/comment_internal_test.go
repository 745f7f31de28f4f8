package command

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

func TestACommentIsWaitedForNoLongerThanItsTime(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		signal time.Duration // after which the process is to stop; negative: never
		want   time.Duration
	}{
		"no signal":              {-1, 20 * time.Second},
		"stopped before":         {0, 2 * time.Second},
		"stopped meanwhile":      {5 * time.Second, 7 * time.Second},
		"stopped near the end":   {19 * time.Second, 20 * time.Second},
		"stopped after the time": {time.Minute, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				parent, stop := context.WithCancel(t.Context())
				defer stop()
				switch {
				case c.signal == 0:
					stop()
				case c.signal > 0:
					time.AfterFunc(c.signal, stop)
				}
				start := time.Now()
				ctx, cancel := commentContext(parent, commentTime)
				defer cancel()
				<-ctx.Done()
				if took := time.Since(start).Round(time.Millisecond); took != c.want {
					t.Errorf("it took %s, want %s", took, c.want)
				}
			})
		})
	}
}

func TestTheTitleNamesTheLegAsGitHubDoes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ job, key, want string }{
		{"gate", "", "gate"},
		{"", "", ""},
		{"gate", "nightly", "gate (nightly)"},
		{"", "nightly", "nightly"},
		{"gate", "{\n  \"name\": \"billing\",\n  \"calls\": 5,\n  \"voice\": true,\n  \"a\": \"x\"\n}", "gate (billing, 5, true, x)"},
		{"gate", `{"list": [1, "two"], "inner": {"b": 1, "a": 2}}`, `gate ([1, "two"], {"b": 1, "a": 2})`},
		{"gate", `{"broken`, `gate ({"broken)`},
		{"gate", `["a"]`, `gate (["a"])`},
	} {
		if got := commentTitle(text.New(c.job), c.key).Raw(); got != c.want {
			t.Errorf("%q with %q: %q, want %q", c.job, c.key, got, c.want)
		}
	}
}

func TestTheKeyIsThatOfTheNextRunOfTheSameLeg(t *testing.T) {
	t.Parallel()
	github := job.Context{Provider: job.GitHub, Workflow: text.New("ci"), Job: text.New("gate"), Step: "__acme_gate", RunID: "1", Attempt: "1", Runner: "GitHub Actions 2", SHA: "a"}
	gitlab := job.Context{Provider: job.GitLab, Workflow: text.New("Fix refunds"), Job: text.New("gate: [billing]"), RunID: "1", Attempt: "7"}
	again := func(c job.Context) job.Context {
		c.RunID, c.Attempt, c.Runner, c.SHA, c.Ref, c.JobURL = "2", "3", "GitHub Actions 9", "b", text.New("main"), "https://x"
		return c
	}
	if commentKey(github, "billing") != commentKey(again(github), "billing") {
		t.Error("GitHub: the next run has another key")
	}
	next := again(gitlab)
	next.Workflow = text.New("Fix refunds again") // a pipeline can be named after a commit
	if commentKey(gitlab, "") != commentKey(next, "") {
		t.Error("GitLab: the next run has another key")
	}
	keys := map[any]bool{}
	step, named, workflow, leg := github, github, github, gitlab
	step.Step, named.Job, workflow.Workflow, leg.Job = "__acme_gate_2", text.New("other"), text.New("nightly"), text.New("gate: [support]")
	for _, c := range []job.Context{github, step, named, workflow, gitlab, leg} {
		keys[commentKey(c, "")] = true
	}
	keys[commentKey(github, "billing")] = true
	if len(keys) != 7 {
		t.Errorf("%d keys for 7 jobs", len(keys))
	}
}
