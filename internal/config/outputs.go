package config

// Output is a result that later steps and jobs can read.
type Output struct {
	Name string // lower case, words joined by hyphens
	Help string // one line without any markup
}

// EnvName is the name of the output in the dotenv file, such as AGENT_GATE_VERDICT.
func (o Output) EnvName() string { return envPrefix + envKey(o.Name) }

// Outputs returns the table of outputs, in display order.
func Outputs() []Output {
	return []Output{
		{"verdict", "Verdict: pass, fail, inconclusive, error or skipped."},
		{"reason", "Reason for the verdict, in one sentence."},
		{"exit-code", "Exit code: 0 pass, 1 fail, 2 bad configuration, 3 no judgement possible, 4 timeout, 5 inconclusive, 130 or 143 interrupted."},
		{"run-test-id", "UUID of the run test, written as soon as it is known."},
		{"test-execution-id", "UUID of the test execution, the first if there are several, written as soon as it is known."},
		{"test-execution-ids", "UUIDs of all test executions of the run, comma-separated: reruns of a text agent and trials have executions of their own. Of a suite: those of all gates, in the order of the file."},
		{"dashboard-url", "Link to the test execution in the dashboard."},
		{"success-rate", "Success rate in percent, after reruns; empty if unknown."},
		{"pass-rate", "Pass rate in percent, after reruns; empty if unknown."},
		{"overall-score", "Mean overall score of the calls; empty if unknown."},
		{"total-calls", "Number of calls, without missing ones."},
		{"completed-calls", "Number of calls that completed."},
		{"failed-calls", "Number of calls that failed."},
		{"lost-calls", "Number of calls lost by the platform, which do not count against the agent."},
		{"flaky-calls", "Number of calls that succeeded only after a rerun."},
		{"rerun-calls", "Number of calls that were rerun."},
		{"cost-usd", "Cost of the calls in US dollars, as far as the API tells; empty if unknown."},
		{"reused", "Whether an earlier start of the same run-key paid for calls that were judged: true or false; empty if nothing was started."},
		{"gates", "Verdict of each gate of a suite, as a JSON object; in the dotenv file NAME:VERDICT, comma-separated. Empty without a suite."},
		{"json-report", "Path of the JSON report; empty if none was written."},
	}
}
