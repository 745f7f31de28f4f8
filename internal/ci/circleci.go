package ci

import (
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// detectCircleCI reads the built-in variables of CircleCI. The number of a job belongs to
// one attempt: a rerun is a new job. The target of a pull request is not among them.
//
// https://circleci.com/docs/reference/variables/
func detectCircleCI(getenv func(string) string) Context {
	pull := getenv("CIRCLE_PULL_REQUEST") // an address that ends with the number
	c := Context{
		Provider:   CircleCI,
		Repository: text.New(strings.Trim(getenv("CIRCLE_PROJECT_USERNAME")+"/"+getenv("CIRCLE_PROJECT_REPONAME"), "/")),
		Ref:        firstOf(getenv("CIRCLE_BRANCH"), getenv("CIRCLE_TAG")),
		SHA:        matching(isSHA, getenv("CIRCLE_SHA1")),
		Workflow:   text.New(getenv("CIRCLE_WORKFLOW_ID")), // its name is not told
		Job:        text.New(getenv("CIRCLE_JOB")),
		RunID:      matching(isDigits, getenv("CIRCLE_BUILD_NUM")),
		Runner:     getenv("CIRCLE_NODE_INDEX"),
		JobURL:     webURL(getenv("CIRCLE_BUILD_URL")),
		PullNumber: number(pull[strings.LastIndexByte(pull, '/')+1:]),
		// Set for pull requests from forks only.
		Fork:    getenv("CIRCLE_PR_USERNAME") != "",
		TempDir: systemTempDir(getenv),
	}
	if n := number(getenv("CIRCLE_PR_NUMBER")); n > 0 {
		c.PullNumber = n
	}
	return c
}
