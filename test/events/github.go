package events

import "fmt"

const (
	ours   = `{"id": 702001, "full_name": "acme/bot"}`
	theirs = `{"id": 999009, "full_name": "stranger/bot"}`
)

// pullFile is the payload of a pull request into main.
func pullFile(branch, repository string) string {
	return fmt.Sprintf(`{"number": 42, "pull_request": {"number": 42, "head": {"ref": %q, "sha": %q, "repo": %s}, "base": {"ref": "main", "sha": %q, "repo": %s}}, "repository": %s}`,
		branch, HeadSHA, repository, MainSHA, ours, ours)
}

// runFile is the payload of another workflow that has ended.
func runFile(event, branch, sha, repository, pulls string) string {
	return fmt.Sprintf(`{"action": "completed", "workflow_run": {"id": 5, "event": %q, "head_branch": %q, "head_sha": %q, "head_repository": %s, "pull_requests": [%s]}, "repository": %s}`,
		event, branch, sha, repository, pulls, ours)
}

// listed is a pull request in the list of a workflow run.
func listed(number int, repository string) string {
	return fmt.Sprintf(`{"number": %d, "head": {"ref": "feature/refunds", "sha": %q, "repo": %s}, "base": {"ref": "main", "sha": %q, "repo": %s}}`,
		number, HeadSHA, ours, MainSHA, repository)
}

