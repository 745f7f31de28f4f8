package ci_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

var sameText = cmp.Comparer(func(a, b text.Untrusted) bool { return a == b })

const (
	headSHA = "1f0c7b1c5a7e4a1fb1b0ce7e1b7e5d4a7e9c2d31"
	mainSHA = "9a7d2f6e3c1b5a4d8e7f6c5b4a39281706f5e4d3"
)

// lookup makes a getenv of a map.
func lookup(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

// with returns a copy of env with more variables.
func with(env map[string]string, more map[string]string) map[string]string {
	env = maps.Clone(env)
	maps.Copy(env, more)
	return env
}

// event makes a readFile that knows one file.
func event(t *testing.T, name string) func(string) ([]byte, error) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/events", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return func(path string) ([]byte, error) {
		if path != "/github/workflow/event.json" {
			return nil, errors.New("no such file")
		}
		return data, nil
	}
}

var githubEnv = map[string]string{
	"CI": "true", "GITHUB_ACTIONS": "true",
	"GITHUB_ACTION": "__acme_agent-gate", "GITHUB_ACTOR": "ada", "GITHUB_EVENT_NAME": "push",
	"GITHUB_EVENT_PATH": "/github/workflow/event.json", "GITHUB_JOB": "gate",
	"GITHUB_REF": "refs/heads/main", "GITHUB_REF_NAME": "main", "GITHUB_REF_PROTECTED": "true",
	"GITHUB_REPOSITORY": "acme/support-agent", "GITHUB_RUN_ATTEMPT": "2", "GITHUB_RUN_ID": "17612345678",
	"GITHUB_API_URL":    "https://api.github.com",
	"GITHUB_SERVER_URL": "https://github.com", "GITHUB_SHA": mainSHA, "GITHUB_WORKFLOW": "Agent gate",
	"RUNNER_NAME": "GitHub Actions 7", "RUNNER_TEMP": "/github/runner_temp", "TMPDIR": "/var/tmp",
}

var pullEnv = with(githubEnv, map[string]string{
	"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/42/merge", "GITHUB_REF_NAME": "42/merge",
	"GITHUB_HEAD_REF": "feature/refunds", "GITHUB_BASE_REF": "main", "GITHUB_SHA": "77aa2f6e3c1b5a4d8e7f6c5b4a39281706f5e4d3",
})

