package ci

import (
	"cmp"
	"strings"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

// detectCircleCI reads CircleCI's built-in variables. A job's number belongs to one
// attempt: a rerun is a new job. The target of a pull request is not among the variables.
//
// https://circleci.com/docs/reference/variables/
func detectCircleCI(getenv func(string) string) job.Context {
	c := job.Context{
		Provider:   job.CircleCI,
		Repository: text.New(strings.Trim(getenv("CIRCLE_PROJECT_USERNAME")+"/"+getenv("CIRCLE_PROJECT_REPONAME"), "/")),
		SHA:        matching(isSHA, getenv("CIRCLE_SHA1")),
		Workflow:   text.New(getenv("CIRCLE_WORKFLOW_ID")), // there is no variable for its name
		Job:        text.New(getenv("CIRCLE_JOB")),
		RunID:      matching(isDigits, getenv("CIRCLE_BUILD_NUM")),
		Runner:     getenv("CIRCLE_NODE_INDEX"),
		JobURL:     webURL(getenv("CIRCLE_BUILD_URL")),
		// Set only for pull requests from forks.
		Fork:    getenv("CIRCLE_PR_USERNAME") != "",
		TempDir: systemTempDir(getenv),
	}
	pull := getenv("CIRCLE_PULL_REQUEST") // a URL that ends with the number
	n := cmp.Or(number(getenv("CIRCLE_PR_NUMBER")), number(pull[strings.LastIndexByte(pull, '/')+1:]))
	branch := getenv("CIRCLE_BRANCH")
	switch {
	case c.Fork, strings.HasPrefix(branch, "pull/"): // CircleCI's name for a branch of a fork
		ofPull(&c, n, branch, "")
	case getenv("CIRCLE_TAG") != "":
		ofTag(&c, getenv("CIRCLE_TAG"))
	default:
		// CircleCI builds the push to the branch, and names a pull request that is open
		// for it.
		ofBranch(&c, branch)
		c.PullNumber = n
	}
	return c
}