// https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
func github() []Fixture {
	// on is a job whose variables name the given ref and commit.
	on := func(event, ref, name, sha string) map[string]string {
		return map[string]string{"GITHUB_EVENT_NAME": event, "GITHUB_REF": ref, "GITHUB_REF_NAME": name, "GITHUB_SHA": sha}
	}
	onMain := func(event string) map[string]string { return on(event, "refs/heads/main", "main", MainSHA) }
	onTag := func(event string) map[string]string {
		return on(event, "refs/tags/v1.2.0", "v1.2.0", MainSHA)
	}
	pull := func(event, branch string) map[string]string {
		env := on(event, "refs/pull/42/merge", "42/merge", MergeSHA)
		env["GITHUB_HEAD_REF"], env["GITHUB_BASE_REF"] = branch, "main"
		return env
	}
	target := onMain("pull_request_target")
	target["GITHUB_HEAD_REF"], target["GITHUB_BASE_REF"] = "main", "main"

	return system("GitHub Actions", map[string]string{
		"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": Repository, "GITHUB_RUN_ID": "17612345678", "GITHUB_RUN_ATTEMPT": "1",
		"GITHUB_WORKFLOW": "Agent gate", "GITHUB_JOB": "gate", "GITHUB_ACTION": "__agent-gate", "GITHUB_EVENT_PATH": path, "GITHUB_SERVER_URL": "https://github.com",
	}, []Fixture{
		{Event: "`push` to a branch", Env: onMain("push"), File: `{"ref": "refs/heads/main"}`, Want: branchMain},
		{Event: "`push` of a tag", Env: onTag("push"), File: `{"ref": "refs/tags/v1.2.0"}`, Want: tag},
		{Event: "`push` of a tag called main", Env: on("push", "refs/tags/main", "main", MainSHA), File: `{"ref": "refs/tags/main"}`,
			Want: Want{Kind: "tag", Ref: "main", SHA: MainSHA}},
		{Event: "`schedule`", Env: onMain("schedule"), File: `{"schedule": "0 3 * * *"}`, Want: branchMain},
		{Event: "`workflow_dispatch` on a branch", Env: on("workflow_dispatch", "refs/heads/feature/refunds", "feature/refunds", HeadSHA), File: `{"inputs": {}}`,
			Want: Want{Kind: "branch", Ref: "feature/refunds", SHA: HeadSHA}},
		{Event: "`pull_request`", Env: pull("pull_request", "feature/refunds"), File: pullFile("feature/refunds", ours), Want: own},
		{Event: "`pull_request` from a fork", Env: pull("pull_request", "feature/refunds"), File: pullFile("feature/refunds", theirs), Want: fork},
		{Event: "`pull_request` from a fork, with a branch called main", Env: pull("pull_request", "main"), File: pullFile("main", theirs), Want: forkMain},
		{Event: "`pull_request` from a deleted fork", Env: pull("pull_request", "main"), File: pullFile("main", "null"), Want: forkMain},
		{Event: "`pull_request`, without the event file", Env: pull("pull_request", "main"),
			Want: Want{Kind: "pull", Ref: "main", Base: "main", SHA: MergeSHA, Number: 42}},
		{Event: "`pull_request_target` from a fork, with a branch called main", Env: target, File: pullFile("main", theirs), Want: forkMain},
		{Event: "`pull_request_review`", Env: on("pull_request_review", "refs/pull/42/merge", "42/merge", MergeSHA), File: pullFile("feature/refunds", ours), Want: own},
		{Event: "`merge_group`", Env: on("merge_group", "refs/heads/"+queueBranch, queueBranch, HeadSHA),
			File: fmt.Sprintf(`{"action": "checks_requested", "merge_group": {"head_sha": %q, "head_ref": "refs/heads/%s", "base_sha": %q, "base_ref": "refs/heads/main"}, "repository": %s}`, HeadSHA, queueBranch, MainSHA, ours),
			Want: queue},
		{Event: "`push` to a branch of the merge queue", Env: on("push", "refs/heads/"+queueBranch, queueBranch, HeadSHA), File: `{}`, Want: queue},
		{Event: "`workflow_run` after a push", Env: onMain("workflow_run"), File: runFile("push", "main", HeadSHA, ours, ""),
			Want: Want{Ref: "main", Base: "main", SHA: HeadSHA}},
		{Event: "`workflow_run` after a pull request", Env: onMain("workflow_run"),
			File: runFile("pull_request", "feature/refunds", HeadSHA, ours, listed(7, theirs)+", "+listed(42, ours)), Want: own},
		{Event: "`workflow_run` after a pull request from a fork, with a branch called main", Env: onMain("workflow_run"),
			File: runFile("pull_request", "main", HeadSHA, theirs, ""),
			Want: with(forkMain, func(w *Want) { w.Base, w.Number = "", 0 })},
		{Event: "`workflow_run` after a merge group", Env: onMain("workflow_run"), File: runFile("merge_group", queueBranch, HeadSHA, ours, ""), Want: queue},
		{Event: "`workflow_run` after a comment", Env: onMain("workflow_run"), File: runFile("issue_comment", "main", MainSHA, ours, ""), Want: Want{Ref: "main", SHA: MainSHA}},
		{Event: "`issue_comment` on a pull request", Env: onMain("issue_comment"),
			File: `{"action": "created", "issue": {"number": 42, "pull_request": {"url": "https://api.github.com/repos/acme/bot/pulls/42"}}, "comment": {"body": "/gate"}}`,
			Want: Want{Kind: "pull", Number: 42}},
		{Event: "`issue_comment` on an issue", Env: onMain("issue_comment"), File: `{"action": "created", "issue": {"number": 41}, "comment": {"body": "/gate"}}`, Want: none},
		{Event: "`release`", Env: onTag("release"), File: `{"action": "published", "release": {"tag_name": "v1.2.0", "target_commitish": "main"}}`, Want: tag},
		{Event: "`deployment`", Env: onMain("deployment"), File: fmt.Sprintf(`{"deployment": {"ref": "main", "sha": %q}}`, MainSHA), Want: Want{Ref: "main", SHA: MainSHA}},
		{Event: "`repository_dispatch`", Env: onMain("repository_dispatch"), File: `{"action": "deployed", "client_payload": {}}`, Want: none},
		{Event: "`check_suite`", Env: onMain("check_suite"), File: `{"action": "completed", "check_suite": {"head_branch": "feature/refunds"}}`, Want: none},
		{Event: "`workflow_call`, of a workflow that a push started", Env: onMain("push"), File: `{"ref": "refs/heads/main", "inputs": {}}`, Want: branchMain},
		{Event: "`workflow_call`, of a workflow that a pull request started", Env: pull("pull_request", "feature/refunds"), File: pullFile("feature/refunds", ours), Want: own},
	})
}
