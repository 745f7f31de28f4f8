package ci

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

// detectAzure reads the predefined variables of Azure Pipelines.
//
// https://learn.microsoft.com/azure/devops/pipelines/build/variables
func detectAzure(getenv func(string) string) job.Context {
	c := job.Context{
		Provider:   job.Azure,
		Repository: text.New(azureRepository(getenv)),
		Event:      matching(isID, getenv("BUILD_REASON")),
		SHA:        matching(isSHA, getenv("BUILD_SOURCEVERSION")),
		Workflow:   text.New(getenv("BUILD_DEFINITIONNAME")),
		Job:        text.New(strings.Trim(getenv("SYSTEM_STAGENAME")+"/"+getenv("SYSTEM_JOBNAME"), "/")),
		RunID:      matching(isDigits, getenv("BUILD_BUILDID")),
		Attempt:    matching(isDigits, getenv("SYSTEM_JOBATTEMPT")),
		// Build numbers are unique within an organisation. A job's ID belongs to one
		// attempt, even when the whole stage is run again, and to one leg of a matrix.
		Runner:  getenv("SYSTEM_COLLECTIONURI") + " " + getenv("SYSTEM_STAGEATTEMPT") + " " + getenv("SYSTEM_JOBID"),
		Fork:    strings.EqualFold(getenv("SYSTEM_PULLREQUEST_ISFORK"), "true"),
		Debug:   strings.EqualFold(getenv("SYSTEM_DEBUG"), "true"),
		TempDir: getenv("AGENT_TEMPDIRECTORY"),
		// In minutes; 0 means no limit.
		JobTimeout: minutes(getenv("SYSTEM_JOBTIMEOUT")),
	}
	addBuild(&c, getenv)
	if c.TempDir == "" {
		c.TempDir = systemTempDir(getenv)
	}
	if server, err := url.Parse(getenv("SYSTEM_COLLECTIONURI")); err == nil && c.RunID != "" {
		run := server.JoinPath(getenv("SYSTEM_TEAMPROJECT"), "_build/results")
		run.RawQuery = url.Values{"buildId": {c.RunID}}.Encode()
		c.JobURL = webURL(run.String())
	}
	return c
}

// addBuild adds what the build is a run of. A build triggered by another pipeline
// (ResourceTrigger, BuildCompletion) may be about a pull request of that pipeline while
// running on this one's default branch.
func addBuild(c *job.Context, getenv func(string) string) {
	ref := getenv("BUILD_SOURCEBRANCH")
	pull := cmp.Or(
		number(getenv("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER")), // on GitHub
		number(getenv("SYSTEM_PULLREQUEST_PULLREQUESTID")),     // in Azure Repos
		pullNumber(ref))
	switch {
	case pull > 0, c.Event == "PullRequest":
		ofPull(c, pull, getenv("SYSTEM_PULLREQUEST_SOURCEBRANCH"), getenv("SYSTEM_PULLREQUEST_TARGETBRANCH"))
		// For a pull request, BUILD_SOURCEVERSION is a merge commit that exists nowhere
		// else.
		c.SHA = cmp.Or(matching(isSHA, getenv("SYSTEM_PULLREQUEST_SOURCECOMMITID")), c.SHA)
	case slices.Contains([]string{"", "Manual", "IndividualCI", "BatchedCI", "Schedule"}, c.Event):
		ofRef(c, ref)
	}
}

// azureRepository returns owner/name for repositories on GitHub, and project/name for
// Azure Repos, which give only the name.
func azureRepository(getenv func(string) string) string {
	name := getenv("BUILD_REPOSITORY_NAME")
	if name == "" || strings.Contains(name, "/") {
		return name
	}
	return strings.Trim(getenv("SYSTEM_TEAMPROJECT")+"/"+name, "/")
}
