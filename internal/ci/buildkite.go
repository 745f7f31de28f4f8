package ci

import (
	"slices"
	"strings"
	"time"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

// detectBuildkite reads the variables that Buildkite's agent sets. A retry is a new job
// with its own ID.
//
// https://buildkite.com/docs/pipelines/configure/environment-variables
func detectBuildkite(getenv func(string) string) job.Context {
	id := matching(isID, getenv("BUILDKITE_JOB_ID"))
	repository := repositoryOf(getenv("BUILDKITE_REPO"))
	head := repositoryOf(getenv("BUILDKITE_PULL_REQUEST_REPO"))
	c := job.Context{
		Provider:   job.Buildkite,
		Repository: firstOf(repository, getenv("BUILDKITE_PIPELINE_SLUG")),
		Event:      matching(isID, getenv("BUILDKITE_SOURCE")),
		SHA:        matching(isSHA, getenv("BUILDKITE_COMMIT")), // "HEAD" until the branch is resolved
		Workflow:   text.New(getenv("BUILDKITE_ORGANIZATION_SLUG") + "/" + getenv("BUILDKITE_PIPELINE_SLUG")),
		Job:        firstOf(getenv("BUILDKITE_STEP_KEY"), getenv("BUILDKITE_LABEL")),
		RunID:      matching(isDigits, getenv("BUILDKITE_BUILD_NUMBER")),
		Attempt:    matching(isDigits, getenv("BUILDKITE_RETRY_COUNT")),
		Runner:     id,
		JobURL:     webURL(getenv("BUILDKITE_BUILD_URL")),
		Fork:       head != "" && repository != "" && !strings.EqualFold(head, repository),
		JobTimeout: minutes(getenv("BUILDKITE_TIMEOUT")),
		TempDir:    systemTempDir(getenv),
	}
	addSource(&c, getenv)
	if c.JobURL != "" && id != "" {
		c.JobURL = webURL(c.JobURL + "#" + id)
	}
	return c
}

// addSource adds what the build is a run of. A build triggered by another pipeline gets
// the branch that the trigger step names, or this pipeline's default branch, even when
// the other build was for a pull request.
func addSource(c *job.Context, getenv func(string) string) {
	branch := getenv("BUILDKITE_BRANCH")
	switch pull := getenv("BUILDKITE_PULL_REQUEST"); {
	case pull != "" && pull != "false":
		ofPull(c, number(pull), branch, getenv("BUILDKITE_PULL_REQUEST_BASE_BRANCH"))
	case getenv("BUILDKITE_MERGE_QUEUE_BASE_BRANCH") != "":
		c.Kind, c.Ref, c.BaseRef = job.KindQueue, text.New(branch), text.New(getenv("BUILDKITE_MERGE_QUEUE_BASE_BRANCH"))
	case getenv("BUILDKITE_TAG") != "":
		ofTag(c, getenv("BUILDKITE_TAG"))
	case slices.Contains([]string{"", "webhook", "ui", "api", "schedule"}, c.Event):
		ofBranch(c, branch)
	}
}

// minutes reads a job's limit, "false" on Buildkite when there is none; see [seconds].
func minutes(s string) time.Duration {
	n := number(s)
	if n > 366*24*60 {
		return 0
	}
	return time.Duration(n) * time.Minute
}
