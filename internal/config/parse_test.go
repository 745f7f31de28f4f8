package config_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

const (
	apiKey    = "fi-api-0123456789abcdef"
	secretKey = "fi-secret-fedcba9876543210"

	agent     = "11111111-1111-4111-8111-111111111111"
	scenario  = "22222222-2222-4222-8222-222222222222"
	scenario2 = "33333333-3333-4333-8333-333333333333"
	runTest   = "44444444-4444-4444-8444-444444444444"
	execution = "55555555-5555-4555-8555-555555555555"
)

// keys is an environment with only the keys.
func keys(more ...string) []string {
	return append([]string{"FI_API_KEY=" + apiKey, "FI_SECRET_KEY=" + secretKey}, more...)
}

// attach are the fewest arguments of a valid run.
func attach(more ...string) []string {
	return append([]string{"--test-execution-id", execution, "--min-success-rate", "95"}, more...)
}

// parse reads a configuration that has to be valid.
func parse(t *testing.T, args, environ []string, opts config.Options) (config.Config, []string) {
	t.Helper()
	c, warnings, err := config.Parse(args, environ, opts)
	if err != nil {
		t.Fatalf("got error %v, want a valid configuration", err)
	}
	return c, lines(warnings)
}

// problems reads a configuration and returns its mistakes and warnings.
func problems(t *testing.T, args, environ []string, opts config.Options) (mistakes, warnings []string) {
	t.Helper()
	_, warned, err := config.Parse(args, environ, opts)
	if err == nil {
		return nil, lines(warned)
	}
	failure, ok := errors.AsType[*config.Error](err)
	if !ok {
		t.Fatalf("got error %v, want a *config.Error", err)
	}
	return lines(failure.Problems), lines(warned)
}

func lines(problems []config.Problem) []string {
	var all []string
	for _, p := range problems {
		all = append(all, p.String())
	}
	return all
}

