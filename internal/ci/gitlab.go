package ci

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/text"
)

// detectGitLab reads the predefined variables of GitLab CI.
//
// https://docs.gitlab.com/ci/variables/predefined_variables/
func detectGitLab(getenv func(string) string) Context {
	c := Context{
		Provider:   GitLab,
		Repository: text.New(getenv("CI_PROJECT_PATH")),
		Ref:        firstOf(getenv("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"), getenv("CI_COMMIT_REF_NAME")),
		BaseRef:    text.New(getenv("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")),
		SHA:        matching(isSHA, getenv("CI_COMMIT_SHA")),
		Workflow:   text.New(getenv("CI_PIPELINE_NAME")),
		Job:        text.New(getenv("CI_JOB_NAME")),
		RunID:      matching(isDigits, getenv("CI_PIPELINE_ID")),
		Attempt:    matching(isDigits, getenv("CI_JOB_ID")),
		JobURL:     webURL(getenv("CI_JOB_URL")),
		PullNumber: number(getenv("CI_MERGE_REQUEST_IID")),
		APIURL:     apiURL(getenv("CI_API_V4_URL")),
		Debug:      getenv("CI_DEBUG_TRACE") == "true",
		JobTimeout: seconds(getenv("CI_JOB_TIMEOUT")),
		TempDir:    systemTempDir(getenv),
	}
	// In a merged results pipeline CI_COMMIT_SHA is a commit that exists nowhere else.
	if sha := matching(isSHA, getenv("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")); sha != "" {
		c.SHA = sha
	}
	// The pipeline of a fork's merge request runs in the fork, unless a member of the
	// parent project starts it there; the target is the parent in both cases.
	source, target := getenv("CI_MERGE_REQUEST_SOURCE_PROJECT_ID"), getenv("CI_MERGE_REQUEST_PROJECT_ID")
	if target == "" {
		target = getenv("CI_PROJECT_ID")
	}
	c.Fork = source != "" && target != "" && source != target
	if c.PullNumber > 0 {
		c.PullProject = matching(isDigits, target)
	}
	return c
}

// seconds reads GitLab's job timeout; 0 when it is not said. A number beyond a year is
// not a limit, and would not fit a duration.
func seconds(s string) time.Duration {
	n := number(s)
	if n > 366*24*3600 {
		return 0
	}
	return time.Duration(n) * time.Second
}
