package events

// https://docs.gitlab.com/ci/variables/predefined_variables/
func gitlab() []Fixture {
	// branch has the variables of branch pipelines that merge request pipelines lack.
	branch := func(source, name, sha string) map[string]string {
		return map[string]string{"CI_PIPELINE_SOURCE": source, "CI_COMMIT_BRANCH": name, "CI_COMMIT_REF_NAME": name, "CI_COMMIT_SHA": sha}
	}
	merge := func(source, name, project string) map[string]string {
		return map[string]string{
			"CI_PIPELINE_SOURCE": source, "CI_COMMIT_REF_NAME": name, "CI_COMMIT_SHA": HeadSHA, "CI_MERGE_REQUEST_IID": "42", "CI_MERGE_REQUEST_PROJECT_ID": "77",
			"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": project, "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": name, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
		}
	}
	merged := func(kind string) map[string]string {
		env := merge("merge_request_event", "feature/refunds", "77")
		env["CI_MERGE_REQUEST_EVENT_TYPE"], env["CI_COMMIT_SHA"], env["CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"] = kind, MergeSHA, HeadSHA
		return env
	}
	inFork := merge("merge_request_event", "main", "88")
	inFork["CI_PROJECT_ID"], inFork["CI_PROJECT_PATH"], inFork["CI_MERGE_REQUEST_PROJECT_PATH"] = "88", "stranger/bot", Repository
	ofFork := branch("push", "main", HeadSHA)
	ofFork["CI_PROJECT_ID"], ofFork["CI_PROJECT_PATH"] = "88", "stranger/bot"

	return system("GitLab CI", map[string]string{
		"CI": "true", "GITLAB_CI": "true", "CI_PROJECT_PATH": Repository, "CI_PROJECT_ID": "77", "CI_DEFAULT_BRANCH": "main", "CI_PIPELINE_ID": "4711", "CI_JOB_ID": "9912", "CI_JOB_NAME": "agent-gate",
	}, []Fixture{
		{Event: "`push` to a branch", Env: branch("push", "main", MainSHA), Want: branchMain},
		{Event: "`push` to the branch main of a fork", Env: ofFork, Want: Want{Kind: "branch", Ref: "main", SHA: HeadSHA, Repository: "stranger/bot"}},
		{Event: "`push` of a tag", Env: map[string]string{"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_TAG": "v1.2.0", "CI_COMMIT_REF_NAME": "v1.2.0", "CI_COMMIT_SHA": MainSHA}, Want: tag},
		{Event: "`schedule`", Env: branch("schedule", "main", MainSHA), Want: branchMain},
		{Event: "`web`: started manually", Env: branch("web", "feature/refunds", HeadSHA), Want: Want{Kind: "branch", Ref: "feature/refunds", SHA: HeadSHA}},
		{Event: "`api`, `trigger`: started with a token", Env: branch("api", "main", MainSHA), Want: branchMain},
		{Event: "`merge_request_event`", Env: merge("merge_request_event", "feature/refunds", "77"), Want: own},
		{Event: "`merge_request_event` of a fork, in the parent project, from a branch called main", Env: merge("merge_request_event", "main", "88"), Want: forkMain},
		{Event: "`merge_request_event` of a fork, in the fork, from a branch called main", Env: inFork, Want: forkMain},
		{Event: "`merge_request_event`, merged results", Env: merged("merged_result"), Want: own},
		{Event: "`merge_request_event`, merge train", Env: merged("merge_train"), Want: own},
		{Event: "`external_pull_request_event`, of a repository on GitHub", Env: map[string]string{
			"CI_PIPELINE_SOURCE": "external_pull_request_event", "CI_COMMIT_REF_NAME": "feature/refunds", "CI_COMMIT_BRANCH": "feature/refunds", "CI_COMMIT_SHA": HeadSHA,
			"CI_EXTERNAL_PULL_REQUEST_IID": "8", "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME": "feature/refunds", "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME": "main",
			"CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA": HeadSHA, "CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY": "acme/bot", "CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY": "acme/bot",
		}, Want: with(own, func(w *Want) { w.Number = 0 })},
		{Event: "`parent_pipeline` of a branch", Env: branch("parent_pipeline", "main", MainSHA), Want: branchMain},
		{Event: "`parent_pipeline` of a merge request", Env: merge("parent_pipeline", "feature/refunds", "77"), Want: own},
		{Event: "`pipeline`: started by a pipeline of another project", Env: branch("pipeline", "main", MainSHA), Want: none},
		{Event: "`chat`", Env: branch("chat", "main", MainSHA), Want: none},
	})
}