func TestEveryInputReachesTheConfig(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	args := []string{
		"--api-key", apiKey, "--secret-key=" + secretKey, "--base-url", "https://API.example.com/sim/", "--dashboard-url=https://ui.example.com/",
		"--workspace-id", strings.ToUpper(runTest), "--agent-definition-id", "urn:uuid:" + agent, "--scenario-ids", scenario + "," + scenario2 + "\n" + scenario,
		"--run-name", " nightly ", "--description", "two\nlines", "--agent-version", execution, "--eval-config-ids", scenario, "--eval-config-ids", scenario2,
		"--evaluations-config", ` [ {"template_id": "` + runTest + `"} ] `, "--dataset-row-ids", scenario, "--enable-tool-evaluation=no",
		"--replay-session-id", scenario, "--simulator-id", scenario2, "--max-calls", "050", "--max-cost", "25.50", "--max-minutes", "300", "--dry-run", "--rerun-attempts", "2", "--trials", "2", "--max-trials", "4", "--run-key", " tree ", "--reuse-max-age", "2h", "--rerun-type", "EVAL_ONLY",
		"--rerun-max-calls", "3", "--new-eval-config-ids", scenario2, "--min-success-rate", "95%", "--min-overall-score", "7.50", "--criteria", "success_rate >= 90",
		"--pass-when", `eval "is_helpful" passed`, "--pass-when=duration <= 300", "--platform-failures", "Failed", "--results-wait", "90s",
		"--baseline", strings.ToUpper(execution), "--fail-fast", "--confidence", "90", "--decide-on", "interval", "--interval-for", "population", "--timeout", "90m", "--poll-min-interval", "1s", "--poll-max-interval", "10s",
		"--cancel-on-exit=off", "--on-operational-error", "warn", "--on-inconclusive", "pass", "--on-missing-credentials", "skip", "--soft-fail",
		"--json-report", dir + "/r.json", "--junit-report", dir + "/new/r.xml", "--html-report", dir + "/r.html", "--summary-file", dir + "/s.md", "--dotenv-file", dir + "/gate.env",
		"--comment", "on-failure", "--comment-key", "billing", "--github-token", "github-token-1", "--gitlab-token", "gitlab-token-1", "--allow-insecure-http",
		"--transcripts", "unsuccessful", "--state-file", dir + "/state.json", "--log-level", "debug",
		"--pull-request", "17", "--changed-files", "agents/a.py", "--changed-files", "agents/b.py", "--metrics-report", dir + "/m.txt", "--annotations-report", dir + "/a.json",
	}
	got, warnings := parse(t, args, nil, config.Options{})
	if len(warnings) != 0 {
		t.Errorf("got warnings %v, want none", warnings)
	}
	id := uuid.MustParse
	want := config.Config{
		API: config.API{
			APIKey: config.NewSecret(apiKey), SecretKey: config.NewSecret(secretKey),
			BaseURL: got.API.BaseURL, BaseURLSource: "--base-url", DashboardURL: got.API.DashboardURL, WorkspaceID: id(runTest),
		},
		Target: config.Target{
			Mode: config.ModeCreate, AgentDefinitionID: id(agent), ScenarioIDs: []uuid.UUID{id(scenario), id(scenario2)}, SimulatorID: id(scenario2),
		},
		Create: config.Create{
			RunName: "nightly", Description: "two\nlines", AgentVersion: id(execution), EvalConfigIDs: []uuid.UUID{id(scenario), id(scenario2)},
			EvaluationsConfig: []byte(`[{"template_id":"` + runTest + `"}]`), DatasetRowIDs: []uuid.UUID{id(scenario)},
			EnableToolEvaluation: new(false), ReplaySessionID: id(scenario),
		},
		Reruns:           config.Reruns{Attempts: 2, Type: calls.RerunEvalOnly, Max: kind.Amount{Calls: 3}},
		Trials:           config.Trials{Count: 2, Max: 4},
		RunKey:           config.RunKeyTree,
		ReuseMaxAge:      2 * time.Hour,
		NewEvalConfigIDs: []uuid.UUID{id(scenario2)},
		Rules: verdict.Rules{
			Set: criteria.Set{Criteria: got.Rules.Criteria, PassWhen: []criteria.Condition{
				{Line: 1, Kind: criteria.ConditionPassed, Eval: "is_helpful"},
				{Line: 2, Kind: criteria.ConditionNumber, Metric: "duration", Op: "<=", Bound: 300},
			}}, Confidence: 90, DecideOn: verdict.DecideOnInterval, IntervalFor: verdict.IntervalForPopulation, PlatformFails: true,
		},
		Baseline: config.Baseline{ExecutionID: id(execution)},
		FailFast: true,
		Waiting:  config.Waiting{Timeout: 90 * time.Minute, PollMinInterval: time.Second, PollMaxInterval: 10 * time.Second, ResultsWait: 90 * time.Second},
		Policy: config.Policy{
			Policy: verdict.Policy{WarnOnOperationalError: true, AllowInconclusive: true, SoftFail: true}, SkipWithoutCredentials: true,
		},
		Reports: config.Reports{JSON: dir + "/r.json", JUnit: dir + "/new/r.xml", HTML: dir + "/r.html", Summary: dir + "/s.md", Dotenv: dir + "/gate.env", Metrics: dir + "/m.txt", Annotations: dir + "/a.json"},
		Comment: config.Comment{
			Mode: config.CommentOnFailure, Key: "billing", InsecureHTTP: true,
			GitHubToken: config.NewSecret("github-token-1"), GitLabToken: config.NewSecret("gitlab-token-1"),
		},
		Transcripts: true,
		PullRequest: 17, ChangedFiles: "agents/a.py\nagents/b.py", Format: config.FormatText,
		MaxCalls: 50, MaxCents: 2550, MaxMinutes: 300, DryRun: true, StateFile: dir + "/state.json", LogLevel: slog.LevelDebug, Credentials: true, Listen: "127.0.0.1:8000",
		Simulation: config.Simulation{Story: config.StoryLifelike, Seed: 1, Dialect: "deployed", Speed: 100},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(config.Secret{})); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	if got, want := got.API.BaseURL.String(), "https://api.example.com/sim"; got != want {
		t.Errorf("base URL: got %s, want %s", got, want)
	}
	if got, want := got.API.DashboardURL.String(), "https://ui.example.com"; got != want {
		t.Errorf("dashboard URL: got %s, want %s", got, want)
	}
	if len(got.Rules.Criteria) != 3 {
		t.Fatalf("got %d criteria, want those of all three inputs: %+v", len(got.Rules.Criteria), got.Rules.Criteria)
	}
	for i, want := range []struct {
		metric string
		bound  float64
	}{{"success_rate", 95}, {"overall_score", 7.5}} {
		if c := got.Rules.Criteria[i]; c.Metric != want.metric || c.Bound != want.bound {
			t.Errorf("criterion %d: got %+v, want %s with bound %v", i, c, want.metric, want.bound)
		}
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	got, warnings := parse(t, attach(), keys(), config.Options{})
	if len(warnings) != 0 {
		t.Errorf("got warnings %v, want none", warnings)
	}
	want := config.Config{
		API:    config.API{APIKey: config.NewSecret(apiKey), SecretKey: config.NewSecret(secretKey), BaseURL: got.API.BaseURL, DashboardURL: got.API.DashboardURL},
		Target: config.Target{Mode: config.ModeAttach, TestExecutionID: uuid.MustParse(execution)},
		Reruns: config.Reruns{Max: kind.Amount{Percent: 25, IsShare: true}},
		Trials: config.Trials{Count: 1, Max: 1},
		RunKey: config.RunKeyAttempt, ReuseMaxAge: 24 * time.Hour,
		Rules: verdict.Rules{Set: criteria.Set{Criteria: got.Rules.Criteria}, Confidence: 95, DecideOn: verdict.DecideOnEstimate, IntervalFor: verdict.IntervalForSuite},
		Waiting: config.Waiting{
			Timeout: time.Hour, PollMinInterval: 2 * time.Second, PollMaxInterval: 30 * time.Second, ResultsWait: 10 * time.Minute, CancelOnExit: true,
		},
		Comment:  config.Comment{Mode: config.CommentNever},
		LogLevel: slog.LevelInfo, Credentials: true, Listen: "127.0.0.1:8000", Format: config.FormatText,
		Simulation: config.Simulation{Story: config.StoryLifelike, Seed: 1, Dialect: "deployed", Speed: 100},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(config.Secret{})); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	if got, want := got.API.BaseURL.String(), "https://api.futureagi.com"; got != want {
		t.Errorf("base URL: got %s, want %s", got, want)
	}
}

func TestCommentKeyOfAJobWithoutAMatrixIsNone(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"null": "", "{}": "", "${{ toJSON(matrix) }}": "", "{\n  \"agent\": \"billing\"\n}": "{\n  \"agent\": \"billing\"\n}", "nightly": "nightly",
	} {
		got, _ := parse(t, attach(), keys("INPUT_COMMENT-KEY="+given), config.Options{})
		if got.Comment.Key != want {
			t.Errorf("%q: got the key %q, want %q", given, got.Comment.Key, want)
		}
	}
}

