package ci

import (
	"cmp"
	"strings"

	"github.com/sethvargo/go-githubactions"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

// event is the part of GitHub's event file that the gate reads.
//
// https://docs.github.com/en/webhooks/webhook-events-and-payloads
type event struct {
	Number      int              `json:"number"` // of the pull request, in its own events
	Repository  *eventRepository `json:"repository"`
	PullRequest *eventPull       `json:"pull_request"`
	// Issue is what a comment was made on: an issue or a pull request.
	Issue *struct {
		Number      int       `json:"number"`
		PullRequest *struct{} `json:"pull_request"`
	} `json:"issue"`
	MergeGroup *struct {
		HeadRef string `json:"head_ref"`
		HeadSHA string `json:"head_sha"`
		BaseRef string `json:"base_ref"`
	} `json:"merge_group"`
	WorkflowRun *eventRun `json:"workflow_run"`
}

// eventPull is a pull request.
type eventPull struct {
	Number int        `json:"number"`
	Head   eventPoint `json:"head"`
	Base   eventPoint `json:"base"`
}

// eventPoint is one end of a pull request.
type eventPoint struct {
	Ref  string           `json:"ref"`
	SHA  string           `json:"sha"`
	Repo *eventRepository `json:"repo"`
}

// eventRun is the run of another workflow that a workflow_run event reports.
type eventRun struct {
	Event          string           `json:"event"` // what started the other workflow
	HeadBranch     string           `json:"head_branch"`
	HeadSHA        string           `json:"head_sha"`
	HeadRepository *eventRepository `json:"head_repository"`
	// PullRequests is empty for pull requests from forks.
	PullRequests []eventPull `json:"pull_requests"`
}

// eventRepository is a repository.
type eventRepository struct {
	ID       int64  `json:"id"`
	FullName string `json:"full_name"`
}

// isBranchEvent reports whether an event is about the branch that the job runs on. Others
// merely run on the default branch.
//
// https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
func isBranchEvent(name string) bool {
	return name == "push" || name == "schedule" || name == "workflow_dispatch"
}

// addEvent adds what the job is a run of. The event file has what the variables lack; e
// is empty when it could not be read.
func addEvent(c *job.Context, gh *githubactions.GitHubContext, e event) {
	switch name := gh.EventName; {
	case e.PullRequest != nil, strings.HasPrefix(name, "pull_request"), gh.HeadRef != "":
		addPull(c, gh, e)
	case name == "merge_group":
		ofRef(c, gh.Ref)
		c.Kind = job.KindQueue
		if g := e.MergeGroup; g != nil {
			ofRef(c, g.HeadRef)
			c.Kind, c.SHA = job.KindQueue, cmp.Or(matching(isSHA, g.HeadSHA), c.SHA)
			c.BaseRef = firstOf(branchOf(g.BaseRef), c.BaseRef.Raw())
		}
	case name == "workflow_run":
		addWorkflowRun(c, e)
	case e.Issue != nil && e.Issue.PullRequest != nil:
		// The payload has neither the branches nor the commit of the pull request, and
		// the commit in the variables is the newest of the default branch.
		ofPull(c, e.Issue.Number, "", "")
		c.SHA = ""
	case isBranchEvent(name):
		ofRef(c, gh.Ref)
	case name == "release":
		if strings.HasPrefix(gh.Ref, "refs/tags/") {
			ofRef(c, gh.Ref)
		}
	case name == "deployment" || name == "deployment_status":
		// What is deployed may have the name of a branch and still be another commit.
		c.Ref = firstOf(gh.RefName)
	}
}

// addPull adds a pull request. The commit is its head: the variables have a merge commit
// that nobody can look up later, or the base.
func addPull(c *job.Context, gh *githubactions.GitHubContext, e event) {
	ofPull(c, pullNumber(gh.Ref), gh.HeadRef, gh.BaseRef)
	pr := e.PullRequest
	if pr == nil {
		return
	}
	c.PullNumber = max(cmp.Or(pr.Number, e.Number), 0)
	c.Fork = pr.Base.Repo != nil && isFork(pr.Head.Repo, pr.Base.Repo)
	c.SHA = cmp.Or(matching(isSHA, pr.Head.SHA), c.SHA)
	c.Ref = firstOf(c.Ref.Raw(), pr.Head.Ref)
	c.BaseRef = firstOf(c.BaseRef.Raw(), pr.Base.Ref)
}

// addWorkflowRun adds what the other workflow was a run of. This workflow itself always
// runs on the default branch.
func addWorkflowRun(c *job.Context, e event) {
	r := e.WorkflowRun
	c.SHA = ""
	if r == nil {
		return
	}
	c.SHA = matching(isSHA, r.HeadSHA)
	c.Ref = firstOf(r.HeadBranch)
	c.Fork = e.Repository != nil && isFork(r.HeadRepository, e.Repository)
	switch {
	case c.Fork, strings.HasPrefix(r.Event, "pull_request"):
		number, base := r.pull(e.Repository)
		ofPull(c, number, r.HeadBranch, base)
	case isBranchEvent(r.Event) && e.Repository != nil: // otherwise we could not recognise a fork
		// Compared with the branch, but never its baseline: this workflow tests what
		// another one left behind, and a tag may have the same name as a branch.
		c.BaseRef = text.New(r.HeadBranch)
	case r.Event == "merge_group":
		ofBranch(c, r.HeadBranch)
		c.Kind = job.KindQueue
	}
}

// pull returns the number and target of the pull request into the repository, if there is
// exactly one: the list also contains pull requests of the same branch into other
// repositories.
func (r *eventRun) pull(repository *eventRepository) (int, string) {
	var found *eventPull
	for _, p := range r.PullRequests {
		if p.Base.Repo != nil && repository != nil && p.Base.Repo.ID != 0 && p.Base.Repo.ID != repository.ID {
			continue
		}
		if found != nil && found.Number != p.Number {
			return 0, ""
		}
		found = &p
	}
	if found == nil {
		return 0, ""
	}
	return found.Number, found.Base.Ref
}

// isFork compares repositories by ID, since names change. The head's repository is null
// when the fork was deleted.
func isFork(head, base *eventRepository) bool {
	switch {
	case head == nil:
		return true
	case head.ID != 0 && base.ID != 0:
		return head.ID != base.ID
	}
	return !strings.EqualFold(head.FullName, base.FullName)
}
