package config

import (
	"math"
	"time"
)

// Inputs returns the one table of inputs, in the order in which they are shown. A row
// here and a field of the same name in settings are all that a new input needs.
func Inputs() []Input {
	var (
		run     = []Command{CommandRun}
		calls   = []Command{CommandRun, CommandCleanup}
		runs    = []Command{CommandRun, CommandDemo}
		judges  = []Command{CommandRun, CommandDemo, CommandDecide}
		journal = []Command{CommandRun, CommandCleanup}
		cancels = []Command{CommandRun, CommandDemo, CommandCleanup}
		serve   = []Command{CommandServe}
		server  = []Command{CommandDemo, CommandServe}
		all     = []Command{CommandRun, CommandDemo, CommandServe, CommandDecide, CommandCleanup}

		create   = []Mode{ModeCreate}
		executes = []Mode{ModeCreate, ModeExecute}
	)
	return []Input{
		{Name: "api-key", Group: GroupConnection, Type: secretType(), Secret: true, Vendor: "FI_API_KEY", Commands: calls,
			Help: "Future AGI API key. Keep it in a secret of the CI; other users of the machine can see it in a flag."},
		{Name: "secret-key", Group: GroupConnection, Type: secretType(), Secret: true, Vendor: "FI_SECRET_KEY", Commands: calls,
			Help: "Future AGI secret key. Keep it in a secret of the CI; other users of the machine can see it in a flag."},
		{Name: "base-url", Group: GroupConnection, Type: urlType("https", "http"), Default: "https://api.futureagi.com", Vendor: "FI_BASE_URL", Commands: calls,
			Help: "Address of the API server. It must be https, except for this machine itself (loopback) or with allow-insecure-http."},
		{Name: "allow-insecure-http", Group: GroupConnection, Type: boolType(), Default: "false", Commands: calls,
			Help: "Allow http that is not loopback, for base-url and for the API that takes the comment. The keys and tokens then travel unencrypted."},
		{Name: "dashboard-url", Group: GroupConnection, Type: urlType("https", "http"), DefaultNote: "derived from base-url", Commands: run,
			Help: "Address of the dashboard, for the links in reports."},
		{Name: "workspace-id", Group: GroupConnection, Type: uuidType(), DefaultNote: "the workspace of the key", Commands: calls,
			Help: "UUID of the workspace, sent as X-Workspace-Id."},

		{Name: "agent-definition-id", Group: GroupTarget, Type: uuidType(), Commands: runs,
			Help: "UUID of the agent to test, together with scenario-ids: creates a run test and executes it. Exactly one of agent-definition-id, run-test-id and test-execution-id is needed."},
		{Name: "scenario-ids", Group: GroupTarget, Type: uuidListType(), Commands: runs, Modes: executes,
			Help: "UUIDs of the scenarios to run. Needed with agent-definition-id; with run-test-id a subset of its scenarios."},
		{Name: "run-test-id", Group: GroupTarget, Type: pageUUIDType(pageOfRunTest), Commands: runs,
			Help: "UUID of an existing run test to execute, or the address of its page in the dashboard."},
		{Name: "test-execution-id", Group: GroupTarget, Type: pageUUIDType(pageOfExecution), Commands: runs,
			Help: "UUID of an existing execution to wait for and judge, or the address of its page in the dashboard. It places no calls, except for reruns."},
		{Name: "run-name", Group: GroupTarget, Type: nameType(), DefaultNote: "made from the CI context", Commands: runs, Modes: create, Lenient: true,
			Help: "Name of the created run test, at most 255 characters, without a slash. A suffix makes it unique."},
		{Name: "description", Group: GroupTarget, Type: textType(), DefaultNote: "made from the CI context", Commands: runs, Modes: create, Lenient: true,
			Help: "Description of the created run test."},
		{Name: "agent-version", Group: GroupTarget, Type: uuidType(), DefaultNote: "the active version", Commands: runs, Modes: create,
			Help: "UUID of the agent version for the created run test."},
		{Name: "eval-config-ids", Group: GroupTarget, Type: uuidListType(), Commands: runs, Modes: create,
			Help: "UUIDs of existing eval configs for the created run test."},
		{Name: "evaluations-config", Group: GroupTarget, Type: evaluationsType(), Commands: runs, Modes: create,
			Help: "Inline eval configs for the created run test: a JSON array of objects with template_id, name, config and mapping, or @ and the path of a file that holds one."},
		{Name: "dataset-row-ids", Group: GroupTarget, Type: uuidListType(), DefaultNote: "all rows", Commands: runs, Modes: create,
			Help: "UUIDs of the dataset rows to run. Servers are known to ignore them and to run all rows."},
		{Name: "enable-tool-evaluation", Group: GroupTarget, Type: boolType(), DefaultNote: "as the server has it", Commands: runs,
			Help: "Evaluate the tool calls of the agent: set on the created run test, and by new-eval-config-ids on the run test of the execution."},
		{Name: "replay-session-id", Group: GroupTarget, Type: uuidType(), Commands: runs, Modes: create,
			Help: "UUID of a session to replay."},
		{Name: "simulator-id", Group: GroupTarget, Type: uuidType(), Commands: runs, Modes: executes,
			Help: "UUID of the simulator that places the calls."},

		{Name: "max-calls", Group: GroupSpending, Type: wholeType(1, maxCallCount), DefaultNote: "no limit", Commands: runs,
			Help: "Refuse to start when the run would place more calls than this, and cancel it when it turns out to. Reruns count."},
		{Name: "dry-run", Group: GroupSpending, Type: boolType(), Default: "false", Commands: run,
			Help: "Check all that can be read, print the plan and the estimated number of calls, and start nothing. Exit 0, or 2 or 3 with what is wrong."},

		{Name: "rerun-attempts", Group: GroupReruns, Type: wholeType(0, 5), Default: "0", Commands: runs,
			Help: "How many times to rerun calls that did not succeed, 0 to 5."},
		{Name: "rerun-type", Group: GroupReruns, Type: enumType("auto", "call_and_eval", "eval_only"), Default: "auto", Commands: runs,
			Help: "How to rerun. auto: failed calls with call_and_eval, completed calls whose evals are missing with eval_only."},
		{Name: "rerun-max-calls", Group: GroupReruns, Type: amountType(), Default: "25%", Commands: runs,
			Help: "Rerun nothing when more calls than this would need it, a number or a percentage of all calls: that is no flake."},
		{Name: "new-eval-config-ids", Group: GroupReruns, Type: uuidListType(), Commands: runs,
			Help: "UUIDs of eval configs of the run test to run on the finished execution before it is judged. They place no calls."},

		{Name: "min-success-rate", Group: GroupCriteria, Type: ratePercentType(), Commands: judges,
			Help: "Lowest success rate that passes, in percent, above 0 and up to 100; a rate of 1 percent or less needs the sign: 0.5%. At least one of min-success-rate, min-overall-score and criteria is needed."},
		{Name: "min-overall-score", Group: GroupCriteria, Type: numberType(0, 10), Commands: judges,
			Help: "Lowest mean overall score of the calls that passes, above 0 and up to 10, as the API scores."},
		{Name: "criteria", Group: GroupCriteria, Type: linesType("CRITERION", "criteria"), Commands: judges,
			Help: "Criteria, one a line, such as: pass_rate >= 90. All of them have to be met."},
		{Name: "pass-when", Group: GroupCriteria, Type: linesType("CONDITION", "conditions"), DefaultNote: "every Pass/Fail eval passed", Commands: judges,
			Help: "When a call that succeeded counts as passed, one condition a line, such as: eval \"is_helpful\" passed. All of them have to hold."},
		{Name: "platform-failures", Group: GroupCriteria, Type: enumType(platformUnknown, platformFailed), Default: platformUnknown, Commands: judges,
			Help: "What calls that the platform lost count as. unknown: nobody's failure, they count neither as good nor as bad. failed: they count as failed."},
		{Name: "results-wait", Group: GroupCriteria, Type: durationType(time.Second, 120*time.Hour), Default: "10m", Commands: runs,
			Help: "Longest wait, with a unit and within timeout, for scores and evals that come after the end, 1s to 120h. It is waited only while the verdict depends on them."},
		{Name: "confidence", Group: GroupCriteria, Type: percentType(50, 99.9), Default: "95", Commands: judges,
			Help: "Level of the confidence intervals, in percent, 50 to 99.9."},
		{Name: "decide-on", Group: GroupCriteria, Type: enumType("estimate", "interval"), Default: "estimate", Commands: judges,
			Help: "What a criterion compares with its bound. estimate: the measured value. interval: the whole confidence interval, inconclusive when only a part of it meets the bound."},
		{Name: "baseline", Group: GroupCriteria, Type: baselineType(), Default: baselineNone, Commands: judges,
			Help: "Earlier run that .change criteria compare with. auto: newest completed gate run of the target branch. Else the UUID of a test execution, or the path of a JSON report."},
		{Name: "fail-fast", Group: GroupCriteria, Type: boolType(), Default: "false", Commands: runs, Modes: executes, Lenient: true,
			Help: "Cancel the run as soon as a criterion can no longer be met, and fail. A failed call is believed after 30 seconds."},

		{Name: "timeout", Group: GroupWaiting, Type: durationType(time.Second, 120*time.Hour), Default: "60m", Commands: runs,
			Help: "Longest time for the whole run, with a unit, up to 120h. Then the run is cancelled and the exit code is 4."},
		{Name: "poll-min-interval", Group: GroupWaiting, Type: durationType(time.Millisecond, time.Hour), Default: "2s", Commands: runs,
			Help: "Shortest wait between two looks at the execution, with a unit, 1ms to 1h."},
		{Name: "poll-max-interval", Group: GroupWaiting, Type: durationType(time.Millisecond, time.Hour), Default: "30s", Commands: runs,
			Help: "Longest wait between two looks at the execution, with a unit, 1ms to 1h."},
		{Name: "cancel-on-exit", Group: GroupWaiting, Type: boolType(), Default: "true", Commands: cancels,
			Help: "Cancel the execution that this run started when it is interrupted or times out."},

		{Name: "on-operational-error", Group: GroupPolicy, Type: enumType("fail", "warn"), Default: "fail", Commands: judges,
			Help: "What an API failure, a failed or cancelled execution, missing data or a timeout does to the job. warn: exit 0."},
		{Name: "on-inconclusive", Group: GroupPolicy, Type: enumType("fail", "warn", "pass"), Default: "fail", Commands: judges,
			Help: "What an inconclusive verdict does to the job. fail: exit 5. warn, pass: exit 0."},
		{Name: "on-missing-credentials", Group: GroupPolicy, Type: enumType("fail", "skip"), Default: "fail", Commands: calls,
			Help: "What to do when neither key is given. skip: verdict skipped, exit 0, for pull requests from forks, which see no secrets."},
		{Name: "soft-fail", Group: GroupPolicy, Type: boolType(), Default: "false", Commands: judges,
			Help: "Report everything, but exit 0 except for bad configuration. Every report shows that it is on."},

		{Name: "json-report", Group: GroupReports, Type: pathType(), Commands: judges,
			Help: "Path of the JSON report to write."},
		{Name: "junit-report", Group: GroupReports, Type: pathType(), Commands: judges,
			Help: "Path of the JUnit XML report to write."},
		{Name: "html-report", Group: GroupReports, Type: pathType(), Commands: judges,
			Help: "Path of the HTML report to write: one page that needs no network."},
		{Name: "summary-file", Group: GroupReports, Type: pathType(), Commands: judges,
			Help: "Path of the Markdown summary to write. On GitHub the job summary is written by itself."},
		{Name: "dotenv-file", Group: GroupReports, Type: pathType(), Commands: judges,
			Help: "Path of the dotenv file to write the outputs to, for GitLab's artifacts:reports:dotenv."},
		{Name: "metrics-report", Group: GroupReports, Type: pathType(), Commands: judges,
			Help: "Path of the metrics to write in OpenMetrics format, for GitLab's artifacts:reports:metrics."},
		{Name: "annotations-report", Group: GroupReports, Type: pathType(), Commands: judges,
			Help: "Path of the links to write as JSON, for GitLab's artifacts:reports:annotations."},
		{Name: "transcripts", Group: GroupReports, Type: enumType("none", "unsuccessful"), Default: "none", Commands: judges,
			Help: "Whether json-report and html-report may hold what was said. unsuccessful: the transcripts of the calls that did not succeed, which are read for that. People's words are in them. For decide: whether those of the saved report are kept."},
		{Name: "comment", Group: GroupReports, Type: enumType(string(CommentNever), string(CommentOnFailure), string(CommentAlways)), Default: string(CommentNever), Commands: run,
			Help: "Keep one comment on the pull or merge request. on-failure: write it when the verdict is no pass, and update it when it passes again."},
		{Name: "comment-key", Group: GroupReports, Type: textType(), DefaultNote: "the leg of the matrix, on GitHub; else the agent definition or the run test", Commands: run,
			ActionDefault: "${{ toJSON(matrix) }}",
			Help:          "Tells apart jobs that share a name, such as the legs of a matrix that test the same agent. Each key has a comment and runs of its own."},
		{Name: "github-token", Group: GroupReports, Type: secretType(), Secret: true, Commands: run,
			Help: "Token for the comment on GitHub, such as github.token in a job with the permission pull-requests: write."},
		{Name: "gitlab-token", Group: GroupReports, Type: secretType(), Secret: true, Commands: run,
			Help: "Token for the comment on GitLab: a project access token with the scope api. CI_JOB_TOKEN cannot write comments."},
		{Name: "pull-request", Group: GroupReports, Type: wholeType(1, math.MaxInt32), DefaultNote: "from the event", Commands: run,
			Help: "Number of the pull or merge request that the run belongs to, where the event does not tell, such as workflow_dispatch, or workflow_run for a fork. The run is then none of a branch."},
		{Name: "state-file", Group: GroupReports, Type: stateType(), DefaultNote: "a folder of the job attempt, in the temporary folder of the CI job", Commands: journal,
			Help: "Folder in which each run notes what it started, in a file of its own, for the command cleanup. A path with an extension, such as state.json, is the beginning of the files' names."},
		{Name: "log-level", Group: GroupReports, Type: enumType("debug", "info", "warn", "error"), Default: "info", Commands: all,
			Help: "How much to log. The debug mode of the CI job (RUNNER_DEBUG=1, CI_DEBUG_TRACE=true) has the effect of debug."},

		{Name: "listen", Group: GroupServer, Type: addressType(), Default: "127.0.0.1:8000", Commands: serve,
			Help: "Address and port to listen on. Port 0 takes a free one; the address is printed."},
		{Name: "story", Group: GroupServer, Type: enumType(Stories()...), Default: StoryLifelike, Commands: server,
			Help: "What becomes of the simulated calls. lifelike: most go well, some are flaky or judged badly; fail: the agent fails some, the platform loses others; lost: the platform loses some, a rerun brings back a part; missing: rows and a scenario never come; late: scores, evals and calls come after the end; error: fails before any call; empty: no calls; cancelled: by somebody else; stuck: never ends; hostile: texts that try to forge reports."},
		{Name: "seed", Group: GroupServer, Type: wholeType(0, math.MaxInt32), Default: "1", Commands: server,
			Help: "Everything that is drawn comes from this number; the same number tells the same story."},
		{Name: "dialect", Group: GroupServer, Type: enumType("deployed", "documented"), Default: "deployed", Commands: server,
			Help: "Form of the API: that of the open-source server, or that of the vendor's API documents."},
		{Name: "speed", Group: GroupServer, Type: numberType(1, 10_000), Default: "100", Commands: server,
			Help: "How many simulated seconds pass in a second."},
	}
}

// maxCallCount bounds numbers of calls: far above any run, far below overflow.
const maxCallCount = 1_000_000

// The values of platform-failures.
const (
	platformUnknown = "unknown"
	platformFailed  = "failed"
)

// The stories of the simulated API.
const (
	StoryLifelike  = "lifelike"
	StoryPass      = "pass"
	StoryFail      = "fail"
	StoryFlaky     = "flaky"
	StoryUnscored  = "unscored"
	StoryLost      = "lost"
	StoryMissing   = "missing"
	StoryLate      = "late"
	StoryError     = "error"
	StoryEmpty     = "empty"
	StoryCancelled = "cancelled"
	StoryStuck     = "stuck"
	StoryHostile   = "hostile"
)

// Stories are the values of the input story.
func Stories() []string {
	return []string{
		StoryLifelike, StoryPass, StoryFail, StoryFlaky, StoryUnscored, StoryLost, StoryMissing, StoryLate,
		StoryError, StoryEmpty, StoryCancelled, StoryStuck, StoryHostile,
	}
}
