package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/config"
)

// write makes a file with the content.
func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Each case is one mistake in an otherwise valid configuration.
func TestMistakes(t *testing.T) {
	t.Parallel()
	create := func(more ...string) []string {
		return append([]string{"--agent-definition-id", agent, "--scenario-ids", scenario, "--min-success-rate", "95"}, more...)
	}
	file := write(t, "{}")
	cases := []struct {
		name    string
		args    []string
		environ []string
		want    string
	}{
		// Types.
		{"a UUID that is none", attach("--workspace-id", "abc"), nil, `--workspace-id: "abc" is not a UUID, such as a758ede8-419d-4f12-9270-be81e46f4896`},
		{"a UUID between two letters", attach("--workspace-id", "x"+agent+"x"), nil, `--workspace-id: "x` + agent + `x" is not a UUID`},
		{"the nil UUID", attach("--workspace-id", "00000000-0000-0000-0000-000000000000"), nil, `--workspace-id: "00000000-0000-0000-0000-000000000000" is not a UUID`},
		{"a list with one wrong item", create("--dataset-row-ids", agent+",b"), nil, `--dataset-row-ids: "b" is not a UUID; allowed: UUIDs, separated by commas or line breaks`},
		{"a list with many wrong items", create("--dataset-row-ids", "a,b,c,d,e,f,g"), nil, `--dataset-row-ids: these are not UUIDs: "a", "b", "c", "d", "e", and 2 more`},
		{"a list of nothing", create("--dataset-row-ids", ",\n,"), nil, `--dataset-row-ids: ",\n," contains no UUID`},
		{"a percentage that is none", attach("--confidence", "high"), nil, `--confidence: "high" is not a percentage; allowed: 50 to 99.9`},
		{"a percentage out of range", attach("--confidence", "0.95"), nil, `--confidence: "0.95" is out of range; allowed: 50 to 99.9`},
		{"a rate above 100", []string{"--run-test-id", runTest, "--min-success-rate=100.1"}, nil, `--min-success-rate: "100.1" is out of range; allowed: 0 to 100`},
		{"NaN", []string{"--run-test-id", runTest, "--min-success-rate=NaN"}, nil, `--min-success-rate: "NaN" is not a percentage`},
		{"Inf", []string{"--run-test-id", runTest, "--min-overall-score=Inf"}, nil, `--min-overall-score: "Inf" is not a number`},
		{"a hexadecimal number", []string{"--run-test-id", runTest, "--min-overall-score=0x1p4"}, nil, `--min-overall-score: "0x1p4" is not a number`},
		{"a number with underscores", []string{"--run-test-id", runTest, "--min-overall-score=1_0"}, nil, `--min-overall-score: "1_0" is not a number`},
		{"a number too large for any type", []string{"--run-test-id", runTest, "--min-overall-score=" + strings.Repeat("9", 400)}, nil, `…" is out of range; allowed: 0 to 10`},
		{"a score that no call can have", []string{"--run-test-id", runTest, "--min-overall-score=75"}, nil, `--min-overall-score: "75" is out of range; allowed: 0 to 10`},
		{"a negative score", []string{"--run-test-id", runTest, "--min-overall-score", "-1"}, nil, `--min-overall-score: "-1" is out of range`},
		{"a fraction of calls", attach("--max-calls", "1.5"), nil, `--max-calls: "1.5" is not a whole number; allowed: 1 to 1000000`},
		{"a cost with a sign", attach("--max-cost", "$25"), nil, `--max-cost: "$25" is not a number; allowed: 0.01 to 1000000`},
		{"no cost at all", attach("--max-cost", "0"), nil, `--max-cost: "0" is out of range; allowed: 0.01 to 1000000`},
		{"minutes with a unit", attach("--max-minutes", "90m"), nil, `--max-minutes: "90m" is not a number; allowed: 0.01 to 1000000`},
		{"no calls at all", attach("--max-calls", "0"), nil, `--max-calls: "0" is out of range; allowed: 1 to 1000000`},
		{"a whole number too large for any type", attach("--max-calls", strings.Repeat("9", 30)), nil, `is out of range; allowed: 1 to 1000000`},
		{"too many reruns", attach("--rerun-attempts", "6"), nil, `--rerun-attempts: "6" is out of range; allowed: 0 to 5`},
		{"an amount that is none", attach("--rerun-attempts=1", "--rerun-max-calls", "few"), nil, `--rerun-max-calls: "few" is neither a number of calls nor a percentage; allowed: 0 to 1000000, or 0% to 100%`},
		{"an amount above 100%", attach("--rerun-attempts=1", "--rerun-max-calls", "101%"), nil, `--rerun-max-calls: "101%" is neither`},
		{"a duration without a unit", attach("--timeout", "90"), nil, `--timeout: "90" has no unit; write 90s or 90m`},
		{"a duration that is none", attach("--timeout", "1 hour"), nil, `--timeout: "1 hour" is not a duration, such as 90s, 20m or 1h30m`},
		{"no time at all", attach("--timeout", "0s"), nil, `--timeout: "0s" is out of range; allowed: 1s to 120h`},
		{"a negative duration", attach("--timeout", "-1m"), nil, `--timeout: "-1m" is out of range; allowed: 1s to 120h`},
		{"a boolean that is none", attach("--soft-fail=maybe"), nil, `--soft-fail: "maybe" is neither true nor false; allowed: true, false, yes, no, on, off, 1, 0`},
		{"an enumeration", attach("--on-inconclusive", "wran"), nil, `--on-inconclusive: "wran" is not allowed; allowed: fail, warn, pass; did you mean warn?`},
		{"a log level", attach("--log-level", "loud"), nil, `--log-level: "loud" is not allowed; allowed: debug, info, warn, error`},
		{"a slash in the run name", create("--run-name", "feature/x"), nil, `--run-name: "feature/x" contains a slash, which the API cannot look up in a name`},
		{"a line break in the run name", create("--run-name", "a\nb"), nil, `--run-name: "a\nb" contains a line break or another control character`},
		{"a run name that is too long", create("--run-name", strings.Repeat("ä", 256)), nil, `--run-name: the name has 256 characters; allowed: at most 255`},
		{"a run name in another encoding", create("--run-name", "caf\xe9"), nil, `--run-name: the name is not valid UTF-8`},
		{"a description in another encoding", create("--description", "caf\xe9"), nil, `--description: the text is not valid UTF-8`},

		// Eval configs.
		{"eval configs that are no JSON", create("--evaluations-config", "[{]"), nil, `--evaluations-config: the eval configs are not JSON: invalid character ']'`},
		{"eval configs that are no array", create("--evaluations-config", "{}"), nil, `--evaluations-config: the eval configs are not a JSON array of objects`},
		{"no eval configs", create("--evaluations-config", "[]"), nil, `--evaluations-config: the array of eval configs is empty`},
		{"an eval config that is no object", create("--evaluations-config", "[null]"), nil, `--evaluations-config: entry 1 of the eval configs is not an object`},
		{"an eval config without a template", create("--evaluations-config", `[{"name":"x"}]`), nil, `--evaluations-config: entry 1 of the eval configs has no template_id`},
		{"an eval config with a wrong template", create("--evaluations-config", `[{"template_id":"x"}]`), nil, `--evaluations-config: entry 1 of the eval configs: template_id "x" is not a UUID`},
		{"a file that is missing", create("--evaluations-config", "@missing.json"), nil, `--evaluations-config: cannot read "missing.json": no such file or directory`},
		{"a directory as file", create("--evaluations-config", "@."), nil, `--evaluations-config: cannot read ".": it is not a regular file`},
		{"a file that is wrong", create("--evaluations-config", "@"+file), nil, `--evaluations-config: the eval configs are not a JSON array of objects`},

		// The server.
		{"a base URL without a scheme", attach("--base-url", "api.example.com"), nil, `--base-url: "api.example.com" has no scheme; start it with https://`},
		{"a base URL with only a port", attach("--base-url", "localhost:8000"), nil, `--base-url: "localhost:8000" has no scheme; start it with https://`},
		{"a base URL of another scheme", attach("--base-url", "ftp://example.com"), nil, `--base-url: "ftp://example.com" has the scheme ftp; allowed: https, http`},
		{"a base URL without a host", attach("--base-url", "https:///x"), nil, `--base-url: "https:///x" has no valid host and port`},
		{"a base URL with a wrong port", attach("--base-url", "https://a:99999"), nil, `--base-url: "https://a:99999" has no valid host and port`},
		{"a base URL with an odd host", attach("--base-url", `https://a"><b`), nil, `has no valid host and port`},
		{"a base URL with blanks", attach("--base-url", "https://a b"), nil, `--base-url: the value is not a URL`},
		{"a base URL with a password", attach("--base-url", "https://me:hunter22@example.com"), nil, `--base-url: the URL contains a user name or password; use api-key and secret-key`},
		{"a base URL with a query", attach("--base-url", "https://example.com?token=hunter22"), nil, `--base-url: the URL contains a query or a fragment`},
		{"a base URL with a fragment", attach("--base-url", "https://example.com/#"), nil, `--base-url: the URL contains a query or a fragment`},
		{"a report URL without a scheme", attach("--report-url", "reports.example.com/r.html"), nil, `--report-url: "reports.example.com/r.html" has no scheme; start it with https://`},
		{"a report URL of another scheme", attach("--report-url", "file:///tmp/r.html"), nil, `--report-url: "file:///tmp/r.html" has the scheme file; allowed: https, http`},
		{"a report URL that is a script", attach("--report-url", "javascript:alert(1)"), nil, `--report-url: "javascript:alert(1)" has no scheme; start it with https://`},
		{"a report URL with a fragment", attach("--report-url", "https://example.com/r.html#calls"), nil, `--report-url: the URL contains a fragment (#); remove it: the links add their own`},
		{"a report URL with a password", attach("--report-url", "https://me:hunter22@example.com/r.html"), nil, `--report-url: the URL contains a user name or password, which everybody who reads the reports would see`},
		{"a report URL with blanks", attach("--report-url", "https://example.com/my report.html"), nil, `--report-url: the value is not a URL`},
		{"a report URL that is too long", attach("--report-url", "https://example.com/"+strings.Repeat("r", 500)), nil, `--report-url: the URL is longer than 500 characters`},
		{"criteria in a file that is not there", attach("--criteria", "@nowhere.txt"), nil, `--criteria: cannot read "nowhere.txt": `},
		{"plain http", attach("--base-url", "http://example.com"), nil, `--base-url: http to example.com would send the keys unencrypted; use https, or set allow-insecure-http`},
		{"plain http to what only looks like loopback", attach("--base-url", "http://127.0.0.1.example.com"), nil, `--base-url: http to 127.0.0.1.example.com would send the keys unencrypted`},
		{"the dashboard as base URL", attach("--base-url", "https://app.futureagi.com"), nil, `--base-url: app.futureagi.com is the dashboard; the API is https://api.futureagi.com`},

		// What to run.
		{"nothing to run", []string{"--min-success-rate=95"}, nil, "nothing to run: give exactly one of agent-definition-id with scenario-ids, run-test-id or test-execution-id"},
		{"scenarios without an agent", []string{"--min-success-rate=95", "--scenario-ids", scenario}, nil, "nothing to run: give exactly one of agent-definition-id with scenario-ids, run-test-id or test-execution-id; scenario-ids alone does not say which agent to test"},
		{"an agent without scenarios", []string{"--min-success-rate=95", "--agent-definition-id", agent}, nil, "scenario-ids: required with agent-definition-id"},
		{"two ways", attach("--run-test-id", runTest), nil, "more than one thing to run: --run-test-id and --test-execution-id; give exactly one"},
		{"three ways, two of them perhaps of an earlier job", create(), []string{"AGENT_GATE_RUN_TEST_ID=" + runTest, "AGENT_GATE_TEST_EXECUTION_ID=" + execution},
			"more than one thing to run: --agent-definition-id and run-test-id (from AGENT_GATE_RUN_TEST_ID) and test-execution-id (from AGENT_GATE_TEST_EXECUTION_ID); give exactly one. AGENT_GATE_RUN_TEST_ID and AGENT_GATE_TEST_EXECUTION_ID may come from an earlier job's dotenv report: in GitLab, keep it out with needs: artifacts: false or dependencies: [], or clear it before the command"},
		{"scenarios of an execution", attach("--scenario-ids", scenario), nil, "--scenario-ids: no effect with test-execution-id; remove one of the two"},
		{"an agent version of an execution", attach("--agent-version", agent), nil, "--agent-version: no effect with test-execution-id; remove one of the two"},
		{"evals of a run test", []string{"--run-test-id", runTest, "--min-success-rate=95"}, []string{"INPUT_EVAL-CONFIG-IDS=" + agent}, "eval-config-ids: no effect with run-test-id; remove one of the two"},
		{"tool evaluation that nothing is sent with", attach("--enable-tool-evaluation"), nil, "--enable-tool-evaluation: no effect with test-execution-id unless new-eval-config-ids is given; remove it"},

		{"an execution that only an earlier job left", []string{"--min-success-rate=95"}, []string{"AGENT_GATE_TEST_EXECUTION_ID=" + execution, "AGENT_GATE_VERDICT=pass"},
			"test-execution-id (from AGENT_GATE_TEST_EXECUTION_ID): it comes from an earlier job's dotenv report (AGENT_GATE_VERDICT is set too); to judge that job's execution again, pass test-execution-id as a flag; otherwise, in GitLab, keep it out with needs: artifacts: false or dependencies: [], or clear it before the command"},
		{"the page of a run test for an execution", []string{"--min-success-rate=95", "--test-execution-id", "https://app.futureagi.com/dashboard/simulate/test/" + runTest + "/runs"}, nil, "…\" is the page of a run test, not of an execution; open the execution, or give its UUID"},
		{"another page", []string{"--min-success-rate=95", "--run-test-id", "https://app.futureagi.com/dashboard/develop"}, nil, `--run-test-id: "https://app.futureagi.com/dashboard/develop" is not the dashboard URL of a run test or an execution; give the UUID`},

		// Text agents.
		{"two agents", create("--agent-command", "python agent.py", "--agent-url", "https://agent.example.com"), nil, "--agent-url: only one of agent-command and agent-url can be given: an agent answers in one place"},
		{"an agent for an execution", attach("--agent-command", "python agent.py"), nil, "--agent-command: no effect with test-execution-id; remove one of the two"},
		{"a program in the container of the action", create("--agent-command", "python agent.py"), []string{"GITHUB_ACTIONS=true", "GITHUB_WORKSPACE=/github/workspace"}, "--agent-command: the action runs in a container, which does not have your program; use the setup action (agent-gate/agent-gate/setup) and run agent-gate in a step, or agent-url"},
		{"an endpoint for an execution", attach("--agent-url", "https://agent.example.com"), nil, "--agent-url: no effect with test-execution-id; remove one of the two"},
		{"a format of a command", create("--agent-command", "python agent.py", "--agent-format", "openai"), nil, "--agent-format: no effect without agent-url; remove it"},
		{"a model without an endpoint", create("--agent-model", "gpt"), nil, "--agent-model: no effect without agent-url; remove it"},
		{"a header of a command", create("--agent-command", "python agent.py", "--agent-header", "X-Key: hunter22"), nil, "--agent-header: no effect without agent-url; remove it"},
		{"a command with an open quote", create("--agent-command", "python 'agent.py"), nil, "--agent-command: the command cannot be split into words: a single quote (') is not closed"},
		{"an endpoint of another scheme", create("--agent-url", "ws://agent.example.com"), nil, "--agent-url: the value is not the address of an agent: it has to begin with http:// or https://"},
		{"an endpoint with an odd host", create("--agent-url", `https://a"><b`), nil, "--agent-url: the value is not the address of an agent: it has no valid host and port"},
		{"an endpoint with a fragment", create("--agent-url", "https://agent.example.com/chat#top"), nil, "--agent-url: the value is not the address of an agent: it has a fragment, which is never sent"},
		{"the length of what is sent", create("--agent-url", "https://agent.example.com", "--agent-header", "Content-Length: 3"), nil, "--agent-header: the value (not shown) is not a header line, such as Authorization: Bearer KEY: the name before the colon is that of a header which each request sets itself"},
		{"the form of what is sent", create("--agent-url", "https://agent.example.com", "--agent-header", "transfer-encoding: chunked"), nil, "--agent-header: the value (not shown) is not a header line"},
		{"another host", create("--agent-url", "https://agent.example.com", "--agent-header", "Host: a.example.com"), nil, "--agent-header: the value (not shown) is not a header line"},
		{"the connection", create("--agent-url", "https://agent.example.com", "--agent-header", "Connection: keep-alive"), nil, "--agent-header: the value (not shown) is not a header line"},
		{"a header without a colon", create("--agent-url", "https://agent.example.com", "--agent-header", "hunter22"), nil, "--agent-header: the value (not shown) is not a header line, such as Authorization: Bearer KEY: it has no colon"},
		{"a header without a value", create("--agent-url", "https://agent.example.com", "--agent-header", "X-Key:"), nil, "--agent-header: the value (not shown) is not a header line, such as Authorization: Bearer KEY: it has no value"},
		{"a header in quotes", create("--agent-url", "https://agent.example.com", "--agent-header", "'X-Key: hunter22'"), nil, "--agent-header: the value (not shown) is in quotes; remove them"},
		{"a header over plain http", create("--agent-url", "http://agent.example.com", "--agent-header", "X-Key: hunter22"), nil, "--agent-header: http to agent.example.com would send it unencrypted; use https, or set allow-insecure-http"},
		{"too many conversations at a time", create("--agent-command", "a", "--concurrency", "26"), nil, `--concurrency: "26" is out of range; allowed: 1 to 25`},
		{"a simulator for chats", create("--agent-url", "https://agent.example.com", "--simulator-id", agent), nil, "--simulator-id: no effect with agent-url: the API takes no simulator for chats; remove it"},

		// The network.
		{"a proxy with a password that is not escaped", attach(), []string{"HTTPS_PROXY=http://ci:hunter2%ss@127.0.0.1:9"}, "HTTPS_PROXY: the value (not shown) is not a proxy URL"},
		{"a proxy with a blank", attach(), []string{"https_proxy=http://ci:hunter2 x@127.0.0.1:9"}, "https_proxy: the value (not shown) is not a proxy URL"},
		{"a proxy of a kind that there is not", attach(), []string{"HTTP_PROXY=ftp://127.0.0.1:9"}, "HTTP_PROXY: the value (not shown) is not a proxy URL"},
		{"a proxy without a host", attach(), []string{"http_proxy=http://"}, "http_proxy: the value (not shown) is not a proxy URL"},
		{"a proxy for all that is none", attach(), []string{"ALL_PROXY=http://%zz@x"}, "ALL_PROXY: the value (not shown) is not a proxy URL"},

		// Keys.
		{"a key in quotes", attach(), []string{`AGENT_GATE_GITHUB_TOKEN="ghs-12345"`}, "github-token (from AGENT_GATE_GITHUB_TOKEN): the value (not shown) is in quotes; remove them"},
		{"a line of a file of variables", attach(), []string{"AGENT_GATE_GITHUB_TOKEN=GITHUB_TOKEN=ghs-12345"}, "github-token (from AGENT_GATE_GITHUB_TOKEN): the value (not shown) has the form NAME=key; store only the key"},
		{"the path of a file", attach(), []string{"AGENT_GATE_GITHUB_TOKEN=" + file}, "github-token (from AGENT_GATE_GITHUB_TOKEN): the value (not shown) is the path of a file; give its contents"},
		{"the path of a file elsewhere", attach(), []string{"AGENT_GATE_GITHUB_TOKEN=/run/secrets/token"}, "github-token (from AGENT_GATE_GITHUB_TOKEN): the value (not shown) is the path of a file"},

		// Criteria.
		{"no criteria", []string{"--run-test-id", runTest}, nil, "no criteria given; set at least one of min-success-rate, min-overall-score, criteria"},
		{"criteria of comments", []string{"--run-test-id", runTest, "--criteria", "# later\n"}, nil, "--criteria: it contains no criterion, only comments and blank lines"},
		{"a criterion that cannot be read", attach("--criteria", "success_rate >= 95\nsucces_rate >= 9"), nil, "--criteria: line 2: succes_rate >= 9: "},
		{"a criterion that a comment hides", attach("--criteria", "failed_calls <= 2 # and overall_score >= 7"), nil, "--criteria: line 1: failed_calls <= 2 # and overall_score >= 7: the comment hides the criterion overall_score >= 7; write each criterion on its own line"},
		{"a character that cannot be seen", attach("--criteria", "failed_calls <= 2\u200b"), nil, "--criteria: line 1: failed_calls <= 2<U+200B>: character 18 of the line is the invisible U+200B (zero width space): delete it"},
		{"a part of one in a criterion", attach("--criteria", "each scenario: pass_rate >= 0.9"), nil, "--criteria: line 1: each scenario: pass_rate >= 0.9: 0.9 means 0.9 percent: write 90 for 90 percent, or 0.9% if that is meant"},
		{"a part of one as rate", []string{"--run-test-id", runTest, "--min-success-rate", "0.57"}, nil, "--min-success-rate: 0.57 means 0.57 percent: write 57 for 57 percent, or 0.57% if that is meant"},
		{"one as rate", []string{"--run-test-id", runTest}, []string{"AGENT_GATE_MIN_SUCCESS_RATE=1.0"}, "min-success-rate (from AGENT_GATE_MIN_SUCCESS_RATE): 1 means 1 percent: write 100 for 100 percent, or 1% if that is meant"},
		{"a rate that every run meets", []string{"--run-test-id", runTest, "--min-success-rate", "0"}, nil, "--min-success-rate: success_rate >= 0: every value meets it: success_rate is 0 to 100"},
		{"a score that every run meets", []string{"--run-test-id", runTest, "--min-overall-score", "0"}, nil, "--min-overall-score: overall_score >= 0: every value meets it: overall_score is 0 to 10"},
		{"a criterion that no run meets", attach("--criteria", "duration < 0"), nil, "--criteria: line 1: duration < 0: no value meets it: duration is 0 or more; did you mean duration <= 0?"},
		{"a criterion that excludes an input", attach("--criteria", "success_rate <= 90"), nil, "--criteria: line 1: success_rate <= 90: nothing can meet both this and min-success-rate, success_rate >= 95"},
		{"a condition that cannot be read", attach("--pass-when", "\neval x pased"), nil, "--pass-when: line 1: eval x pased: "},
		{"conditions of comments", attach("--pass-when", "# later\n"), nil, "--pass-when: it contains no condition, only comments and blank lines"},
		{"a condition that every call meets", attach("--pass-when", "duration >= 0"), nil, "--pass-when: line 1: duration >= 0: every value meets it: duration is 0 or more; did you mean duration > 0?"},
		{"a condition in another encoding", attach("--pass-when", "eval caf\xe9 passed"), nil, "--pass-when: the conditions are not valid UTF-8"},
		{"lost calls that are something else", attach("--platform-failures", "ignored"), nil, `--platform-failures: "ignored" is not allowed; allowed: unknown, failed`},
		{"a wait without a unit", attach("--results-wait", "10"), nil, `--results-wait: "10" has no unit; write 10s or 10m`},
		{"no wait at all", attach("--results-wait", "0s"), nil, `--results-wait: "0s" is out of range; allowed: 1s to 120h`},
		{"a change without a baseline", attach("--criteria", "success_rate.change >= -5"), nil, "--criteria: line 1: .change needs a baseline, but the input baseline is none"},
		{"a change with the baseline none", attach("--criteria", "success_rate.change >= -5", "--baseline", "None"), nil, "--criteria: line 1: .change needs a baseline, but the input baseline is none"},
		{"a baseline that is nothing", attach("--baseline", "atuo"), nil, `--baseline: "atuo" is not none, auto, the UUID of a test execution or a readable JSON report (no such file or directory); did you mean auto?`},
		{"a directory as baseline", attach("--baseline", "."), nil, `--baseline: "." is not a regular file; give a JSON report`},
		{"a baseline with a line break", attach("--baseline", "a\nb"), nil, `--baseline: "a\nb" contains a line break or another control character`},
		{"a baseline by name under another name", create("--baseline", "auto", "--run-name", "mine"), nil, "--baseline: auto finds runs by the name made from the CI context, which run-name replaces; remove run-name, or give the UUID of a test execution or a JSON report"},
		{"a summary over the baseline", attach("--baseline", file, "--summary-file", file), nil, "is also the path of the baseline; use a different path for each"},

		// Waiting and paths.
		{"polling bounds that cross", attach("--poll-min-interval", "1m"), nil, "--poll-min-interval: 1m is longer than poll-max-interval, which is 30s (the default)"},
		{"a directory as report", attach("--json-report", "."), nil, `--json-report: "." is a directory; give a file`},
		{"a path that names a directory", attach("--json-report", "out/"), nil, `--json-report: "out/" is a directory; give a file`},
		{"a path below a file", attach("--json-report", file+"/r.json"), nil, "is not a directory"},
		{"a path with a line break", attach("--json-report", "a\nb"), nil, `--json-report: "a\nb" contains a line break or another control character`},
		{"two reports in one file", attach("--json-report", "out/r", "--summary-file", "./out/../out/r"), nil, `--summary-file: "./out/../out/r" is also the path of json-report; use a different path for each`},

		// Flags.
		{"an unknown flag", attach("--min-sucess-rate=90"), nil, `unknown flag "--min-sucess-rate"; did you mean --min-success-rate?`},
		{"a part of a flag", attach("--success-rate", "90"), nil, `unknown flag "--success-rate"; did you mean --min-success-rate?`},
		{"underscores in a flag", attach("--soft_fail"), nil, `unknown flag "--soft_fail"; did you mean --soft-fail?`},
		{"one dash", attach("-soft-fail"), nil, `unknown flag "-soft-fail"; did you mean --soft-fail?`},
		{"a negated flag", attach("--no-cancel-on-exit"), nil, `unknown flag "--no-cancel-on-exit"; did you mean --cancel-on-exit=false?`},
		{"a flag that is no input", attach("--webhook-url"), nil, `unknown flag "--webhook-url"`},
		{"a flag without its value", attach("--timeout"), nil, "--timeout: the flag needs a value"},
		{"a flag in place of a value", attach("--run-name", "--soft-fail"), nil, "--run-name: the flag needs a value"},
		{"a flag given twice", attach("--timeout=1m", "--timeout=2m", "--timeout=3m"), nil, "--timeout: the flag is given more than once"},
		{"a flag of another command", attach("--listen=:1"), nil, "--listen: the command run does not take this flag"},
		{"a boolean word without a flag", attach("--timeout=1m", "true"), nil, `unexpected argument "true": a boolean value belongs to its flag, e.g. --soft-fail=true`},
		{"two values of a boolean", attach("--soft-fail", "yes", "no"), nil, `unexpected argument "no": a boolean value belongs to its flag, e.g. --soft-fail=no`},
		{"a command that is misspelt", append([]string{"decied"}, attach()...), nil, `unexpected argument "decied"; did you mean the command decide, before the flags?`},
		{"a command named twice", attach("run"), nil, `unexpected argument "run": name the command once, before the flags`},
		{"an argument", attach("something"), nil, "unexpected argument (not shown, it may be a secret): run takes only flags"},
		{"an argument after two dashes", attach("--", "--soft-fail"), nil, "unexpected argument (not shown, it may be a secret): run takes only flags"},

		// Names in the environment.
		{"an unknown input of the action", attach(), []string{"GITHUB_ACTIONS=true", "INPUT_MIN-SUCESS-RATE=90"}, `unknown input "min-sucess-rate" (environment variable "INPUT_MIN-SUCESS-RATE"); did you mean min-success-rate?`},
		{"an input of the action that is none", attach(), []string{"GITHUB_ACTIONS=true", "GITHUB_WORKSPACE=/github/workspace", "INPUT_WEBHOOK-URL=x"}, `unknown input "webhook-url" (environment variable "INPUT_WEBHOOK-URL")`},
		{"a misspelt input of a job elsewhere", attach(), []string{"INPUT_MIN_SUCESS_RATE=90"}, `unknown input "min-sucess-rate" (environment variable "INPUT_MIN_SUCESS_RATE"); did you mean INPUT_MIN_SUCCESS_RATE?`},
		{"an input of lower case elsewhere", attach(), []string{"input_max-calls=9"}, `unknown input "max-calls" (environment variable "input_max-calls"); did you mean INPUT_MAX_CALLS?`},
		{"a comment of a mode that there is not", attach("--comment=sometimes"), nil, `--comment: "sometimes" is not allowed; allowed: never, on-failure, always`},
		{"a token with a line break", attach(), []string{"AGENT_GATE_GITHUB_TOKEN=ghs-not\nshown"}, "github-token (from AGENT_GATE_GITHUB_TOKEN): the value (not shown) contains a space"},
		{"a misspelt variable", attach(), []string{"AGENT_GATE_MIN_SUCESS_RATE=90"}, `unknown input "min-sucess-rate" (environment variable "AGENT_GATE_MIN_SUCESS_RATE"); did you mean AGENT_GATE_MIN_SUCCESS_RATE?`},
		{"a variable with hyphens", attach(), []string{"AGENT_GATE_MIN-SUCCESS-RATE=90"}, `unknown input "min-success-rate" (environment variable "AGENT_GATE_MIN-SUCCESS-RATE"); did you mean AGENT_GATE_MIN_SUCCESS_RATE?`},
		{"a variable of lower case", attach(), []string{"agent_gate_timeout=1m"}, `unknown input "timeout" (environment variable "agent_gate_timeout"); did you mean AGENT_GATE_TIMEOUT?`},

		// The name as the user gave it.
		{"an input of the action", attach(), []string{"INPUT_MAX-CALLS=many"}, `max-calls: "many" is not a whole number`},
		{"an input with underscores", attach(), []string{"INPUT_MAX_CALLS=many"}, `max-calls (from INPUT_MAX_CALLS): "many" is not a whole number`},
		{"a variable", attach(), []string{"AGENT_GATE_MAX_CALLS=many"}, `max-calls (from AGENT_GATE_MAX_CALLS): "many" is not a whole number`},
		{"a variable of the vendor", attach(), []string{"FI_BASE_URL=nowhere"}, `base-url (from FI_BASE_URL): "nowhere" has no scheme`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, _ := problems(t, c.args, keys(c.environ...), config.Options{})
			if len(got) != 1 || !strings.Contains(got[0], c.want) {
				t.Errorf("got mistakes\n%s\nwant one with\n%s", strings.Join(got, "\n"), c.want)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		args    []string
		environ []string
		want    string
	}{
		{"a name for nothing", attach("--run-name", "x"), nil, "--run-name: no effect with test-execution-id"},
		{"words that nobody will see", attach("--transcripts", "unsuccessful", "--junit-report", "r.xml"), nil, "--transcripts: no effect without json-report or html-report, which contain the transcripts"},
		{"a rerun type without reruns", attach("--rerun-type", "eval_only"), nil, "--rerun-type: no effect, because rerun-attempts is 0"},
		{"keys in the open", attach("--base-url", "http://fagi.internal", "--allow-insecure-http"), nil, "--base-url: the keys are sent to fagi.internal unencrypted"},
		{"a variable of the user's own", attach(), []string{"AGENT_GATE_ENABLED=1"}, `ignoring the environment variable "AGENT_GATE_ENABLED", which is not an input`},
		{
			"an execution of an earlier job beside one's own", []string{"--min-success-rate", "95", "--run-test-id", runTest}, []string{"AGENT_GATE_TEST_EXECUTION_ID=" + execution, "AGENT_GATE_VERDICT=pass"},
			"test-execution-id (from AGENT_GATE_TEST_EXECUTION_ID): ignored: it comes from an earlier job's dotenv report (AGENT_GATE_VERDICT is set too)",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, got := parse(t, c.args, keys(c.environ...), config.Options{})
			if diff := cmp.Diff([]string{c.want}, got); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestARateOfOnePercentOrLessTakesTheSign(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]float64{"1%": 1, "0.95 %": 0.95, "100%": 100, "1.01": 1.01} {
		c, warnings := parse(t, []string{"--run-test-id", runTest, "--min-success-rate", value, "--criteria", "flaky_rate <= 0.5%"}, keys(), config.Options{})
		if got := c.Rules.Criteria[0].Bound; got != want || len(warnings) != 0 {
			t.Errorf("%s: got the bound %v and warnings %v, want %v and none", value, got, warnings, want)
		}
	}
}

func TestAMistakeInACriterionShowsNoKey(t *testing.T) {
	t.Parallel()
	for _, criteria := range []string{"success_rate >= 0.9 # " + secretKey, "succes_rate >= 9 # " + secretKey} {
		got, _ := problems(t, attach("--criteria", criteria), keys(), config.Options{})
		want := []string{"--criteria: a line is invalid (not shown, because the input contains a key)"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", criteria, diff)
		}
	}
}

func TestNamesThatAreNoMistake(t *testing.T) {
	t.Parallel()
	environ := []string{
		"GITHUB_ACTIONS=true", "GITHUB_WORKSPACE=/github/workspace", "INPUT_ARGS=run", "INPUT_ENTRYPOINT=/agent-gate", "INPUT_WEBHOOK-URL=", "AGENT_GATE_MIN_SUCESS_RATE= ",
		"AGENT_GATE_LISTEN=:1", "OTHER=1", "PATH=/bin", "=odd", "odd",
	}
	for _, o := range config.Outputs() {
		if !slices.Contains([]string{"run-test-id", "test-execution-id", "dashboard-url", "json-report"}, o.Name) {
			environ = append(environ, o.EnvName()+"=1")
		}
	}
	if _, got := parse(t, attach(), keys(environ...), config.Options{}); len(got) != 0 {
		t.Errorf("got warnings %v, want none", got)
	}
	// Other tools set INPUT_ variables too, outside GitHub. Those close to an input of another
	// command, such as STORE to story, are not a mistake for run.
	others := keys("INPUT_SOMETHING=1", "INPUT_VERSION=2", "INPUT_NAME=x", "INPUT_STORE=x", "INPUT_HELPER=x", "INPUT_TOKEN=x")
	if _, got := parse(t, attach(), others, config.Options{}); len(got) != 0 {
		t.Errorf("got warnings %v, want none", got)
	}
	// So do workflow steps that pass on inputs of their own.
	step := append(others, "GITHUB_ACTIONS=true", "GITHUB_WORKSPACE=/home/runner/work/bot/bot", "INPUT_TARGET=prod", "INPUT_IMAGE-TAG=1.2")
	if _, got := parse(t, attach(), step, config.Options{}); len(got) != 0 {
		t.Errorf("in a run step: got warnings %v, want none", got)
	}
}

func TestCommandsThatDoNotJudgeOnlyWarnOfUnknownNames(t *testing.T) {
	t.Parallel()
	for _, command := range []config.Command{config.CommandCleanup, config.CommandServe} {
		_, got := parse(t, nil, keys("GITHUB_ACTIONS=true", "GITHUB_WORKSPACE=/github/workspace", "INPUT_WEBHOOK-URL=x"), config.Options{Command: command})
		if want := []string{`unknown input "webhook-url" (environment variable "INPUT_WEBHOOK-URL")`}; !slices.Equal(got, want) {
			t.Errorf("%s: got warnings %v, want %v", command, got, want)
		}
	}
}

func TestMissingKeys(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		args    []string
		environ []string
		want    []string
	}{
		{"both", attach(), nil, []string{
			"api-key: the key is missing; set FI_API_KEY or AGENT_GATE_API_KEY, or the input api-key; pull requests from forks get no secrets; on-missing-credentials: skip lets them pass as skipped",
			"secret-key: the key is missing; set FI_SECRET_KEY or AGENT_GATE_SECRET_KEY, or the input secret-key; pull requests from forks get no secrets; on-missing-credentials: skip lets them pass as skipped",
		}},
		{"one, which is no reason to skip", attach("--on-missing-credentials=skip"), []string{"FI_API_KEY=" + apiKey}, []string{
			"secret-key: the key is missing; set FI_SECRET_KEY or AGENT_GATE_SECRET_KEY, or the input secret-key",
		}},
		{"a variable that does not exist", attach(), []string{"FI_API_KEY=" + apiKey, "AGENT_GATE_SECRET_KEY=$FUTURE_AGI_SECRET"}, []string{
			"secret-key: the key is missing; set FI_SECRET_KEY or AGENT_GATE_SECRET_KEY, or the input secret-key; AGENT_GATE_SECRET_KEY contains the name of a variable that does not exist",
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, _ := problems(t, c.args, c.environ, config.Options{})
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("mistakes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecideNeedsOneReport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for want, args := range map[string][]string{
		"decide needs an argument: agent-gate decide REPORT.json":                                     nil,
		fmt.Sprintf("decide needs a file; %q is a directory", dir):                                    {dir},
		"unexpected argument (not shown, it may be a secret): decide takes flags and one REPORT.json": {"a.json", "b.json"},
	} {
		got, _ := problems(t, append(args, "--min-success-rate=9"), nil, config.Options{Command: config.CommandDecide})
		if diff := cmp.Diff([]string{want}, got); diff != "" {
			t.Errorf("mistakes (-want +got):\n%s", diff)
		}
	}
}

// A later GitLab job can judge the report of an earlier one. It inherits the path in a variable
// with the name of the input.
func TestDecideMayReplaceTheReportItJudges(t *testing.T) {
	t.Parallel()
	_, got := parse(t, []string{"gate.json", "--min-success-rate=9"}, []string{"AGENT_GATE_JSON_REPORT=gate.json"}, config.Options{Command: config.CommandDecide})
	if want := []string{`json-report (from AGENT_GATE_JSON_REPORT): "gate.json" is the report being judged; its verdict will be overwritten`}; !slices.Equal(got, want) {
		t.Errorf("got warnings %v, want %v", got, want)
	}
	mistakes, _ := problems(t, []string{"gate.json", "--min-success-rate=9", "--junit-report=gate.json"}, nil, config.Options{Command: config.CommandDecide})
	if want := []string{`--junit-report: "gate.json" is also the path of the report to judge; use a different path for each`}; !slices.Equal(mistakes, want) {
		t.Errorf("got mistakes %v, want %v", mistakes, want)
	}
}

func TestAllMistakesAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	args := []string{
		"--unknown", "--workspace-id=w", "--run-test-id=r", "--test-execution-id=t", "--min-success-rate=150", "--criteria=nonsense\nmore nonsense\nfailed_calls < 0", "--pass-when=nothing\noverall_score > 10",
		"--timeout=1", "--poll-min-interval=1h", "--soft-fail=perhaps", "--json-report=a", "--junit-report=a", "--base-url=http://example.com",
	}
	_, _, err := config.Parse(args, []string{"GITHUB_ACTIONS=true", "INPUT_TIMOUT=1m", "FI_API_KEY=a b"}, config.Options{})
	if err == nil {
		t.Fatal("got no error")
	}
	got := err.Error()
	if want := "bad configuration, 19 problems:\n"; !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant it to start with\n%s", got, want)
	}
	for _, want := range []string{
		`unknown flag "--unknown"`, `unknown input "timout"`, "api-key (from FI_API_KEY)", "secret-key: the key is missing", "--workspace-id", "--run-test-id: ",
		"--test-execution-id: ", "more than one thing to run", "--min-success-rate", "--criteria: line 3: failed_calls < 0: no value meets it", "--pass-when: line 1", "--pass-when: line 2: overall_score > 10: no value", "--timeout", "--poll-min-interval: 1h is longer", "--soft-fail", "--junit-report", "--base-url",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant a mistake with %s", got, want)
		}
	}
}

// After mistakes, main still masks the keys and writes the reports.
func TestMistakesLeaveKeysAndReportPaths(t *testing.T) {
	t.Parallel()
	c, _, err := config.Parse([]string{"--json-report=r.json", "--timeout=x"}, keys(), config.Options{})
	if err == nil {
		t.Fatal("got no error")
	}
	if c.API.APIKey.Reveal() != apiKey || c.API.SecretKey.Reveal() != secretKey || c.Reports.JSON != "r.json" {
		t.Errorf("got keys %v and report %q, want both keys and r.json", c.Credentials, c.Reports.JSON)
	}
}

// A value that could forge a workflow command or a log line is neutralised.
func TestMistakesAreOneHarmlessLineEach(t *testing.T) {
	t.Parallel()
	nasty := "x\n::error::forged\r\x1b[31m##[error]forged\u202e"
	_, _, err := config.Parse([]string{"--run-name", nasty, "--" + nasty, "--timeout", nasty}, keys("AGENT_GATE_"+nasty+"=1"), config.Options{})
	if err == nil {
		t.Fatal("got no error")
	}
	for line := range strings.Lines(err.Error()) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.ContainsAny(line, "\r\x1b\u202e") {
			t.Errorf("got line %q, want it neutralised", line)
		}
	}
}