func TestLookUpOrder(t *testing.T) {
	t.Parallel()
	// Remove the sources one by one; the next one must win.
	environ := []string{
		"INPUT_MIN-OVERALL-SCORE=2", "INPUT_MIN_OVERALL_SCORE=3", "AGENT_GATE_MIN_OVERALL_SCORE=4",
		"INPUT_BASE-URL=https://b2.example.com", "INPUT_BASE_URL=https://b3.example.com", "AGENT_GATE_BASE_URL=https://b4.example.com",
		"FI_BASE_URL=https://b5.example.com",
	}
	args := []string{"--min-overall-score=1", "--base-url=https://b1.example.com"}
	check := func(score float64, host string) {
		t.Helper()
		c, _ := parse(t, attach(args...), keys(environ...), config.Options{})
		if got := c.Rules.Criteria[len(c.Rules.Criteria)-1].Bound; score != 0 && got != score {
			t.Errorf("min-overall-score: got %v, want %v", got, score)
		}
		if got := c.API.BaseURL.Host; got != host {
			t.Errorf("base-url: got %s, want %s", got, host)
		}
	}
	blank := func(name string) {
		for i, pair := range environ {
			if strings.HasPrefix(pair, name+"=") {
				environ[i] = name + "= \t\n"
			}
		}
	}
	check(1, "b1.example.com")
	args = []string{"--min-overall-score=", "--base-url", "  "}
	check(2, "b2.example.com")
	blank("INPUT_MIN-OVERALL-SCORE")
	blank("INPUT_BASE-URL")
	check(3, "b3.example.com")
	blank("INPUT_MIN_OVERALL_SCORE")
	blank("INPUT_BASE_URL")
	check(4, "b4.example.com")
	blank("AGENT_GATE_BASE_URL")
	check(4, "b5.example.com")
	blank("FI_BASE_URL")
	check(4, "api.futureagi.com")
}