// https://www.jenkins.io/doc/book/pipeline/multibranch/#additional-environment-variables
func jenkins() []Fixture {
	return system("Jenkins", map[string]string{
		"JENKINS_URL": "https://ci.example.com/", "BUILD_NUMBER": "41", "JOB_NAME": "bot", "STAGE_NAME": "Agent gate", "GIT_URL": "https://git.example.com/acme/bot.git",
	}, []Fixture{
		{Event: "multibranch, a branch", Env: map[string]string{"BRANCH_NAME": "main", "GIT_BRANCH": "main", "GIT_COMMIT": MainSHA}, Want: branchMain},
		{Event: "multibranch, a tag", Env: map[string]string{"BRANCH_NAME": "v1.2.0", "TAG_NAME": "v1.2.0", "GIT_BRANCH": "v1.2.0", "GIT_COMMIT": MainSHA}, Want: tag},
		{Event: "multibranch, a change", Env: map[string]string{
			"BRANCH_NAME": "PR-42", "CHANGE_ID": "42", "CHANGE_BRANCH": "feature/refunds", "CHANGE_TARGET": "main", "GIT_BRANCH": "PR-42", "GIT_COMMIT": HeadSHA,
		}, Want: own},
		{Event: "multibranch, a change of a fork, from a branch called main", Env: map[string]string{
			"BRANCH_NAME": "PR-42", "CHANGE_ID": "42", "CHANGE_BRANCH": "main", "CHANGE_TARGET": "main", "CHANGE_FORK": "stranger", "GIT_BRANCH": "PR-42", "GIT_COMMIT": HeadSHA,
		}, Want: forkMain},
		{Event: "another project, a branch", Env: map[string]string{"GIT_BRANCH": "origin/main", "GIT_COMMIT": MainSHA}, Want: branchMain},
		{Event: "another project, no branch", Env: map[string]string{"GIT_BRANCH": "detached", "GIT_COMMIT": MainSHA}, Want: none},
		{Event: "GitHub pull request builder", Env: map[string]string{
			"ghprbPullId": "42", "ghprbSourceBranch": "feature/refunds", "ghprbTargetBranch": "main", "ghprbActualCommit": HeadSHA, "GIT_BRANCH": "origin/main", "GIT_COMMIT": MergeSHA,
		}, Want: own},
		{Event: "GitLab plugin, a merge request of a fork, from a branch called main", Env: map[string]string{
			"gitlabMergeRequestIid": "42", "gitlabSourceBranch": "main", "gitlabTargetBranch": "main", "gitlabSourceNamespace": "stranger", "gitlabTargetNamespace": "acme",
			"GIT_BRANCH": "origin/main", "GIT_COMMIT": HeadSHA,
		}, Want: forkMain},
		{Event: "Gerrit, a patch set", Env: map[string]string{
			"GERRIT_EVENT_TYPE": "patchset-created", "GERRIT_CHANGE_NUMBER": "42", "GERRIT_BRANCH": "main", "GERRIT_REFSPEC": "refs/changes/42/42/1", "GIT_BRANCH": "main", "GIT_COMMIT": HeadSHA,
		}, Want: with(own, func(w *Want) { w.Ref = "refs/changes/42/42/1" })},
	})
}

// https://circleci.com/docs/reference/variables/
func circleci() []Fixture {
	return system("CircleCI", map[string]string{
		"CI": "true", "CIRCLECI": "true", "CIRCLE_BUILD_NUM": "812", "CIRCLE_JOB": "agent-gate", "CIRCLE_PROJECT_USERNAME": "acme", "CIRCLE_PROJECT_REPONAME": "bot",
	}, []Fixture{
		{Event: "a branch", Env: map[string]string{"CIRCLE_BRANCH": "main", "CIRCLE_SHA1": MainSHA}, Want: branchMain},
		{Event: "a branch with an open pull request", Env: map[string]string{
			"CIRCLE_BRANCH": "feature/refunds", "CIRCLE_SHA1": HeadSHA, "CIRCLE_PULL_REQUEST": "https://github.com/acme/bot/pull/42",
		}, Want: Want{Kind: "branch", Ref: "feature/refunds", SHA: HeadSHA, Number: 42}},
		{Event: "a pull request from a fork", Env: map[string]string{
			"CIRCLE_BRANCH": "pull/42", "CIRCLE_SHA1": HeadSHA, "CIRCLE_PULL_REQUEST": "https://github.com/acme/bot/pull/42", "CIRCLE_PR_NUMBER": "42", "CIRCLE_PR_USERNAME": "stranger", "CIRCLE_PR_REPONAME": "bot",
		}, Want: with(fork, func(w *Want) { w.Ref, w.Base = "pull/42", "" })},
		{Event: "a tag", Env: map[string]string{"CIRCLE_TAG": "v1.2.0", "CIRCLE_SHA1": MainSHA}, Want: tag},
		{Event: "a branch of GitHub's merge queue", Env: map[string]string{"CIRCLE_BRANCH": queueBranch, "CIRCLE_SHA1": HeadSHA}, Want: queue},
	})
}

