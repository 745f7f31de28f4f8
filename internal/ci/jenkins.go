package ci

import (
	"cmp"
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
		SHA:        matching(isSHA, getenv("GIT_COMMIT")),
		Workflow:   text.New(getenv("JOB_NAME")),
		Job:        text.New(getenv("STAGE_NAME")),
		RunID:      matching(isDigits, getenv("BUILD_NUMBER")),
		// Numbers of builds and names of jobs are those of one server, and Future AGI may
		// see the runs of several: its address belongs to what tells builds apart. So does
		// the executor, since the cells of a matrix share the stage's name.
		Runner: strings.Join([]string{getenv("JENKINS_URL"), getenv("NODE_NAME"), getenv("EXECUTOR_NUMBER")}, " "),
		JobURL: webURL(getenv("BUILD_URL")),
		// Of the workspace, so that it is the same in every container of the build.
		TempDir: getenv("WORKSPACE_TMP"),
	}
	if c.TempDir == "" {
		c.TempDir = systemTempDir(getenv)
	}
	c.addChange(getenv)
	return c
}

// addChange adds what the build is a run of. Multibranch projects say so themselves; in
// others it is the plugin that started the build that does, where it has one.
//
// https://plugins.jenkins.io/ghprb, https://plugins.jenkins.io/gitlab-plugin,
// https://plugins.jenkins.io/gerrit-trigger
func (c *Context) addChange(getenv func(string) string) {
	switch {
	case getenv("CHANGE_ID") != "":
		c.ofPull(number(getenv("CHANGE_ID")), getenv("CHANGE_BRANCH"), getenv("CHANGE_TARGET"))
		c.Fork = getenv("CHANGE_FORK") != ""
	case getenv("ghprbPullId") != "":
		c.ofPull(number(getenv("ghprbPullId")), getenv("ghprbSourceBranch"), getenv("ghprbTargetBranch"))
		c.SHA = cmp.Or(matching(isSHA, getenv("ghprbActualCommit")), c.SHA)
	case getenv("gitlabMergeRequestIid") != "":
		c.ofPull(number(getenv("gitlabMergeRequestIid")), getenv("gitlabSourceBranch"), getenv("gitlabTargetBranch"))
		source, target := getenv("gitlabSourceNamespace"), getenv("gitlabTargetNamespace")
		c.Fork = source != "" && target != "" && source != target
	case getenv("GERRIT_CHANGE_NUMBER") != "" && getenv("GERRIT_EVENT_TYPE") != "change-merged":
		c.ofPull(number(getenv("GERRIT_CHANGE_NUMBER")), getenv("GERRIT_REFSPEC"), getenv("GERRIT_BRANCH"))
	case getenv("TAG_NAME") != "":
		c.ofTag(getenv("TAG_NAME"))
	case getenv("BRANCH_NAME") != "":
		c.ofBranch(getenv("BRANCH_NAME"))
	default:
		branch := firstOf(getenv("GIT_LOCAL_BRANCH"), strings.TrimPrefix(getenv("GIT_BRANCH"), "origin/")).Raw()
		// Of a commit that was not checked out by the name of a branch, and of pull
		// requests that a refspec of the project's own fetches.
		if branch != "detached" && branch != "FETCH_HEAD" && !strings.HasPrefix(branch, "pr/") && !strings.HasPrefix(branch, "refs/") {
			c.ofBranch(branch)
		}
	}
}