func TestBooleans(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"true": true, "TRUE": true, "yes": true, "Yes": true, "on": true, "1": true,
		"false": false, "False": false, "no": false, "OFF": false, "0": false, " ": false,
	} {
		c, _ := parse(t, attach(), keys("AGENT_GATE_SOFT_FAIL="+value), config.Options{})
		if got := c.Policy.SoftFail; got != want {
			t.Errorf("soft-fail %q: got %v, want %v", value, got, want)
		}
		if value == " " {
			continue
		}
		c, _ = parse(t, attach("--soft-fail", value, "--cancel-on-exit", value, "--timeout", "9m"), keys(), config.Options{})
		if c.Policy.SoftFail != want || c.Waiting.CancelOnExit != want || c.Waiting.Timeout != 9*time.Minute {
			t.Errorf("%q behind its flag: got soft-fail %v, cancel-on-exit %v, timeout %s", value, c.Policy.SoftFail, c.Waiting.CancelOnExit, c.Waiting.Timeout)
		}
	}
	// Any other word is not its value.
	c, _ := parse(t, []string{"--soft-fail", "report.json", "--min-success-rate=90"}, nil, config.Options{Command: config.CommandDecide})
	if !c.Policy.SoftFail || c.Argument != "report.json" {
		t.Errorf("a report behind a boolean flag: got soft-fail %v and report %q", c.Policy.SoftFail, c.Argument)
	}
}

func TestEvaluationsConfigFromAFile(t *testing.T) {
	t.Parallel()
	const content = `[{"template_id":"` + runTest + `","name":"polite","config":{},"mapping":{}}]`
	args := func(content string) []string {
		return []string{"--agent-definition-id", agent, "--scenario-ids", scenario, "--min-success-rate=1.5", "--evaluations-config", "@" + write(t, content)}
	}
	for _, saved := range []string{content, "\ufeff" + content + "\r\n"} {
		c, _ := parse(t, args(saved), keys(), config.Options{})
		if got := string(c.Create.EvaluationsConfig); got != content {
			t.Errorf("%q: got %s, want %s", saved, got, content)
		}
	}
	got, _ := problems(t, args("\xff\xfe[\x00"), keys(), config.Options{})
	if len(got) != 1 || !strings.Contains(got[0], "the text is UTF-16") {
		t.Errorf("got mistakes %q, want one of UTF-16", got)
	}
}

func TestDashboardURL(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://api.futureagi.com":      "https://app.futureagi.com",
		"https://api-us.futureagi.com/":  "https://us.futureagi.com",
		"https://api-eu.futureagi.com":   "https://eu.futureagi.com",
		"https://dev.api.futureagi.com":  "https://dev.futureagi.com",
		"http://localhost:8000":          "http://localhost:3000",
		"https://fagi.corp.example:8000": "https://fagi.corp.example:3000",
		"https://api.corp.example/v1":    "https://corp.example",
		"https://fagi.corp.example":      "https://fagi.corp.example",
		"http://[::1]:8000":              "http://[::1]:3000",
		"http://127.0.0.1:9000":          "http://127.0.0.1:9000",
	} {
		c, _ := parse(t, attach("--base-url", base), keys(), config.Options{})
		if got := c.API.DashboardURL.String(); got != want {
			t.Errorf("%s: got %s, want %s", base, got, want)
		}
	}
}

