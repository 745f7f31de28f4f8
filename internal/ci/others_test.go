package ci_test

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

var jenkinsEnv = map[string]string{
	"JENKINS_URL": "https://ci.example.com/", "BUILD_NUMBER": "41", "BUILD_URL": "https://ci.example.com/job/bot/job/main/41/",
	"JOB_NAME": "bot/main", "STAGE_NAME": "Agent gate", "NODE_NAME": "built-in", "EXECUTOR_NUMBER": "1",
	"GIT_URL": "https://ada:token@git.example.com/acme/bot.git", "GIT_BRANCH": "origin/main", "GIT_COMMIT": mainSHA,
	"WORKSPACE_TMP": "/home/jenkins/workspace/bot_main@tmp", "TMPDIR": "/var/tmp",
}

var circleEnv = map[string]string{
	"CI": "true", "CIRCLECI": "true", "CIRCLE_BRANCH": "main", "CIRCLE_BUILD_NUM": "812", "CIRCLE_NODE_INDEX": "0",
	"CIRCLE_BUILD_URL": "https://circleci.com/gh/acme/bot/812", "CIRCLE_JOB": "agent-gate", "CIRCLE_SHA1": mainSHA,
	"CIRCLE_PROJECT_USERNAME": "acme", "CIRCLE_PROJECT_REPONAME": "bot", "CIRCLE_WORKFLOW_ID": "6f1c0e1e-8a55-4b6b-9d4e-6a0a3bb4c1f2",
}

var azureEnv = map[string]string{
	"TF_BUILD": "True", "BUILD_BUILDID": "5120", "BUILD_DEFINITIONNAME": "bot", "BUILD_REASON": "IndividualCI", "BUILD_REPOSITORY_NAME": "bot",
	"BUILD_SOURCEBRANCH": "refs/heads/main", "BUILD_SOURCEVERSION": mainSHA, "SYSTEM_COLLECTIONURI": "https://dev.azure.com/acme/",
	"SYSTEM_TEAMPROJECT": "Customer Care", "SYSTEM_STAGENAME": "__default", "SYSTEM_JOBNAME": "gate", "SYSTEM_JOBATTEMPT": "1", "SYSTEM_STAGEATTEMPT": "1",
	"SYSTEM_JOBID": "12f1170f-54f2-53f3-20dd-22fc7dff55f9", "AGENT_TEMPDIRECTORY": "/home/vsts/work/_temp",
}

var buildkiteEnv = map[string]string{
	"CI": "true", "BUILDKITE": "true", "BUILDKITE_SOURCE": "webhook", "BUILDKITE_BRANCH": "main", "BUILDKITE_BUILD_NUMBER": "99", "BUILDKITE_COMMIT": mainSHA,
	"BUILDKITE_BUILD_URL": "https://buildkite.com/acme/bot/builds/99", "BUILDKITE_JOB_ID": "0190b6a1-7f6a-4a0e-8d4e-5c9f0a6d2b11",
	"BUILDKITE_LABEL": ":robot_face: Gate", "BUILDKITE_STEP_KEY": "gate", "BUILDKITE_ORGANIZATION_SLUG": "acme", "BUILDKITE_PIPELINE_SLUG": "bot",
	"BUILDKITE_PULL_REQUEST": "false", "BUILDKITE_REPO": "git@github.com:acme/bot.git", "BUILDKITE_RETRY_COUNT": "0", "BUILDKITE_TIMEOUT": "90",
}