// https://learn.microsoft.com/azure/devops/pipelines/build/variables
func azure() []Fixture {
	pull := func(branch, fork, number string) map[string]string {
		return map[string]string{
			"BUILD_REASON": "PullRequest", "BUILD_SOURCEBRANCH": "refs/pull/42/merge", "BUILD_SOURCEVERSION": MergeSHA, "SYSTEM_PULLREQUEST_SOURCECOMMITID": HeadSHA,
			"SYSTEM_PULLREQUEST_SOURCEBRANCH": branch, "SYSTEM_PULLREQUEST_TARGETBRANCH": "main", "SYSTEM_PULLREQUEST_ISFORK": fork,
			"SYSTEM_PULLREQUEST_PULLREQUESTID": number, "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER": "42",
		}
	}
	repos := pull("refs/heads/feature/refunds", "False", "42")
	repos["SYSTEM_PULLREQUEST_TARGETBRANCH"] = "refs/heads/main"
	delete(repos, "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER")
	on := func(reason, ref, sha string) map[string]string {
		return map[string]string{"BUILD_REASON": reason, "BUILD_SOURCEBRANCH": ref, "BUILD_SOURCEVERSION": sha}
	}
	return system("Azure Pipelines", map[string]string{
		"TF_BUILD": "True", "BUILD_BUILDID": "5120", "BUILD_REPOSITORY_NAME": Repository, "SYSTEM_COLLECTIONURI": "https://dev.azure.com/acme/", "SYSTEM_TEAMPROJECT": "care",
		"SYSTEM_JOBNAME": "gate", "SYSTEM_JOBATTEMPT": "1", "SYSTEM_STAGEATTEMPT": "1", "SYSTEM_JOBID": "12f1170f-54f2-53f3-20dd-22fc7dff55f9",
	}, []Fixture{
		{Event: "`IndividualCI`, `BatchedCI`: a push", Env: on("IndividualCI", "refs/heads/main", MainSHA), Want: branchMain},
		{Event: "a push of a tag", Env: on("IndividualCI", "refs/tags/v1.2.0", MainSHA), Want: tag},
		{Event: "`Schedule`", Env: on("Schedule", "refs/heads/main", MainSHA), Want: branchMain},
		{Event: "`Manual`", Env: on("Manual", "refs/heads/feature/refunds", HeadSHA), Want: Want{Kind: "branch", Ref: "feature/refunds", SHA: HeadSHA}},
		{Event: "`PullRequest` of GitHub", Env: pull("feature/refunds", "False", "1234567"), Want: own},
		{Event: "`PullRequest` of GitHub from a fork, with a branch called main", Env: pull("main", "True", "1234567"), Want: forkMain},
		{Event: "`PullRequest` of Azure Repos", Env: repos, Want: own},
		{Event: "`Manual`, on the merge of a pull request", Env: on("Manual", "refs/pull/42/merge", MergeSHA), Want: Want{Kind: "pull", SHA: MergeSHA, Number: 42}},
		{Event: "`ResourceTrigger`, `BuildCompletion`: started by another pipeline", Env: on("ResourceTrigger", "refs/heads/main", MainSHA), Want: none},
		{Event: "a branch of GitHub's merge queue", Env: on("IndividualCI", "refs/heads/"+queueBranch, HeadSHA), Want: queue},
	})
}

// https://buildkite.com/docs/pipelines/configure/environment-variables
func buildkite() []Fixture {
	on := func(source, branch, sha string) map[string]string {
		return map[string]string{"BUILDKITE_SOURCE": source, "BUILDKITE_BRANCH": branch, "BUILDKITE_COMMIT": sha, "BUILDKITE_PULL_REQUEST": "false"}
	}
	pull := func(branch, repository string) map[string]string {
		env := on("webhook", branch, HeadSHA)
		env["BUILDKITE_PULL_REQUEST"], env["BUILDKITE_PULL_REQUEST_BASE_BRANCH"], env["BUILDKITE_PULL_REQUEST_REPO"] = "42", "main", repository
		return env
	}
	tagged := on("webhook", "v1.2.0", MainSHA)
	tagged["BUILDKITE_TAG"] = "v1.2.0"
	queued := on("webhook", queueBranch, HeadSHA)
	queued["BUILDKITE_MERGE_QUEUE_BASE_BRANCH"] = "main"
	return system("Buildkite", map[string]string{
		"CI": "true", "BUILDKITE": "true", "BUILDKITE_BUILD_NUMBER": "99", "BUILDKITE_JOB_ID": "0190b6a1-7f6a-4a0e-8d4e-5c9f0a6d2b11", "BUILDKITE_STEP_KEY": "gate",
		"BUILDKITE_REPO": "git@github.com:acme/bot.git", "BUILDKITE_RETRY_COUNT": "0",
	}, []Fixture{
		{Event: "`webhook`: a push", Env: on("webhook", "main", MainSHA), Want: branchMain},
		{Event: "a tag", Env: tagged, Want: tag},
		{Event: "`schedule`", Env: on("schedule", "main", MainSHA), Want: branchMain},
		{Event: "`ui`, `api`: a build of a branch", Env: on("ui", "feature/refunds", HeadSHA), Want: Want{Kind: "branch", Ref: "feature/refunds", SHA: HeadSHA}},
		{Event: "a pull request", Env: pull("feature/refunds", "https://github.com/Acme/bot.git"), Want: own},
		{Event: "a pull request from a fork, with a branch called main", Env: pull("main", "git://github.com/stranger/bot.git"), Want: forkMain},
		{Event: "a merge queue", Env: queued, Want: queue},
		{Event: "`trigger_job`: started by another pipeline", Env: on("trigger_job", "main", MainSHA), Want: none},
	})
}