// The output dashboard-url of an earlier job has the name of the input.
func TestDashboardURLOfAnEarlierJobIsCutToTheDashboard(t *testing.T) {
	t.Parallel()
	page := "AGENT_GATE_DASHBOARD_URL=https://app.futureagi.com/dashboard/simulate/test/" + runTest + "/" + execution + "/call-details"
	c, _ := parse(t, attach(), keys(page), config.Options{})
	if got, want := c.API.DashboardURL.String(), "https://app.futureagi.com"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestMissingCredentialsCanSkip(t *testing.T) {
	t.Parallel()
	// GitLab and Azure leave the bare name of a missing variable, as in a fork.
	for _, environ := range [][]string{
		nil,
		{"AGENT_GATE_API_KEY=$FUTURE_AGI_KEY", "AGENT_GATE_SECRET_KEY=${FUTURE_AGI_SECRET}"},
		{"AGENT_GATE_API_KEY=$(FI_API_KEY)", "FI_SECRET_KEY=$(future-agi.secret)"},
	} {
		c, _ := parse(t, attach("--on-missing-credentials=skip"), environ, config.Options{})
		if c.Credentials || !c.Policy.SkipWithoutCredentials {
			t.Errorf("got credentials %v, skip %v, want none and skip", c.Credentials, c.Policy.SkipWithoutCredentials)
		}
	}
}

func TestCommandsNeedOnlyWhatTheyUse(t *testing.T) {
	t.Parallel()
	report := write(t, "{}")
	cases := []struct {
		name     string
		args     []string
		environ  []string
		opts     config.Options
		wantMode config.Mode
	}{
		{name: "demo needs no keys", args: []string{"--run-test-id", runTest, "--min-success-rate", "90"}, opts: config.Options{Command: config.CommandDemo}, wantMode: config.ModeExecute},
		{
			name: "demo brings its own target and criteria", environ: []string{"AGENT_GATE_BASE_URL=nonsense"}, wantMode: config.ModeCreate,
			opts: config.Options{Command: config.CommandDemo, Defaults: map[string]string{"agent-definition-id": agent, "scenario-ids": scenario, "criteria": "success_rate >= 80"}},
		},
		{
			name: "which give way to the user's", args: []string{"--run-test-id", runTest, "--min-success-rate", "90"}, wantMode: config.ModeExecute,
			opts: config.Options{Command: config.CommandDemo, Defaults: map[string]string{"agent-definition-id": agent, "scenario-ids": scenario, "criteria": "success_rate >= 80"}},
		},
		{name: "decide needs a report and criteria", args: []string{"--min-success-rate", "90", report, "--soft-fail"}, opts: config.Options{Command: config.CommandDecide}},
		{name: "cleanup needs keys", environ: keys("AGENT_GATE_MIN_SUCCESS_RATE=abc"), opts: config.Options{Command: config.CommandCleanup}},
		{name: "serve needs nothing", args: []string{"--listen", ":0"}, opts: config.Options{Command: config.CommandServe}},
		{name: "version needs nothing", opts: config.Options{Command: config.CommandVersion}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, warnings := parse(t, c.args, c.environ, c.opts)
			if got.Target.Mode != c.wantMode {
				t.Errorf("mode: got %q, want %q", got.Target.Mode, c.wantMode)
			}
			wantCriteria := 0
			if c.opts.Command == config.CommandDemo || c.opts.Command == config.CommandDecide {
				wantCriteria = 1
			}
			if len(got.Rules.Criteria) != wantCriteria {
				t.Errorf("criteria: got %v, want %d", got.Rules.Criteria, wantCriteria)
			}
			if len(warnings) != 0 {
				t.Errorf("got warnings %v, want none", warnings)
			}
		})
	}
}

func TestDecideKeepsItsReport(t *testing.T) {
	t.Parallel()
	got, _ := parse(t, []string{"r.json", "--min-success-rate", "90"}, nil, config.Options{Command: config.CommandDecide})
	if got.Argument != "r.json" {
		t.Errorf("got report %q, want r.json", got.Argument)
	}
}

func TestHelpAndVersionComeFirst(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]error{"-h": config.ErrHelp, "--help": config.ErrHelp, "--version": config.ErrVersion} {
		if _, _, err := config.Parse([]string{"--min-success-rate=abc", arg}, nil, config.Options{}); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", arg, err, want)
		}
	}
}

func TestBaselines(t *testing.T) {
	t.Parallel()
	file := write(t, "{}")
	for value, want := range map[string]config.Baseline{
		"none":     {},
		"":         {},
		"AUTO":     {Auto: true},
		execution:  {ExecutionID: uuid.MustParse(execution)},
		file:       {File: file},
		" " + file: {File: file},
	} {
		if got, _ := parse(t, attach("--baseline", value), keys(), config.Options{}); got.Baseline != want {
			t.Errorf("%q: got %+v, want %+v", value, got.Baseline, want)
		}
	}
	if got, _ := parse(t, attach("--baseline", "auto", "--criteria", "success_rate.change >= -5"), keys(), config.Options{}); len(got.Rules.Criteria) != 2 {
		t.Errorf("criteria %+v, want the change too", got.Rules.Criteria)
	}
	decide := func(baseline string) error {
		_, _, err := config.Parse([]string{"report.json", "--min-success-rate=95", "--baseline", baseline}, nil, config.Options{Command: config.CommandDecide})
		return err
	}
	if err := decide(file); err != nil {
		t.Errorf("decide with a report as baseline: %v", err)
	}
	for _, baseline := range []string{"auto", execution} {
		if err := decide(baseline); err == nil || !strings.Contains(err.Error(), "decide sends no request") {
			t.Errorf("decide with the baseline %s: got %v, want a refusal", baseline, err)
		}
	}
}
