package ci

import (
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// detectJenkins reads the variables of a Jenkins build. Those of a change are set in
// multibranch projects only.
//
// https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables,
// and /env-vars.html of every Jenkins server.
func detectJenkins(getenv func(string) string) Context {
	c := Context{
		Provider: Jenkins,
		// Without the address of the repository the job names the project.
		Repository: firstOf(repositoryOf(getenv("GIT_URL")), getenv("JOB_NAME")),
		Ref:        firstOf(getenv("CHANGE_BRANCH"), getenv("BRANCH_NAME"), getenv("GIT_LOCAL_BRANCH"), strings.TrimPrefix(getenv("GIT_BRANCH"), "origin/")),
		BaseRef:    text.New(getenv("CHANGE_TARGET")),
		SHA:        matching(isSHA, getenv("GIT_COMMIT")),
		Workflow:   text.New(getenv("JOB_NAME")),
		Job:        text.New(getenv("STAGE_NAME")),
		RunID:      matching(isDigits, getenv("BUILD_NUMBER")),
		// Numbers of builds and names of jobs are those of one server, and Future AGI may
		// see the runs of several: its address belongs to what tells builds apart. So does
		// the executor, since the cells of a matrix share the stage's name.
		Runner:     strings.Join([]string{getenv("JENKINS_URL"), getenv("NODE_NAME"), getenv("EXECUTOR_NUMBER")}, " "),
		JobURL:     webURL(getenv("BUILD_URL")),
		PullNumber: number(getenv("CHANGE_ID")),
		Fork:       getenv("CHANGE_FORK") != "",
		// Of the workspace, so that it is the same in every container of the build.
		TempDir: getenv("WORKSPACE_TMP"),
	}
	if c.TempDir == "" {
		c.TempDir = systemTempDir(getenv)
	}
	return c
}
