package ci

import (
	"net/url"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// detectAzure reads the predefined variables of Azure Pipelines.
//
// https://learn.microsoft.com/azure/devops/pipelines/build/variables
func detectAzure(getenv func(string) string) Context {
	c := Context{
		Provider:   Azure,
		Repository: text.New(azureRepository(getenv)),
		Ref:        firstOf(branchOf(getenv("SYSTEM_PULLREQUEST_SOURCEBRANCH")), branchOf(getenv("BUILD_SOURCEBRANCH"))),
		BaseRef:    text.New(branchOf(getenv("SYSTEM_PULLREQUEST_TARGETBRANCH"))),
		SHA:        matching(isSHA, getenv("BUILD_SOURCEVERSION")),
		Workflow:   text.New(getenv("BUILD_DEFINITIONNAME")),
		Job:        text.New(strings.Trim(getenv("SYSTEM_STAGENAME")+"/"+getenv("SYSTEM_JOBNAME"), "/")),
		RunID:      matching(isDigits, getenv("BUILD_BUILDID")),
		Attempt:    matching(isDigits, getenv("SYSTEM_JOBATTEMPT")),
		// Builds are numbered within an organisation. The id of a job is that of one
		// attempt, also when the whole stage is run again, and of one leg of a matrix.
		Runner:     getenv("SYSTEM_COLLECTIONURI") + " " + getenv("SYSTEM_STAGEATTEMPT") + " " + getenv("SYSTEM_JOBID"),
		PullNumber: number(getenv("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER")), // of GitHub
		Fork:       strings.EqualFold(getenv("SYSTEM_PULLREQUEST_ISFORK"), "true"),
		Debug:      strings.EqualFold(getenv("SYSTEM_DEBUG"), "true"),
		TempDir:    getenv("AGENT_TEMPDIRECTORY"),
	}
	if c.PullNumber == 0 {
		c.PullNumber = number(getenv("SYSTEM_PULLREQUEST_PULLREQUESTID")) // of Azure Repos
	}
	// BUILD_SOURCEVERSION of a pull request is a merge that exists nowhere else.
	if sha := matching(isSHA, getenv("SYSTEM_PULLREQUEST_SOURCECOMMITID")); sha != "" {
		c.SHA = sha
	}
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

// azureRepository is owner/name for GitHub's repositories and project/name for those of
// Azure Repos, whose names stand alone.
func azureRepository(getenv func(string) string) string {
	name := getenv("BUILD_REPOSITORY_NAME")
	if name == "" || strings.Contains(name, "/") {
		return name
	}
	return strings.Trim(getenv("SYSTEM_TEAMPROJECT")+"/"+name, "/")
}
