package ci

import (
	"strings"
	"time"

	"github.com/agent-gate/agent-gate/internal/text"
)

// detectBuildkite reads the variables that Buildkite's agent sets. A retry is a new job
// with an id of its own.
//
// https://buildkite.com/docs/pipelines/configure/environment-variables
func detectBuildkite(getenv func(string) string) Context {
	id := matching(isID, getenv("BUILDKITE_JOB_ID"))
	repository := repositoryOf(getenv("BUILDKITE_REPO"))
	head := repositoryOf(getenv("BUILDKITE_PULL_REQUEST_REPO"))
	c := Context{
		Provider:   Buildkite,
		Repository: firstOf(repository, getenv("BUILDKITE_PIPELINE_SLUG")),
		Ref:        firstOf(getenv("BUILDKITE_BRANCH"), getenv("BUILDKITE_TAG")),
		BaseRef:    text.New(getenv("BUILDKITE_PULL_REQUEST_BASE_BRANCH")),
		SHA:        matching(isSHA, getenv("BUILDKITE_COMMIT")), // HEAD until a branch is resolved
		Workflow:   text.New(getenv("BUILDKITE_ORGANIZATION_SLUG") + "/" + getenv("BUILDKITE_PIPELINE_SLUG")),
		Job:        firstOf(getenv("BUILDKITE_STEP_KEY"), getenv("BUILDKITE_LABEL")),
		RunID:      matching(isDigits, getenv("BUILDKITE_BUILD_NUMBER")),
		Attempt:    matching(isDigits, getenv("BUILDKITE_RETRY_COUNT")),
		Runner:     id,
		JobURL:     webURL(getenv("BUILDKITE_BUILD_URL")),
		PullNumber: number(getenv("BUILDKITE_PULL_REQUEST")), // "false" when it is none
		Fork:       head != "" && repository != "" && !strings.EqualFold(head, repository),
		JobTimeout: minutes(getenv("BUILDKITE_TIMEOUT")),
		TempDir:    systemTempDir(getenv),
	}
	if c.JobURL != "" && id != "" {
		c.JobURL = webURL(c.JobURL + "#" + id)
	}
	return c
}

// minutes reads Buildkite's limit of a job, "false" when there is none; see [seconds].
func minutes(s string) time.Duration {
	n := number(s)
	if n > 366*24*60 {
		return 0
	}
	return time.Duration(n) * time.Minute
}
