// Package job describes the CI job that runs agent-gate: its repository, branch, event and
// limits. context.go has the [Context], kind.go what the job is a run of, and what follows
// from it for baselines and secrets.
//
// How a context is read from a CI system is the business of package ci. Nothing here reads
// the environment, and nothing writes.
package job

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Provider is a CI system.
type Provider string

// The providers. Plain is any other CI system, or a terminal.
const (
	GitHub    Provider = "github"
	GitLab    Provider = "gitlab"
	Jenkins   Provider = "jenkins"
	CircleCI  Provider = "circleci"
	Azure     Provider = "azure"
	Buildkite Provider = "buildkite"
	Plain     Provider = "plain"
)

// Context is what the CI system says about the job. Fields it does not set are empty.
// Texts that a contributor can choose (branch names, titles) are untrusted.
type Context struct {
	Provider   Provider
	Repository text.Untrusted // owner/name or group/project; for a pull or merge request, of its target
	// Event is what started the job, in the CI system's own term, such as pull_request.
	Event string
	// Kind is what the job is a run of, and so what Ref names.
	Kind Kind
	// Ref is the branch or tag under test. For a pull or merge request it is the source
	// branch, which in a fork can have the same name as one of ours. Only
	// [Context.Branch] is surely ours.
	Ref      text.Untrusted
	BaseRef  text.Untrusted // target branch of a pull or merge request or a merge queue
	SHA      string         // hexadecimal, or empty
	Workflow text.Untrusted
	Job      text.Untrusted
	Step     string // GITHUB_ACTION: distinguishes two steps of one job
	RunID    string // digits, or empty: GITHUB_RUN_ID, CI_PIPELINE_ID, a build number; empty under act
	Attempt  string // digits, or empty: GITHUB_RUN_ATTEMPT; CI_JOB_ID on GitLab, where a retry is a new job
	// Runner distinguishes runs of the same job in the same attempt, such as the legs of
	// a matrix: RUNNER_NAME, or the CI system's equivalent. Only compare it.
	Runner     string
	JobURL     string // http(s) URL or empty
	PullNumber int    // of the pull or merge request that the run belongs to; 0 when there is none or it is unknown
	// PullProject is the ID of the GitLab project that the merge request targets, which
	// for a fork is not the pipeline's project; digits, or empty.
	PullProject string
	APIURL      string        // of the CI system, http(s), no trailing slash; or empty
	Fork        bool          // the pull request comes from another repository
	Dependabot  bool          // started by Dependabot, whose runs get no Actions secrets
	Debug       bool          // RUNNER_DEBUG=1, CI_DEBUG_TRACE=true
	JobTimeout  time.Duration // the job's own limit; 0 when unknown
	JobStarted  time.Time     // by the CI system's clock; zero when unknown
	TempDir     string        // RUNNER_TEMP or an equivalent, else the system's
}
