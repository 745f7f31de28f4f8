package ci

import (
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

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

// ofRef makes it a run of what a full ref names.
func (c *Context) ofRef(ref string) {
	if branch, ok := strings.CutPrefix(ref, "refs/heads/"); ok {
		c.ofBranch(branch)
	} else if tag, ok := strings.CutPrefix(ref, "refs/tags/"); ok {
		c.ofTag(tag)
	} else if n := pullNumber(ref); n > 0 {
		c.Kind, c.PullNumber = KindPull, n
	}
}

// ofBranch makes it a run of a branch. GitHub's merge queue uses temporary branches that
// count as their target: gh-readonly-queue/main/pr-7-<commit> tests what main will be.
//
// https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
func (c *Context) ofBranch(branch string) {
	if branch == "" {
		return
	}
	c.Kind, c.Ref = KindBranch, text.New(branch)
	if rest, ok := strings.CutPrefix(branch, "gh-readonly-queue/"); ok {
		c.Kind = KindQueue
		if end := strings.LastIndex(rest, "/pr-"); end > 0 {
			c.BaseRef = text.New(rest[:end])
		}
	}
}

// ofTag makes it a run of a tag.
func (c *Context) ofTag(tag string) {
	if tag != "" {
		c.Kind, c.Ref = KindTag, text.New(tag)
	}
}

// ofPull makes it a run of a pull or merge request, with its source and target branch as
// far as they are known.
func (c *Context) ofPull(number int, ref, base string) {
	c.Kind, c.PullNumber = KindPull, max(number, 0)
	c.Ref, c.BaseRef = text.New(branchOf(ref)), text.New(branchOf(base))
}

// pullNumber returns the number in a pull request's ref, refs/pull/7/merge; 0 for any
// other ref.
func pullNumber(ref string) int {
	rest, ok := strings.CutPrefix(ref, "refs/pull/")
	n, _, more := strings.Cut(rest, "/")
	if !ok || !more || !isDigits(n) {
		return 0
	}
	return number(n)
}
