package job

import "github.com/agent-gate/agent-gate/internal/text"

// Kind is what a job is a run of, as far as its event tells. It decides what the run is
// called and whether it can be the baseline of a branch: only a run of that branch can.
// docs/events.md has the table for every CI system.
type Kind string

// The kinds.
const (
	// KindNone is a run of nothing with a name: a comment on an issue, a release of
	// another tool, an external call. CI systems start such jobs on the default branch,
	// which is not what they are about.
	KindNone   Kind = ""
	KindBranch Kind = "branch" // a push, a schedule or a manual start on a branch
	KindTag    Kind = "tag"
	KindPull   Kind = "pull"  // a pull or merge request, whatever its branch is called
	KindQueue  Kind = "queue" // what a merge queue tests before it merges
)

// Branch is the branch that the job is a run of; empty when it is a run of anything else.
func (c Context) Branch() text.Untrusted {
	if c.Kind != KindBranch {
		return text.Untrusted{}
	}
	return c.Ref
}

// Target is the branch to compare the run with: the target of a pull or merge request or
// of a merge queue, else the branch itself. It is empty when the event tells neither; it
// is never guessed.
func (c Context) Target() text.Untrusted {
	if !c.BaseRef.IsEmpty() {
		return c.BaseRef
	}
	return c.Branch()
}

// Privileged reports whether the job runs with secrets on a stranger's change, as
// GitHub's pull_request_target and workflow_run do.
//
// https://docs.github.com/en/actions/reference/security/securely-using-pull_request_target
func (c Context) Privileged() bool {
	return c.Provider == GitHub && (c.Event == "pull_request_target" || c.Event == "workflow_run" && c.Fork)
}

// WithoutSecrets reports whether the job has no secrets by design: it runs for a
// stranger's change, or for Dependabot.
func (c Context) WithoutSecrets() bool { return c.Fork && !c.Privileged() || c.Dependabot }

// WithPullRequest returns the context with the pull or merge request that the user named,
// 0 for none. What the event itself says takes precedence.
func (c Context) WithPullRequest(number int) Context {
	if number <= 0 || c.PullNumber > 0 {
		return c
	}
	c.PullNumber = number
	if c.Kind != KindQueue {
		c.Kind = KindPull
	}
	return c
}
