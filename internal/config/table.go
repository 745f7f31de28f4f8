package config

import (
	"math"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent/spec"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Inputs returns the one table of inputs, in display order. A new input needs a row here
// and a field of the same name in settings.
func Inputs() []Input {
	var (
		run     = []Command{CommandRun, CommandStart}
		calls   = []Command{CommandRun, CommandStart, CommandInit, CommandCleanup}
		closes  = []Command{CommandRun, CommandStart, CommandCleanup}
		setup   = []Command{CommandInit}
		runs    = []Command{CommandRun, CommandStart, CommandDemo}
		starts  = []Command{CommandRun, CommandStart}
		selects = []Command{CommandRun, CommandStart, CommandPlan}
		judges  = []Command{CommandRun, CommandStart, CommandDemo, CommandDecide}
		journal = []Command{CommandRun, CommandStart, CommandCleanup}
		cancels = []Command{CommandRun, CommandDemo, CommandCleanup}
		serve   = []Command{CommandServe}
		server  = []Command{CommandDemo, CommandServe}
		all     = []Command{CommandRun, CommandStart, CommandDemo, CommandServe, CommandDecide, CommandExplain, CommandInit, CommandPlan, CommandCleanup}

		create   = []Mode{ModeCreate}
		executes = []Mode{ModeCreate, ModeExecute}
	)
	return []Input{
		{Name: "api-key", Group: GroupConnection, Type: kind.Secret(), Secret: true, Vendor: "FI_API_KEY", Commands: calls,
			Brief: "Future AGI API key (or FI_API_KEY)",
			Help:  "Future AGI API key. Store it as a CI secret: other users of the machine can see a flag."},
		{Name: "secret-key", Group: GroupConnection, Type: kind.Secret(), Secret: true, Vendor: "FI_SECRET_KEY", Commands: calls,
			Brief: "Future AGI secret key (or FI_SECRET_KEY)",
			Help:  "Future AGI secret key. Store it as a CI secret: other users of the machine can see a flag."},
		{Name: "base-url", Group: GroupConnection, Type: kind.URL("https", "http"), Default: defaultBaseURL, Vendor: "FI_BASE_URL", Commands: calls,
			Help: "URL of the API server. Must be https, unless the host is loopback or allow-insecure-http is set."},
		{Name: "allow-insecure-http", Group: GroupConnection, Type: kind.Bool(), Default: "false", Commands: append([]Command{CommandPlan}, calls...),
			Help: "Allow http to hosts other than loopback, for base-url and for the API that takes the comment. Keys and tokens are then sent unencrypted."},
		{Name: "dashboard-url", Group: GroupConnection, Type: kind.URL("https", "http"), DefaultNote: "derived from base-url", Commands: run,
			Help: "URL of the dashboard, for links in reports."},
		{Name: "workspace-id", Group: GroupConnection, Type: kind.UUID(), DefaultNote: "the key's workspace", Commands: calls,
			Help: "UUID of the workspace, sent as X-Workspace-Id."},

		{Name: "config", Group: GroupTarget, Type: kind.File(), DefaultNote: "agent-gate.yaml or .github/agent-gate.yaml, when no other input says what to run", Commands: append([]Command{CommandInit, CommandValidate, CommandPlan}, runs...),
			Brief: "or: a file with several gates (agent-gate.yaml)",
			Help:  "Suite file: several gates in one run. Its keys are the inputs."},
		{Name: "gates", Group: GroupTarget, Type: kind.Names(), DefaultNote: "all", Commands: append([]Command{CommandPlan}, runs...),
			Help: "Names of the gates of the suite file to run."},
		{Name: "changed-files", Group: GroupTarget, Type: kind.Files(), DefaultNote: "every gate runs", Commands: selects,
			Help: "Run only the gates of the suite file whose paths contain a changed file. auto: the files of the pull or merge request, asked with the comment's token, or else git's. Or a list of files, or @FILE with one file per line. Whatever is not certain runs every gate."},
		{Name: "agent-definition-id", Group: GroupTarget, Type: kind.UUID(), Commands: runs,
			Brief: "agent to test, in a new run test",
			Help:  "UUID of the agent to test. With scenario-ids, creates a run test and executes it. Give exactly one of agent-definition-id, run-test-id and test-execution-id."},
		{Name: "scenario-ids", Group: GroupTarget, Type: kind.UUIDs(), Commands: runs, Modes: executes,
			Brief: "scenarios to run",
			Help:  "UUIDs of the scenarios to run. Required with agent-definition-id; with run-test-id, a subset of its scenarios."},
		{Name: "run-test-id", Group: GroupTarget, Type: kind.PageUUID(kind.PageOfRunTest), Commands: append([]Command{CommandInit}, runs...),
			Brief: "or: an existing run test to execute",
			Help:  "UUID of an existing run test to execute, or the URL of its dashboard page."},
		{Name: "test-execution-id", Group: GroupTarget, Type: kind.PageUUID(kind.PageOfExecution), Commands: runs,
			Help: "UUID of an existing execution to wait for and judge, or the URL of its dashboard page. Places no calls except reruns."},
		{Name: "run-name", Group: GroupTarget, Type: kind.Name(), DefaultNote: "from the CI context", Commands: runs, Modes: create, Lenient: true,
			Help: "Name of the created run test, at most 255 characters, no slash. A suffix makes it unique."},
		{Name: "description", Group: GroupTarget, Type: kind.Text(), DefaultNote: "from the CI context", Commands: runs, Modes: create, Lenient: true,
			Help: "Description of the created run test."},
		{Name: "agent-version", Group: GroupTarget, Type: kind.UUID(), DefaultNote: "the active version", Commands: runs, Modes: create,
			Help: "UUID of the agent version for the created run test."},
		{Name: "eval-config-ids", Group: GroupTarget, Type: kind.UUIDs(), Commands: runs, Modes: create,
			Help: "UUIDs of existing eval configs for the created run test."},
		{Name: "evaluations-config", Group: GroupTarget, Type: kind.Evaluations(), Commands: runs, Modes: create,
			Help: "Inline eval configs for the created run test: a JSON array of objects with template_id, name, config and mapping, or @FILE to read it from a file."},
		{Name: "dataset-row-ids", Group: GroupTarget, Type: kind.UUIDs(), DefaultNote: "all rows", Commands: runs, Modes: create,
			Help: "UUIDs of the dataset rows to run. Known servers ignore this and run all rows."},
		{Name: "enable-tool-evaluation", Group: GroupTarget, Type: kind.Bool(), DefaultNote: "the server's setting", Commands: runs,
			Help: "Evaluate the agent's tool calls. Set on the created run test, or, with new-eval-config-ids, on the execution's run test."},
		{Name: "replay-session-id", Group: GroupTarget, Type: kind.UUID(), Commands: runs, Modes: create,
			Help: "UUID of a session to replay."},
		{Name: "simulator-id", Group: GroupTarget, Type: kind.UUID(), Commands: runs, Modes: executes,
			Help: "UUID of the simulator that places the calls."},

		{Name: "agent-command", Group: GroupAgent, Type: kind.Command(), Commands: runs, Modes: executes, NotInAction: true,
			Help: "Program that is the text agent to test, e.g. python agent.py. It is started once, without a shell, and answers JSON lines. agent-gate then holds the conversations. Give at most one of agent-command and agent-url. Not in the GitHub Action, whose container does not have the program: use the setup action."},
		{Name: "agent-url", Group: GroupAgent, Type: kind.Endpoint(), Commands: runs, Modes: executes,
			Help: "URL where the text agent to test answers: one POST for each turn."},
		{Name: "agent-format", Group: GroupAgent, Type: kind.Enum(spec.FormatAgentGate, spec.FormatOpenAI), Default: spec.FormatAgentGate, Commands: runs,
			Help: "What agent-url speaks. agent-gate: the same JSON as agent-command. openai: chat completions."},
		{Name: "agent-model", Group: GroupAgent, Type: kind.Text(), Default: "agent-gate", Commands: runs,
			Help: "Model named in the requests with agent-format openai."},
		{Name: "agent-header", Group: GroupAgent, Type: kind.Header(), Secret: true, Commands: runs,
			Help: "One header line for agent-url, e.g. Authorization: Bearer KEY. Store it as a CI secret: other users of the machine can see a flag."},
		{Name: "agent-ready", Group: GroupAgent, Type: kind.Duration(time.Second, time.Hour), Default: "60s", Commands: runs,
			Help: "How long the agent may take until it is ready, e.g. 2m, from 1s to 1h. Nothing is started before."},
		{Name: "concurrency", Group: GroupAgent, Type: kind.Whole(1, 25), Default: "5", Commands: runs,
			Help: "How many conversations to hold with the agent at a time, 1 to 25."},
		{Name: "turn-timeout", Group: GroupAgent, Type: kind.Duration(time.Second, 20*time.Minute), Default: "60s", Commands: runs,
			Help: "How long to wait for one answer of the agent, e.g. 90s, from 1s to 20m. Then the call has failed."},
		{Name: "max-turns", Group: GroupAgent, Type: kind.Whole(1, 500), Default: "30", Commands: runs,
			Help: "How many times the agent may answer in one conversation, 1 to 500. Then the call has failed."},

		{Name: "max-calls", Group: GroupSpending, Type: kind.Whole(1, kind.MaxCalls), DefaultNote: "no limit", Commands: runs,
			Help: "Maximum number of calls, including reruns. A run that would place more is not started, or is cancelled when it turns out to."},
		{Name: "max-cost", Group: GroupSpending, Type: kind.Number(0.01, 1_000_000), DefaultNote: "no limit", Commands: runs,
			Help: "Maximum cost of the calls in US dollars, including reruns and trials, e.g. 25. A run is not started if earlier executions say that it would cost more, and is cancelled when it turns out to."},
		{Name: "max-minutes", Group: GroupSpending, Type: kind.Number(0.01, 1_000_000), DefaultNote: "no limit", Commands: runs,
			Help: "Maximum duration of all calls together in minutes, including reruns and trials, e.g. 300. Limits like max-cost."},
		{Name: "dry-run", Group: GroupSpending, Type: kind.Bool(), Default: "false", Commands: run,
			Brief: "check and estimate, start nothing",
			Help:  "Check everything that can be read, print the plan with the estimated calls, cost and minutes, and start nothing. Exits 0, or 2 or 3 if something is wrong."},

		{Name: "rerun-attempts", Group: GroupReruns, Type: kind.Whole(0, 5), Default: "0", Commands: runs,
			Brief: "rerun calls that did not succeed, 0 to 5",
			Help:  "How many times to rerun calls that did not succeed, 0 to 5."},
		{Name: "rerun-type", Group: GroupReruns, Type: kind.Enum("auto", "call_and_eval", "eval_only"), Default: "auto", Commands: runs,
			Help: "How to rerun. auto: failed calls with call_and_eval, completed calls with missing eval results with eval_only."},
		{Name: "rerun-max-calls", Group: GroupReruns, Type: kind.Calls(), Default: defaultRerunMax, Commands: runs,
			Help: "Rerun only calls lost by the platform if more calls than this need a rerun: a number, or a percentage of all calls."},
		{Name: "new-eval-config-ids", Group: GroupReruns, Type: kind.UUIDs(), Commands: runs,
			Help: "UUIDs of eval configs of the run test to run on the finished execution before judging. Places no calls."},

		{Name: "run-key", Group: GroupTarget, Type: kind.Text(), Default: RunKeyAttempt, Commands: starts, Modes: executes, Lenient: true,
			Help: "What makes two starts the same paid run. attempt: this job attempt. run: this workflow run, so that a job that is run again judges what was paid for. tree: the git tree. Any other text: that text."},
		{Name: "reuse-max-age", Group: GroupTarget, Type: kind.Duration(time.Minute, 30*24*time.Hour), Default: "24h", Commands: starts,
			Help: "How old a finished execution that run-key finds may be, from its start, e.g. 24h, from 1m to 720h. Older ones are run anew."},

		{Name: "trials", Group: GroupTrials, Type: kind.Whole(1, 20), Default: "1", Commands: runs, Modes: executes,
			Help: "How many times to execute the run test, 1 to 20. The calls of all trials are judged together."},
		{Name: "max-trials", Group: GroupTrials, Type: kind.Whole(1, 20), DefaultNote: "as trials", Commands: runs, Modes: executes,
			Help: "With decide-on: interval, go on with further trials, one at a time and up to this many in all, only while a criterion is undecided."},

		{Name: "min-success-rate", Group: GroupCriteria, Type: kind.RatePercent(), Commands: judges,
			Help: "Minimum success rate in percent, above 0 and up to 100. Write 1 percent or less with a percent sign: 0.5%. At least one of min-success-rate, min-overall-score and criteria is required."},
		{Name: "min-overall-score", Group: GroupCriteria, Type: kind.Number(0, 10), Commands: judges,
			Help: "Minimum mean overall score of the calls, above 0 and up to 10, on the API's scale."},
		{Name: "criteria", Group: GroupCriteria, Type: kind.Lines("CRITERION", "criteria"), Commands: judges,
			Brief: "e.g. pass_rate >= 90; repeat for more",
			Help:  "Criteria, one per line, e.g. pass_rate >= 90. All must be met. A line @FILE stands for the lines of a file."},
		{Name: "pass-when", Group: GroupCriteria, Type: kind.Lines("CONDITION", "conditions"), DefaultNote: "every Pass/Fail eval passed", Commands: judges,
			Help: "When a call that succeeded counts as passed: conditions, one per line, e.g. eval \"is_helpful\" passed. All must hold. A line @FILE stands for the lines of a file."},
		{Name: "platform-failures", Group: GroupCriteria, Type: kind.Enum(platformUnknown, platformFailed), Default: platformUnknown, Commands: judges,
			Help: "How to count calls lost by the platform. unknown: neither for nor against the agent. failed: as failed."},
		{Name: "results-wait", Group: GroupCriteria, Type: kind.Duration(time.Second, 120*time.Hour), Default: "10m", Commands: runs,
			Help: "How long to wait for scores and evals that arrive after the end of the run, e.g. 10m, from 1s to 120h and within timeout. Waits only while the verdict depends on them."},
		{Name: "confidence", Group: GroupCriteria, Type: kind.Percent(50, 99.9), Default: "95", Commands: judges,
			Help: "Confidence level of the intervals in percent, 50 to 99.9."},
		{Name: "decide-on", Group: GroupCriteria, Type: kind.Enum("estimate", "interval"), Default: "estimate", Commands: judges,
			Help: "What a criterion compares with its threshold. estimate: the measured value. interval: the whole confidence interval; inconclusive if only part of it meets the threshold."},
		{Name: "interval-for", Group: GroupCriteria, Type: kind.Enum(string(verdict.IntervalForSuite), string(verdict.IntervalForPopulation)), Default: string(verdict.IntervalForSuite), Commands: judges,
			Help: "What intervals speak of. suite: these scenarios, run again. population: scenarios like these; needs at least 10 of them, none with more than 30 percent of the calls."},
		{Name: "baseline", Group: GroupCriteria, Type: kind.Baseline(), Default: kind.NoBaseline, Commands: append([]Command{CommandExplain}, judges...),
			Help: "Earlier run that .change criteria compare with. auto: the newest completed gate run of the target branch. Otherwise the UUID of a test execution, or the path of a JSON report."},
		{Name: "fail-fast", Group: GroupCriteria, Type: kind.Bool(), Default: "false", Commands: runs, Modes: executes, Lenient: true,
			Help: "Cancel the run and fail as soon as a criterion can no longer be met. A failed call counts once it has stayed failed for 30 seconds."},

		{Name: "timeout", Group: GroupWaiting, Type: kind.Duration(time.Second, 120*time.Hour), Default: "60m", Commands: runs,
			Help: "Overall timeout, e.g. 45m, up to 120h. When it expires, the run is cancelled and the exit code is 4."},
		{Name: "poll-min-interval", Group: GroupWaiting, Type: kind.Duration(time.Millisecond, time.Hour), Default: "2s", Commands: runs,
			Help: "Shortest wait between polls, e.g. 2s, from 1ms to 1h."},
		{Name: "poll-max-interval", Group: GroupWaiting, Type: kind.Duration(time.Millisecond, time.Hour), Default: "30s", Commands: runs,
			Help: "Longest wait between polls, e.g. 30s, from 1ms to 1h."},
		{Name: "cancel-on-exit", Group: GroupWaiting, Type: kind.Bool(), Default: "true", Commands: cancels,
			Help: "Cancel the execution that this run started if the run is interrupted or times out."},

		{Name: "on-operational-error", Group: GroupPolicy, Type: kind.Enum("fail", "warn"), Default: "fail", Commands: judges,
			Help: "Whether an API failure, a failed or cancelled execution, missing data or a timeout fails the job. warn: exit 0."},
		{Name: "on-inconclusive", Group: GroupPolicy, Type: kind.Enum("fail", "warn", "pass"), Default: "fail", Commands: judges,
			Help: "Whether an inconclusive verdict fails the job. fail: exit 5. warn, pass: exit 0."},
		{Name: "on-missing-credentials", Group: GroupPolicy, Type: kind.Enum("fail", "skip"), Default: "fail", Commands: closes,
			Help: "What to do if both keys are missing. skip: verdict skipped, exit 0, for pull requests from forks, which get no secrets."},
		{Name: "soft-fail", Group: GroupPolicy, Type: kind.Bool(), Default: "false", Commands: judges,
			Help: "Report everything, but exit 0 unless the configuration is invalid. Every report shows that it is on."},

		{Name: "json-report", Group: GroupReports, Type: kind.Path(), Commands: judges,
			Help: "Write a JSON report to this path."},
		{Name: "junit-report", Group: GroupReports, Type: kind.Path(), Commands: judges,
			Help: "Write a JUnit XML report to this path."},
		{Name: "html-report", Group: GroupReports, Type: kind.Path(), Commands: judges,
			Help: "Write an HTML report to this path: one self-contained page."},
		{Name: "summary-file", Group: GroupReports, Type: kind.Path(), Commands: judges,
			Help: "Write a Markdown summary to this path. The GitHub job summary is always written."},
		{Name: "dotenv-file", Group: GroupReports, Type: kind.Path(), Commands: judges,
			Help: "Write the outputs to this dotenv file, for GitLab's artifacts:reports:dotenv."},
		{Name: "metrics-report", Group: GroupReports, Type: kind.Path(), Commands: judges,
			Help: "Write metrics in OpenMetrics format to this path, for GitLab's artifacts:reports:metrics."},
		{Name: "annotations-report", Group: GroupReports, Type: kind.Path(), Commands: judges,
			Help: "Write links as JSON to this path, for GitLab's artifacts:reports:annotations."},
		{Name: "ctrf-report", Group: GroupReports, Type: kind.Path(), Commands: judges,
			Help: "Write a report in the Common Test Report Format (CTRF) to this path: a JSON file with a test for each criterion and each call."},
		{Name: "attestation-report", Group: GroupReports, Type: kind.Path(), Commands: judges,
			Help: "Write the predicate of an in-toto test-result attestation to this path, for actions/attest."},
		{Name: "report-url", Group: GroupReports, Type: kind.Page(), Commands: judges,
			Help: "URL where the HTML report will be readable. The other reports and the comment then link each call to it."},
		{Name: "transcripts", Group: GroupReports, Type: kind.Enum("none", "unsuccessful"), Default: "none", Commands: judges,
			Help: "Whether json-report and html-report include transcripts. unsuccessful: those of calls that did not succeed or not pass, and those that pulled a criterion down. May contain personal data. decide keeps a saved report's transcripts only with unsuccessful."},
		{Name: "comment", Group: GroupReports, Type: kind.Enum(string(CommentNever), string(CommentOnFailure), string(CommentAlways)), Default: string(CommentNever), Commands: run,
			Brief: "on the pull request: never, on-failure, always",
			Help:  "Keep one comment on the pull or merge request. on-failure: create it unless the verdict is pass, and update it when the gate passes again."},
		{Name: "comment-key", Group: GroupReports, Type: kind.Text(), DefaultNote: "the matrix leg on GitHub, otherwise the agent definition or the run test", Commands: run,
			ActionDefault: "${{ toJSON(matrix) }}",
			Help:          "Tells apart jobs that share a name, such as matrix legs that test the same agent. Each key has its own comment and its own runs."},
		{Name: "github-token", Group: GroupReports, Type: kind.Secret(), Secret: true, Commands: selects,
			Help: "GitHub token for the comment, e.g. github.token in a job with the permission pull-requests: write. changed-files: auto and the quarantine of a suite file only read with it."},
		{Name: "gitlab-token", Group: GroupReports, Type: kind.Secret(), Secret: true, Commands: selects,
			Help: "GitLab token for the comment: a project access token with the scope api. CI_JOB_TOKEN cannot write comments. changed-files: auto and the quarantine of a suite file only read with it."},
		{Name: "pull-request", Group: GroupReports, Type: kind.Whole(1, math.MaxInt32), DefaultNote: "from the event", Commands: selects,
			Help: "Number of the pull or merge request, if the event does not tell, e.g. workflow_dispatch, or workflow_run for a fork. The run then does not count as a run of a branch."},
		{Name: "state-file", Group: GroupReports, Type: kind.State(), DefaultNote: "a folder per job attempt, in the CI job's temporary folder", Commands: journal,
			Help: "Folder for state files, where each run records what it started, for the command cleanup. A path with an extension, e.g. state.json, is a prefix for the file names instead."},
		{Name: "log-level", Group: GroupReports, Type: kind.Enum("debug", "info", "warn", "error"), Default: "info", Commands: all,
			Help: "How much to log. The CI job's debug mode (RUNNER_DEBUG=1, CI_DEBUG_TRACE=true) implies debug."},

		{Name: "list", Group: GroupInit, Type: kind.Bool(), Default: "false", Commands: setup,
			Help: "Only print the run tests of the workspace, newest first."},
		{Name: "ci", Group: GroupInit, Type: kind.Enum("github", "gitlab"), DefaultNote: "this CI system, or that of the files in the repository", Commands: setup,
			Help: "CI system to write the workflow for."},

		{Name: "format", Group: GroupReports, Type: kind.Enum(FormatText, FormatMarkdown, FormatJSON), Default: FormatText, Commands: []Command{CommandExplain, CommandPlan},
			Help: "How to print the plan or the explanation. A plan has no Markdown."},

		{Name: "listen", Group: GroupServer, Type: kind.Address(), Default: "127.0.0.1:8000", Commands: serve,
			Help: "Address and port to listen on. Port 0 picks a free port; the address is printed."},
		{Name: "story", Group: GroupServer, Type: kind.Enum(Stories()...), Default: StoryLifelike, Commands: server,
			Help: "What happens to the simulated calls. lifelike: most go well, some are flaky or score badly; fail: the agent fails some, the platform loses others; lost: the platform loses some, a rerun recovers part of them; missing: some rows and one scenario never run; late: scores, evals and calls finish after the end; error: fails before any call; empty: no calls; cancelled: by someone else; stuck: never ends, so that the demo times out after 10 seconds; hostile: text that tries to forge reports."},
		{Name: "seed", Group: GroupServer, Type: kind.Whole(0, math.MaxInt32), Default: "1", Commands: server,
			Help: "Random seed. The same seed gives the same story."},
		{Name: "dialect", Group: GroupServer, Type: kind.Enum("deployed", "documented"), Default: "deployed", Commands: server,
			Help: "API dialect: that of the open-source server (deployed), or that of the vendor's API documentation (documented)."},
		{Name: "speed", Group: GroupServer, Type: kind.Number(1, 10_000), Default: "100", Commands: server,
			Help: "Simulated seconds per second."},
		{Name: "text", Group: GroupServer, Type: kind.Bool(), Default: "false", Commands: server,
			Help: "Simulate the API of a text agent: its customers wait for somebody to hold the conversations. demo brings a small agent along."},
	}
}

// The values of format.
const (
	FormatText     = "text"
	FormatMarkdown = "markdown" // of explain
	FormatJSON     = "json"
)

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