func TestDetectOthers(t *testing.T) {
	t.Parallel()
	jenkins := job.Context{
		Provider: job.Jenkins, Repository: text.New("acme/bot"), Kind: job.KindBranch, Ref: text.New("main"), SHA: mainSHA, Workflow: text.New("bot/main"), Job: text.New("Agent gate"),
		RunID: "41", Runner: "https://ci.example.com/ built-in 1", JobURL: "https://ci.example.com/job/bot/job/main/41/", TempDir: "/home/jenkins/workspace/bot_main@tmp",
	}
	circle := job.Context{
		Provider: job.CircleCI, Repository: text.New("acme/bot"), Kind: job.KindBranch, Ref: text.New("main"), SHA: mainSHA, Workflow: text.New("6f1c0e1e-8a55-4b6b-9d4e-6a0a3bb4c1f2"),
		Job: text.New("agent-gate"), RunID: "812", Runner: "0", JobURL: "https://circleci.com/gh/acme/bot/812", TempDir: "/tmp",
	}
	azure := job.Context{
		Provider: job.Azure, Repository: text.New("Customer Care/bot"), Event: "IndividualCI", Kind: job.KindBranch, Ref: text.New("main"), SHA: mainSHA, Workflow: text.New("bot"), Job: text.New("__default/gate"),
		RunID: "5120", Attempt: "1", Runner: "https://dev.azure.com/acme/ 1 12f1170f-54f2-53f3-20dd-22fc7dff55f9",
		JobURL: "https://dev.azure.com/acme/Customer%20Care/_build/results?buildId=5120", TempDir: "/home/vsts/work/_temp",
	}
	buildkite := job.Context{
		Provider: job.Buildkite, Repository: text.New("acme/bot"), Event: "webhook", Kind: job.KindBranch, Ref: text.New("main"), SHA: mainSHA, Workflow: text.New("acme/bot"), Job: text.New("gate"),
		RunID: "99", Attempt: "0", Runner: "0190b6a1-7f6a-4a0e-8d4e-5c9f0a6d2b11", JobTimeout: 90 * time.Minute, TempDir: "/tmp",
		JobURL: "https://buildkite.com/acme/bot/builds/99#0190b6a1-7f6a-4a0e-8d4e-5c9f0a6d2b11",
	}
	cases := []struct {
		name   string
		env    map[string]string
		more   map[string]string
		want   job.Context
		change func(*job.Context)
	}{
		{name: "Jenkins, a branch", env: jenkinsEnv, want: jenkins},
		{name: "Jenkins, a change of a multibranch project", env: jenkinsEnv, want: jenkins, more: map[string]string{
			"BRANCH_NAME": "PR-7", "CHANGE_ID": "7", "CHANGE_BRANCH": "refunds", "CHANGE_TARGET": "main", "GIT_BRANCH": "PR-7",
		}, change: func(c *job.Context) {
			c.Kind, c.Ref, c.BaseRef, c.PullNumber = job.KindPull, text.New("refunds"), text.New("main"), 7
		}},
		{name: "Jenkins, a change of a fork", env: jenkinsEnv, want: jenkins, more: map[string]string{"CHANGE_ID": "7", "CHANGE_FORK": "stranger"}, change: func(c *job.Context) {
			c.Kind, c.Ref, c.PullNumber, c.Fork = job.KindPull, text.Untrusted{}, 7, true
		}},
		{name: "Jenkins, a project without sources", env: jenkinsEnv, want: jenkins, more: map[string]string{"GIT_URL": "", "GIT_COMMIT": "", "GIT_BRANCH": "", "WORKSPACE_TMP": ""}, change: func(c *job.Context) {
			c.Repository, c.Kind, c.Ref, c.SHA, c.TempDir = text.New("bot/main"), job.KindNone, text.Untrusted{}, "", "/var/tmp"
		}},
		{name: "CircleCI, a branch", env: circleEnv, want: circle},
		{name: "CircleCI, a tag", env: circleEnv, want: circle, more: map[string]string{"CIRCLE_BRANCH": "", "CIRCLE_TAG": "v1"}, change: func(c *job.Context) { c.Kind, c.Ref = job.KindTag, text.New("v1") }},
		{name: "CircleCI, a pull request", env: circleEnv, want: circle, more: map[string]string{"CIRCLE_PULL_REQUEST": "https://github.com/acme/bot/pull/12"}, change: func(c *job.Context) { c.PullNumber = 12 }},
		{name: "CircleCI, a pull request of a fork", env: circleEnv, want: circle, more: map[string]string{"CIRCLE_PR_NUMBER": "13", "CIRCLE_PR_USERNAME": "stranger"}, change: func(c *job.Context) {
			c.Kind, c.PullNumber, c.Fork = job.KindPull, 13, true
		}},
		{name: "Azure, a branch", env: azureEnv, want: azure},
		{name: "Azure, a pull request of GitHub", env: azureEnv, want: azure, more: map[string]string{
			"BUILD_REPOSITORY_NAME": "acme/bot", "BUILD_SOURCEBRANCH": "refs/pull/8/merge", "SYSTEM_PULLREQUEST_SOURCEBRANCH": "refunds", "SYSTEM_PULLREQUEST_TARGETBRANCH": "main",
			"SYSTEM_PULLREQUEST_PULLREQUESTNUMBER": "8", "SYSTEM_PULLREQUEST_PULLREQUESTID": "1234567", "SYSTEM_PULLREQUEST_ISFORK": "True", "SYSTEM_PULLREQUEST_SOURCECOMMITID": headSHA,
		}, change: func(c *job.Context) {
			c.Repository, c.Kind, c.Ref, c.BaseRef, c.PullNumber, c.Fork, c.SHA = text.New("acme/bot"), job.KindPull, text.New("refunds"), text.New("main"), 8, true, headSHA
		}},
		{name: "Azure, a pull request of Azure Repos, in debug mode", env: azureEnv, want: azure, more: map[string]string{
			"SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/refunds", "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
			"SYSTEM_PULLREQUEST_PULLREQUESTID": "31", "SYSTEM_PULLREQUEST_ISFORK": "False", "SYSTEM_DEBUG": "True", "AGENT_TEMPDIRECTORY": "",
		}, change: func(c *job.Context) {
			c.Kind, c.Ref, c.BaseRef, c.PullNumber, c.Debug, c.TempDir = job.KindPull, text.New("refunds"), text.New("main"), 31, true, "/tmp"
		}},
		{name: "Buildkite, a branch", env: buildkiteEnv, want: buildkite},
		{name: "Buildkite, a pull request", env: buildkiteEnv, want: buildkite, more: map[string]string{
			"BUILDKITE_BRANCH": "refunds", "BUILDKITE_PULL_REQUEST": "3", "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main", "BUILDKITE_PULL_REQUEST_REPO": "https://github.com/Acme/bot.git",
		}, change: func(c *job.Context) {
			c.Kind, c.Ref, c.BaseRef, c.PullNumber = job.KindPull, text.New("refunds"), text.New("main"), 3
		}},
		{name: "Buildkite, a pull request of a fork", env: buildkiteEnv, want: buildkite, more: map[string]string{"BUILDKITE_PULL_REQUEST": "3", "BUILDKITE_PULL_REQUEST_REPO": "git://github.com/stranger/bot.git"}, change: func(c *job.Context) {
			c.Kind, c.PullNumber, c.Fork = job.KindPull, 3, true
		}},
		{name: "Buildkite, without a limit, before the commit is known", env: buildkiteEnv, want: buildkite, more: map[string]string{"BUILDKITE_TIMEOUT": "false", "BUILDKITE_COMMIT": "HEAD"}, change: func(c *job.Context) {
			c.JobTimeout, c.SHA = 0, ""
		}},
		{name: "values of the wrong form are dropped", env: buildkiteEnv, want: buildkite, more: map[string]string{
			"BUILDKITE_BUILD_NUMBER": "1;2", "BUILDKITE_JOB_ID": "a b", "BUILDKITE_RETRY_COUNT": "x", "BUILDKITE_BUILD_URL": "javascript:alert(1)", "BUILDKITE_TIMEOUT": "99999999999",
		}, change: func(c *job.Context) { c.RunID, c.Runner, c.Attempt, c.JobURL, c.JobTimeout = "", "", "", "", 0 }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.change != nil {
				c.change(&c.want)
			}
			got := ci.Detect(lookup(with(c.env, c.more)), os.ReadFile)
			if diff := cmp.Diff(c.want, got, sameText); diff != "" {
				t.Errorf("context (-want +got):\n%s", diff)
			}
		})
	}
}

