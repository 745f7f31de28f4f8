package ci

import (
	"strings"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

// ofRef makes it a run of what a full ref names.
func ofRef(c *job.Context, ref string) {
	if branch, ok := strings.CutPrefix(ref, "refs/heads/"); ok {
		ofBranch(c, branch)
	} else if tag, ok := strings.CutPrefix(ref, "refs/tags/"); ok {
		ofTag(c, tag)
	} else if n := pullNumber(ref); n > 0 {
		c.Kind, c.PullNumber = job.KindPull, n
	}
}

// ofBranch makes it a run of a branch. GitHub's merge queue uses temporary branches that
// count as their target: gh-readonly-queue/main/pr-7-<commit> tests what main will be.
//
// https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
func ofBranch(c *job.Context, branch string) {
	if branch == "" {
		return
	}
	c.Kind, c.Ref = job.KindBranch, text.New(branch)
	if rest, ok := strings.CutPrefix(branch, "gh-readonly-queue/"); ok {
		c.Kind = job.KindQueue
		if end := strings.LastIndex(rest, "/pr-"); end > 0 {
			c.BaseRef = text.New(rest[:end])
		}
	}
}

// ofTag makes it a run of a tag.
func ofTag(c *job.Context, tag string) {
	if tag != "" {
		c.Kind, c.Ref = job.KindTag, text.New(tag)
	}
}

// ofPull makes it a run of a pull or merge request, with its source and target branch as
// far as they are known.
func ofPull(c *job.Context, number int, ref, base string) {
	c.Kind, c.PullNumber = job.KindPull, max(number, 0)
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
