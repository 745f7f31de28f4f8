// Package ci knows where agent-gate runs: on GitHub Actions, in GitLab CI, in another
// CI system that it knows, or somewhere else. It reads the context, hides secrets, groups the log, and hands
// results to the platform.
package ci

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Provider is a CI system.
type Provider string

// The providers. Plain is any other CI, and a terminal.
const (
	GitHub    Provider = "github"
	GitLab    Provider = "gitlab"
	Jenkins   Provider = "jenkins"
	CircleCI  Provider = "circleci"
	Azure     Provider = "azure"
	Buildkite Provider = "buildkite"
	Plain     Provider = "plain"
)

// Context is what the CI system says of the job. Fields are empty when it does not
// say. Texts that a contributor can choose (branch names, titles) are untrusted.
type Context struct {
	Provider   Provider
	Repository text.Untrusted // owner/name, group/project; of a pull or merge request that of its target
	// Event is what started the job, in the CI system's own word, such as pull_request.
	Event string
	// Kind says what the job is a run of, and with that what Ref is.
	Kind Kind
	// Ref is the branch or tag that is tested: of a pull or merge request its own branch,
	// which in a fork can have the name of one of ours. Only [Context.Branch] is one of ours.
	Ref      text.Untrusted
	BaseRef  text.Untrusted // target branch of a pull or merge request, or of a merge queue
	SHA      string         // hexadecimal, or empty
	Workflow text.Untrusted
	Job      text.Untrusted
	Step     string // GITHUB_ACTION: tells two steps of one job apart
	RunID    string // digits, or empty: GITHUB_RUN_ID, CI_PIPELINE_ID, the number of a build; under act there is none
	Attempt  string // digits, or empty: GITHUB_RUN_ATTEMPT; CI_JOB_ID on GitLab, where a retry is a new job
	// Runner tells apart what runs the same job of the same attempt, such as the legs of
	// a matrix: RUNNER_NAME, or what the CI system has for it. It is only compared.
	Runner     string
	JobURL     string // http(s) URL or empty
	PullNumber int    // of the pull or merge request that the run belongs to; 0 when there is none, or it is not known
	// PullProject is the number of GitLab's project that merge requests belong to,
	// which for one from a fork is not that of the pipeline; digits, or empty.
	PullProject string
	APIURL      string        // of the CI system, http(s), without a slash at its end; or empty
	Fork        bool          // the pull request comes from another repository
	Dependabot  bool          // started by GitHub's Dependabot, whose runs get no Actions secrets
	Debug       bool          // RUNNER_DEBUG=1, CI_DEBUG_TRACE=true
	JobTimeout  time.Duration // the job's own limit; 0 when not said
	JobStarted  time.Time     // when the job began, by the CI system's clock; zero when not said
	TempDir     string        // RUNNER_TEMP and the like, or the system's
}