func TestDetectGitHub(t *testing.T) {
	t.Parallel()
	push := job.Context{
		Provider: job.GitHub, Repository: text.New("acme/support-agent"), Event: "push", Kind: job.KindBranch, Ref: text.New("main"), SHA: mainSHA,
		Workflow: text.New("Agent gate"), Job: text.New("gate"), Step: "__acme_agent-gate",
		RunID: "17612345678", Attempt: "2", Runner: "GitHub Actions 7", TempDir: "/github/runner_temp",
		JobURL: "https://github.com/acme/support-agent/actions/runs/17612345678/attempts/2", APIURL: "https://api.github.com",
	}
	pull := push
	pull.Event, pull.Kind = "pull_request", job.KindPull
	pull.Ref, pull.BaseRef, pull.PullNumber, pull.SHA = text.New("feature/refunds"), text.New("main"), 42, headSHA

	cases := []struct {
		name  string
		env   map[string]string
		event string
		want  func() job.Context
	}{
		{"push", githubEnv, "push", func() job.Context { return push }},
		{"manual start", with(githubEnv, map[string]string{"GITHUB_EVENT_NAME": "workflow_dispatch"}), "workflow_dispatch", func() job.Context {
			c := push
			c.Event = "workflow_dispatch"
			return c
		}},
		{"pull request of the same repository", pullEnv, "pull_request", func() job.Context { return pull }},
		{"pull request of a fork", pullEnv, "pull_request_fork", func() job.Context {
			c := pull
			c.Fork = true
			return c
		}},
		{"pull request of a fork that is gone", pullEnv, "pull_request_deleted_fork", func() job.Context {
			c := pull
			c.Fork = true
			return c
		}},
		{"pull_request_target of a fork", with(pullEnv, map[string]string{"GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_REF": "refs/heads/main", "GITHUB_REF_NAME": "main", "GITHUB_SHA": mainSHA}), "pull_request_fork", func() job.Context {
			c := pull
			c.Event, c.Fork = "pull_request_target", true
			return c
		}},
		{"Dependabot", with(pullEnv, map[string]string{"GITHUB_ACTOR": "dependabot[bot]"}), "pull_request", func() job.Context {
			c := pull
			c.Dependabot = true
			return c
		}},
		{"a comment on a pull request", with(githubEnv, map[string]string{"GITHUB_EVENT_NAME": "issue_comment"}), "comment_on_pull_request", func() job.Context {
			c := push
			c.Event, c.Kind, c.Ref, c.SHA, c.PullNumber = "issue_comment", job.KindPull, text.Untrusted{}, "", 42
			return c
		}},
		{"a comment on an issue", with(githubEnv, map[string]string{"GITHUB_EVENT_NAME": "issue_comment"}), "comment_on_issue", func() job.Context {
			c := push
			c.Event, c.Kind, c.Ref = "issue_comment", job.KindNone, text.Untrusted{}
			return c
		}},
		{"merge queue", with(githubEnv, map[string]string{"GITHUB_EVENT_NAME": "merge_group", "GITHUB_REF": "refs/heads/gh-readonly-queue/main/pr-42-" + mainSHA}), "merge_group", func() job.Context {
			c := push
			c.Event, c.Kind, c.Ref, c.BaseRef = "merge_group", job.KindQueue, text.New("gh-readonly-queue/main/pr-42-"+mainSHA), text.New("main")
			return c
		}},
		{"GitHub Enterprise", with(githubEnv, map[string]string{"GITHUB_API_URL": "https://github.example.com/api/v3/"}), "push", func() job.Context {
			c := push
			c.APIURL = "https://github.example.com/api/v3"
			return c
		}},
		{"an API that is no address of one", with(githubEnv, map[string]string{"GITHUB_API_URL": "https://api.github.com?token=x"}), "push", func() job.Context {
			c := push
			c.APIURL = ""
			return c
		}},
		{"debug logging", with(githubEnv, map[string]string{"RUNNER_DEBUG": "1"}), "push", func() job.Context {
			c := push
			c.Debug = true
			return c
		}},
		{"an event file that cannot be read", with(pullEnv, map[string]string{"GITHUB_EVENT_PATH": "/nowhere"}), "pull_request_fork", func() job.Context {
			c := pull
			c.SHA = pullEnv["GITHUB_SHA"]
			return c
		}},
		{"a first attempt without its number", with(githubEnv, map[string]string{"GITHUB_RUN_ATTEMPT": "x"}), "push", func() job.Context {
			c := push
			c.Attempt, c.JobURL = "", "https://github.com/acme/support-agent/actions/runs/17612345678"
			return c
		}},
		{"values of the wrong form are dropped", with(githubEnv, map[string]string{
			"GITHUB_SHA": "::error::", "GITHUB_ACTION": "a b\n", "GITHUB_RUN_ID": "-1", "GITHUB_SERVER_URL": "javascript:alert(1)//", "RUNNER_TEMP": "",
		}), "push", func() job.Context {
			c := push
			c.SHA, c.Step, c.RunID, c.JobURL, c.TempDir = "", "", "", "", "/var/tmp"
			return c
		}},
		{"a server that is no web address makes no link", with(githubEnv, map[string]string{"GITHUB_SERVER_URL": "file:///etc"}), "push", func() job.Context {
			c := push
			c.JobURL = ""
			return c
		}},
		{"a repository of the wrong form makes no link", with(githubEnv, map[string]string{"GITHUB_REPOSITORY": "a/../b](x)"}), "push", func() job.Context {
			c := push
			c.Repository, c.JobURL = text.New("a/../b](x)"), ""
			return c
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := ci.Detect(lookup(c.env), event(t, c.event))
			if diff := cmp.Diff(c.want(), got, sameText); diff != "" {
				t.Errorf("context (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDetectSurvivesAnyEvent(t *testing.T) {
	t.Parallel()
	for _, data := range []string{
		"", "null", "[]", "{", `{"pull_request":null}`, `{"pull_request":{}}`, `{"pull_request":[]}`,
		`{"pull_request":{"number":-7,"head":{"repo":{"id":"x"}},"base":{}}}`, `{"pull_request":{"head":{"sha":"::error::"},"base":{"repo":{}}}}`,
	} {
		got := ci.Detect(lookup(pullEnv), func(string) ([]byte, error) { return []byte(data), nil })
		if got.SHA != pullEnv["GITHUB_SHA"] || got.PullNumber < 0 {
			t.Errorf("%s: commit %q, number %d", data, got.SHA, got.PullNumber)
		}
	}
}

func TestABrokenEventMakesNoRunOfABranch(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"workflow_run", "merge_group", "issue_comment", "pull_request_target", "release", "deployment", "unheard_of", ""} {
		for _, data := range []string{
			"", "null", "{", `{"workflow_run":null,"merge_group":null,"issue":null}`, `{"workflow_run":{},"merge_group":{},"issue":{}}`,
			`{"workflow_run":{"event":"push","head_branch":"main"},"issue":{"pull_request":{}}}`,
			`{"repository":{"id":1},"workflow_run":{"event":"push","head_branch":"main","head_repository":null}}`,
			`{"repository":{"id":1},"workflow_run":{"event":"push","head_branch":"","head_repository":{"id":1}}}`,
			`{"repository":{"id":1},"workflow_run":{"event":"pull_request","head_branch":"main","head_repository":{"id":1},"pull_requests":[{},{"number":-3}]}}`,
			`{"merge_group":{"head_ref":"refs/heads/main","base_ref":"","head_sha":"x"},"issue":{"number":-1,"pull_request":{}}}`,
		} {
			env := with(githubEnv, map[string]string{"GITHUB_EVENT_NAME": name})
			got := ci.Detect(lookup(env), func(string) ([]byte, error) { return []byte(data), nil })
			if !got.Branch().IsEmpty() || got.PullNumber < 0 {
				t.Errorf("%q, %s: branch %q, number %d", name, data, got.Branch().Raw(), got.PullNumber)
			}
		}
	}
}

func TestForkIsComparedByNameWithoutIDs(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]bool{
		`{"pull_request":{"head":{"repo":{"full_name":"Acme/a"}},"base":{"repo":{"full_name":"acme/A"}}}}`: false,
		`{"pull_request":{"head":{"repo":{"full_name":"evil/a"}},"base":{"repo":{"full_name":"acme/a"}}}}`: true,
		`{"pull_request":{"head":{"repo":{"full_name":"evil/a"}},"base":{}}}`:                              false,
	} {
		got := ci.Detect(lookup(pullEnv), func(string) ([]byte, error) { return []byte(data), nil }).Fork
		if got != want {
			t.Errorf("%s: fork = %t, want %t", data, got, want)
		}
	}
}

var gitlabEnv = map[string]string{
	"CI": "true", "GITLAB_CI": "true", "CI_COMMIT_REF_NAME": "main", "CI_COMMIT_BRANCH": "main", "CI_COMMIT_SHA": mainSHA,
	"CI_PIPELINE_SOURCE": "push",
	"CI_JOB_ID":          "9912", "CI_JOB_NAME": "agent gate", "CI_JOB_TIMEOUT": "3600", "CI_JOB_URL": "https://gitlab.example.com/acme/support/-/jobs/9912",
	"CI_API_V4_URL":  "https://gitlab.example.com/api/v4",
	"CI_PIPELINE_ID": "4711", "CI_PIPELINE_NAME": "nightly", "CI_PROJECT_ID": "77", "CI_PROJECT_PATH": "acme/support",
}

var mergeEnv = with(gitlabEnv, map[string]string{
	"CI_PIPELINE_SOURCE": "merge_request_event", "CI_COMMIT_REF_NAME": "feature", "CI_COMMIT_BRANCH": "", "CI_MERGE_REQUEST_IID": "5", "CI_MERGE_REQUEST_PROJECT_ID": "77",
	"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "77", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "feature",
	"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
})

func TestDetectGitLab(t *testing.T) {
	t.Parallel()
	branch := job.Context{
		Provider: job.GitLab, Repository: text.New("acme/support"), Event: "push", Kind: job.KindBranch, Ref: text.New("main"), SHA: mainSHA,
		Workflow: text.New("nightly"), Job: text.New("agent gate"), RunID: "4711", Attempt: "9912",
		JobURL: "https://gitlab.example.com/acme/support/-/jobs/9912", JobTimeout: time.Hour, TempDir: "/tmp",
		APIURL: "https://gitlab.example.com/api/v4", PullProject: "77",
	}
	merge := branch
	merge.Event, merge.Kind, merge.Ref, merge.BaseRef, merge.PullNumber = "merge_request_event", job.KindPull, text.New("feature"), text.New("main"), 5
	fork := merge
	fork.Fork = true

	cases := []struct {
		name string
		env  map[string]string
		want func() job.Context
	}{
		{"branch", gitlabEnv, func() job.Context { return branch }},
		{"merge request of the same project", mergeEnv, func() job.Context { return merge }},
		{"merge request of a fork, in the parent project", with(mergeEnv, map[string]string{"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "88"}), func() job.Context { return fork }},
		{"merge request of a fork, in the fork", with(mergeEnv, map[string]string{"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "88", "CI_PROJECT_ID": "88"}), func() job.Context { return fork }},
		{"fork without the id of the target", with(mergeEnv, map[string]string{"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "88", "CI_MERGE_REQUEST_PROJECT_ID": ""}), func() job.Context { return fork }},
		{"merged result", with(mergeEnv, map[string]string{"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": headSHA}), func() job.Context {
			c := merge
			c.SHA = headSHA
			return c
		}},
		{"debug trace", with(gitlabEnv, map[string]string{"CI_DEBUG_TRACE": "true"}), func() job.Context {
			c := branch
			c.Debug = true
			return c
		}},
		{"values of the wrong form are dropped", with(gitlabEnv, map[string]string{
			"CI_COMMIT_SHA": "HEAD", "CI_JOB_ID": "1;2", "CI_PIPELINE_ID": "x", "CI_JOB_URL": "https://a.b/](c)", "CI_JOB_TIMEOUT": "1h", "CI_PIPELINE_SOURCE": "a push", "CI_API_V4_URL": "https://user:pass@gitlab.example.com",
		}), func() job.Context {
			c := branch
			c.Event, c.SHA, c.Attempt, c.RunID, c.JobURL, c.JobTimeout, c.APIURL = "", "", "", "", "", 0, ""
			return c
		}},
		{"a number that is none is still a merge request", with(gitlabEnv, map[string]string{"CI_MERGE_REQUEST_IID": "-3"}), func() job.Context {
			c := branch
			c.Kind = job.KindPull
			return c
		}},
		{"a limit of ages is none", with(gitlabEnv, map[string]string{"CI_JOB_TIMEOUT": "9223372036854775807"}), func() job.Context {
			c := branch
			c.JobTimeout = 0
			return c
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := ci.Detect(lookup(c.env), os.ReadFile)
			if diff := cmp.Diff(c.want(), got, sameText); diff != "" {
				t.Errorf("context (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDetectPlain(t *testing.T) {
	t.Parallel()
	for name, env := range map[string]map[string]string{
		"another CI":               {"CI": "true", "TMPDIR": "/x"},
		"GITHUB_ACTIONS not true":  {"GITHUB_ACTIONS": "false", "TMPDIR": "/x"},
		"Windows, without TMPDIR":  {"TEMP": "/x"},
		"variables of GitHub only": {"GITHUB_SHA": mainSHA, "TMP": "/x"},
	} {
		want := job.Context{Provider: job.Plain, TempDir: "/x"}
		if diff := cmp.Diff(want, ci.Detect(lookup(env), os.ReadFile), sameText); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestJobURLIsSafeInMarkdownAndHTML(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"", "javascript:alert(1)", "ftp://a/b", "https://", "//a/b", "https://user:pw@a/b", "https://a/ b", "https://a/\nb",
		"https://a/)b", "https://a/<b>", `https://a/"b`, "https://a/`b`", "https://a/\u202eb", "https://a/%zz",
	} {
		env := with(gitlabEnv, map[string]string{"CI_JOB_URL": bad})
		if got := ci.Detect(lookup(env), os.ReadFile).JobURL; got != "" {
			t.Errorf("job URL %q was taken", strings.ToValidUTF8(got, "?"))
		}
	}
}
