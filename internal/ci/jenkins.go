package ci

import (
	"cmp"
	"strings"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

// detectJenkins reads the variables of a Jenkins build. The CHANGE_ variables are set
// only in multibranch projects.
//
// https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables, and
// /env-vars.html of every Jenkins server.
func detectJenkins(getenv func(string) string) job.Context {
	c := job.Context{
		Provider: job.Jenkins,
		// Without a repository URL the job's name has to do.
		Repository: firstOf(repositoryOf(getenv("GIT_URL")), getenv("JOB_NAME")),
		SHA:        matching(isSHA, getenv("GIT_COMMIT")),
		Workflow:   text.New(getenv("JOB_NAME")),
		Job:        text.New(getenv("STAGE_NAME")),
		RunID:      matching(isDigits, getenv("BUILD_NUMBER")),
		// Build numbers and job names are unique to one server, and Future AGI may see
		// runs of several, so the server's URL is part of the identity. So is the
		// executor, since the cells of a matrix share the stage's name.
		Runner: strings.Join([]string{getenv("JENKINS_URL"), getenv("NODE_NAME"), getenv("EXECUTOR_NUMBER")}, " "),
		JobURL: webURL(getenv("BUILD_URL")),
		// Relative to the workspace, so it is the same in every container of the build.
		TempDir: getenv("WORKSPACE_TMP"),
	}
	if c.TempDir == "" {
		c.TempDir = systemTempDir(getenv)
	}
	addChange(&c, getenv)
	return c
}

// addChange adds what the build is a run of. Multibranch projects say so; in others, the
// plugin that started the build does, if there is one.
//
// https://plugins.jenkins.io/ghprb, https://plugins.jenkins.io/gitlab-plugin,
// https://plugins.jenkins.io/gerrit-trigger
func addChange(c *job.Context, getenv func(string) string) {
	switch {
	case getenv("CHANGE_ID") != "":
		ofPull(c, number(getenv("CHANGE_ID")), getenv("CHANGE_BRANCH"), getenv("CHANGE_TARGET"))
		c.Fork = getenv("CHANGE_FORK") != ""
	case getenv("ghprbPullId") != "":
		ofPull(c, number(getenv("ghprbPullId")), getenv("ghprbSourceBranch"), getenv("ghprbTargetBranch"))
		c.SHA = cmp.Or(matching(isSHA, getenv("ghprbActualCommit")), c.SHA)
	case getenv("gitlabMergeRequestIid") != "":
		ofPull(c, number(getenv("gitlabMergeRequestIid")), getenv("gitlabSourceBranch"), getenv("gitlabTargetBranch"))
		source, target := getenv("gitlabSourceNamespace"), getenv("gitlabTargetNamespace")
		c.Fork = source != "" && target != "" && source != target
	case getenv("GERRIT_CHANGE_NUMBER") != "" && getenv("GERRIT_EVENT_TYPE") != "change-merged":
		ofPull(c, number(getenv("GERRIT_CHANGE_NUMBER")), getenv("GERRIT_REFSPEC"), getenv("GERRIT_BRANCH"))
	case getenv("TAG_NAME") != "":
		ofTag(c, getenv("TAG_NAME"))
	case getenv("BRANCH_NAME") != "":
		ofBranch(c, getenv("BRANCH_NAME"))
	default:
		branch := firstOf(getenv("GIT_LOCAL_BRANCH"), strings.TrimPrefix(getenv("GIT_BRANCH"), "origin/")).Raw()
		// These are commits that were not checked out by branch name, and pull requests
		// fetched through the project's own refspec.
		if branch != "detached" && branch != "FETCH_HEAD" && !strings.HasPrefix(branch, "pr/") && !strings.HasPrefix(branch, "refs/") {
			ofBranch(c, branch)
		}
	}
}