// The variables of GitHub, GitLab and the others win over a JENKINS_URL that a script has
// set, and a Jenkins address alone is not a build.
func TestDetectNeedsMoreThanAnAddressForJenkins(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env  map[string]string
		want job.Provider
	}{
		{map[string]string{"JENKINS_URL": "https://ci.example.com/"}, job.Plain},
		{with(githubEnv, jenkinsEnv), job.GitHub},
		{with(buildkiteEnv, jenkinsEnv), job.Buildkite},
	} {
		if got := ci.ProviderOf(lookup(c.env)); got != c.want {
			t.Errorf("provider %s, want %s", got, c.want)
		}
	}
}

func TestRepositoryIsReadOutOfItsAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://git.example.com/acme/bot.git":         "acme/bot",
		"https://ada:secret@git.example.com/acme/bot/": "acme/bot",
		"ssh://git@git.example.com:22/group/sub/bot":   "group/sub/bot",
		"git@github.com:acme/bot.git":                  "acme/bot",
		"/srv/git/bot.git":                             "", // a path of the machine
		"https://ada:sec%zzret@git.example.com/a/b":    "",
		"": "",
	} {
		env := with(buildkiteEnv, map[string]string{"BUILDKITE_REPO": address, "BUILDKITE_PIPELINE_SLUG": ""})
		if got := ci.Detect(lookup(env), os.ReadFile).Repository.Raw(); got != want {
			t.Errorf("%q is the repository %q, want %q", address, got, want)
		}
	}
}

func TestTheLimitOfAJobIsRead(t *testing.T) {
	t.Parallel()
	azure := map[string]string{"TF_BUILD": "True", "SYSTEM_JOBTIMEOUT": "90"}
	if got := ci.Detect(lookup(azure), nil).JobTimeout; got != 90*time.Minute {
		t.Errorf("Azure: %s", got)
	}
	gitlab := map[string]string{"GITLAB_CI": "true", "CI_JOB_TIMEOUT": "3600", "CI_JOB_STARTED_AT": "2026-11-29T12:00:00Z"}
	if got := ci.Detect(lookup(gitlab), nil); got.JobTimeout != time.Hour || !got.JobStarted.Equal(time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("GitLab: %s from %s", got.JobTimeout, got.JobStarted)
	}
}
