package ci

import (
	"cmp"
	"strings"
	"time"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

// detectGitLab reads the predefined variables of GitLab CI.
//
// https://docs.gitlab.com/ci/variables/predefined_variables/
func detectGitLab(getenv func(string) string) job.Context {
	c := job.Context{
		Provider:   job.GitLab,
		Repository: text.New(getenv("CI_PROJECT_PATH")),
		Event:      matching(isID, getenv("CI_PIPELINE_SOURCE")),
		SHA:        matching(isSHA, getenv("CI_COMMIT_SHA")),
		Workflow:   text.New(getenv("CI_PIPELINE_NAME")),
		Job:        text.New(getenv("CI_JOB_NAME")),
		RunID:      matching(isDigits, getenv("CI_PIPELINE_ID")),
		Attempt:    matching(isDigits, getenv("CI_JOB_ID")),
		JobURL:     webURL(getenv("CI_JOB_URL")),
		APIURL:     apiURL(getenv("CI_API_V4_URL")),
		Debug:      getenv("CI_DEBUG_TRACE") == "true",
		JobTimeout: seconds(getenv("CI_JOB_TIMEOUT")),
		JobStarted: instant(getenv("CI_JOB_STARTED_AT")),
		TempDir:    systemTempDir(getenv),
	}
	addPipeline(&c, getenv)
	return c
}

// instant parses a GitLab time; zero when it is malformed.
func instant(s string) time.Time {
	at, _ := time.Parse(time.RFC3339, s) // zero with an error
	return at
}

// addPipeline adds what the pipeline is a run of.
//
// https://docs.gitlab.com/ci/jobs/job_rules/#ci_pipeline_source-predefined-variable
func addPipeline(c *job.Context, getenv func(string) string) {
	// The pipeline of a fork's merge request runs in the fork, unless a member of the
	// parent project starts it there. The target is the parent in both cases.
	source, target := getenv("CI_MERGE_REQUEST_SOURCE_PROJECT_ID"), getenv("CI_MERGE_REQUEST_PROJECT_ID")
	if target == "" {
		target = getenv("CI_PROJECT_ID")
	}
	c.Fork = source != "" && target != "" && source != target
	c.PullProject = matching(isDigits, target)

	// Child pipelines of a merge request, merged results and merge trains have its
	// variables too.
	if iid := getenv("CI_MERGE_REQUEST_IID"); iid != "" {
		c.Repository = firstOf(getenv("CI_MERGE_REQUEST_PROJECT_PATH"), getenv("CI_PROJECT_PATH")) // the target's project
		ofPull(c, number(iid), firstOf(getenv("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"), getenv("CI_COMMIT_REF_NAME")).Raw(), getenv("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"))
		// In a merged results pipeline, CI_COMMIT_SHA is a commit that exists nowhere
		// else.
		c.SHA = cmp.Or(matching(isSHA, getenv("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")), c.SHA)
		return
	}
	branch := getenv("CI_COMMIT_BRANCH")
	switch c.Event {
	case "external_pull_request_event":
		// A repository on GitHub: the number is not that of a merge request here.
		ofPull(c, 0, getenv("CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME"), getenv("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME"))
		c.SHA = cmp.Or(matching(isSHA, getenv("CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA")), c.SHA)
		c.Fork = !strings.EqualFold(getenv("CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY"), getenv("CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY"))
	case "", "push", "schedule", "web", "api", "trigger", "parent_pipeline":
		if tag := getenv("CI_COMMIT_TAG"); tag != "" {
			ofTag(c, tag)
		} else {
			ofBranch(c, branch)
		}
	}
	// Other sources run on a branch that nobody chose, such as "pipeline", which runs on the
	// default branch for a merge request of another project.
}

// seconds reads GitLab's job timeout in seconds; 0 when there is none. More than a year
// is not a limit, and might overflow a duration.
func seconds(s string) time.Duration {
	n := number(s)
	if n > 366*24*3600 {
		return 0
	}
	return time.Duration(n) * time.Second
}
