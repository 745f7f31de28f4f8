package ci

import (
	"encoding/json"
	"io"
	"net/url"
	"strconv"

	"github.com/sethvargo/go-githubactions"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

// dependabot is the actor of runs that, like those of forks, get no Actions secrets.
const dependabot = "dependabot[bot]"

// detectGitHub reads the variables of GitHub Actions.
//
// https://docs.github.com/en/actions/reference/workflows-and-actions/variables
func detectGitHub(getenv func(string) string, readFile func(string) ([]byte, error)) job.Context {
	// The library would read the event file itself and give up if it cannot. Without it
	// the only errors are numbers that do not parse, which it leaves at 0.
	gh, _ := githubactions.New(
		githubactions.WithWriter(io.Discard),
		githubactions.WithGetenv(func(name string) string {
			if name == "GITHUB_EVENT_PATH" {
				return ""
			}
			return getenv(name)
		}),
	).Context()

	c := job.Context{
		Provider:   job.GitHub,
		Repository: text.New(gh.Repository),
		Event:      matching(isID, gh.EventName),
		SHA:        matching(isSHA, gh.SHA),
		Workflow:   text.New(gh.Workflow),
		Job:        text.New(gh.Job),
		Step:       matching(isID, gh.Action),
		RunID:      positive(gh.RunID),
		Attempt:    positive(gh.RunAttempt),
		Runner:     getenv("RUNNER_NAME"),
		Dependabot: gh.Actor == dependabot,
		Debug:      getenv("RUNNER_DEBUG") == "1",
		APIURL:     apiURL(getenv("GITHUB_API_URL")),
		TempDir:    getenv("RUNNER_TEMP"),
	}
	if c.TempDir == "" {
		c.TempDir = systemTempDir(getenv)
	}
	if isAct(getenv) {
		c.RunID, c.Attempt = "", ""
	}
	if server, err := url.Parse(gh.ServerURL); err == nil && c.RunID != "" && isRepository(gh.Repository) {
		run := server.JoinPath(gh.Repository, "actions/runs", c.RunID)
		if c.Attempt != "" {
			run = run.JoinPath("attempts", c.Attempt)
		}
		c.JobURL = webURL(run.String())
	}
	var e event
	if data, err := readFile(getenv("GITHUB_EVENT_PATH")); err != nil || json.Unmarshal(data, &e) != nil {
		e = event{}
	}
	addEvent(&c, gh, e)
	if isAct(getenv) && c.Kind == job.KindBranch {
		// A run on a developer's machine is compared with the branch, and is never its
		// baseline.
		c.Kind, c.BaseRef = job.KindNone, c.Ref
	}
	return c
}

// isAct reports whether act runs the workflow on a developer's machine. act numbers every
// run 1, which distinguishes nothing. The runners of Gitea and Forgejo are built on act,
// and do number their runs.
//
// https://nektosact.com/usage/index.html#skipping-jobs
func isAct(getenv func(string) string) bool {
	return getenv("ACT") == "true" && getenv("GITEA_ACTIONS") != "true" && getenv("FORGEJO_ACTIONS") != "true"
}

// positive formats one of GitHub's numbers; empty when it is not set.
func positive(n int64) string {
	if n <= 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
