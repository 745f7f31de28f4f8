package config

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"github.com/sethvargo/go-envconfig"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Options says which command to read inputs for.
type Options struct {
	// Command is the command; [CommandRun] when empty.
	Command Command
	// Defaults are values by input name that replace the table's defaults. The command
	// demo brings its agent, scenarios and criteria this way. They are validated like
	// user input. As soon as the user gives one of the inputs for what to run, all
	// defaults for those are dropped, and likewise for the criteria.
	Defaults map[string]string
	// TryWrite checks that a file can be written, or appended to, without changing it.
	// Commands that place calls check every file they will write. Nil checks none.
	TryWrite func(path string, appended bool) error
	// Suite is set when the inputs are those of a suite or of one of its gates.
	Suite *SuiteOptions
}

// Parse reads the inputs of a command from its arguments (without the command's name) and
// from the environment, in the form of os.Environ. Each input comes from its flag, else
// from INPUT_MIN-SUCCESS-RATE, INPUT_MIN_SUCCESS_RATE, AGENT_GATE_MIN_SUCCESS_RATE or the
// vendor's name, else from its default. Blank values count as absent.
//
// The error is an [*Error] with all mistakes, or [ErrHelp], [ErrHelpAll] or
// [ErrVersion] if the arguments ask for that. With an [*Error] the Config still has what could be read, so
// that keys can be masked and reports written; do not run anything with it. The second
// result is the warnings. Neither contains a credential.
func Parse(args, environ []string, opts Options) (Config, []Problem, error) {
	command := cmp.Or(opts.Command, CommandRun)
	inputs, env := Inputs(), environment(environ)
	secrets := secretValues(inputs, args, env)
	if opts.Suite != nil {
		secrets = append(secrets, opts.Suite.Secrets...)
	}
	f := &findings{redactor: newRedactor(secrets)}
	got, err := parseArguments(args, command, inputs, f)
	if err != nil {
		return Config{}, nil, err
	}
	argument := checkPositional(got.positional, command, f)
	s := &sources{
		command: command, inputs: inputs, flags: got.flags, env: env, defaults: opts.Defaults,
		findings: f, broken: map[string]bool{}, try: opts.TryWrite, suite: opts.Suite,
	}
	s.checkEnvironment()
	var values settings
	if err := envconfig.ProcessWith(context.Background(), &envconfig.Config{
		Target: &values, Lookuper: s, DefaultNoInit: true,
	}); err != nil {
		return Config{}, f.warnings, fmt.Errorf("decode inputs: %s", f.hide(err.Error()))
	}
	c := s.assemble(values, argument)
	return c, f.warnings, f.err()
}

// assemble turns settings into a Config and checks inputs against each other. Argument
// is that of the command.
func (s *sources) assemble(v settings, argument string) Config {
	c := Config{
		API:              s.api(v),
		Target:           s.target(v),
		Create:           create(v),
		Agent:            s.agent(v),
		Reruns:           s.reruns(v),
		Trials:           s.trials(v),
		RunKey:           strings.TrimSpace(v.RunKey),
		ReuseMaxAge:      v.ReuseMaxAge,
		Rules:            s.rules(v),
		Baseline:         s.baseline(v),
		FailFast:         v.FailFast,
		NewEvalConfigIDs: v.NewEvalConfigIDs,
		Waiting:          s.waiting(v),
		Policy:           policy(v),
		Reports:          reportPaths(v),
		Transcripts:      s.transcripts(v),
		Comment:          comment(v),
		PullRequest:      v.PullRequest,
		ChangedFiles:     v.ChangedFiles,
		MaxCalls:         v.MaxCalls,
		MaxCents:         100 * v.MaxCost,
		MaxMinutes:       v.MaxMinutes,
		DryRun:           v.DryRun,
		StateFile:        v.StateFile,
		LogLevel:         logLevel(v.LogLevel),
		Credentials:      v.APIKey != "" && v.SecretKey != "",
		Argument:         argument,
		Format:           v.Format,
		Init:             Init{List: v.List, CI: v.CI, File: v.Config},
		Listen:           v.Listen,
		Simulation:       Simulation{Story: v.Story, Seed: v.Seed, Dialect: v.Dialect, Speed: v.Speed, Text: v.Text},
	}
	if s.command == CommandPlan && c.Format == FormatMarkdown {
		s.reject("format", s.from("format"), "plan has no Markdown; use text or json")
	}
	if s.command == CommandDecide {
		c.Given = s.judging()
	}
	if !s.isWhole() {
		s.checkChanges(c)
		s.checkTrials(c)
	}
	s.checkPaths(&c)
	return c
}

// judging returns the inputs for criteria and policy that the user gave.
func (s *sources) judging() (given []string) {
	for _, in := range s.inputs {
		if (in.Group == GroupCriteria || in.Group == GroupPolicy) && s.isGiven(in.Name) {
			given = append(given, in.Name)
		}
	}
	return given
}

func comment(v settings) Comment {
	c := Comment{
		Mode:         CommentMode(v.Comment),
		Key:          v.CommentKey,
		GitHubToken:  NewSecret(v.GitHubToken),
		GitLabToken:  NewSecret(v.GitLabToken),
		InsecureHTTP: v.AllowInsecureHTTP,
	}
	if isExpression(c.Key) {
		c.Key = ""
	}
	return c
}

// isExpression reports whether a value is a GitHub expression that the runner left
// unevaluated, or one with no value, as in a job without a matrix.
func isExpression(value string) bool {
	return strings.HasPrefix(value, "${{") || value == "null" || value == "{}"
}

func create(v settings) Create {
	c := Create{
		RunName:              v.RunName,
		Description:          v.Description,
		AgentVersion:         v.AgentVersion,
		EvalConfigIDs:        v.EvalConfigIDs,
		DatasetRowIDs:        v.DatasetRowIDs,
		EnableToolEvaluation: v.EnableToolEvaluation,
		ReplaySessionID:      v.ReplaySessionID,
	}
	if v.EvaluationsConfig != "" {
		c.EvaluationsConfig = json.RawMessage(v.EvaluationsConfig)
	}
	return c
}

func (s *sources) reruns(v settings) Reruns {
	limit, _ := kind.ParseAmount(v.RerunMaxCalls) // checked by the type
	r := Reruns{Attempts: v.RerunAttempts, Max: limit}
	if v.RerunType != "auto" {
		r.Type = calls.RerunType(v.RerunType)
	}
	if r.Attempts == 0 && s.command.runs() && !s.isWhole() && !s.broken["rerun-attempts"] {
		for _, name := range []string{"rerun-type", "rerun-max-calls"} {
			if s.isGiven(name) {
				s.warn(name, s.from(name), "no effect, because rerun-attempts is 0")
			}
		}
	}
	return r
}

// transcripts reports whether to read transcripts: they are requested and a report can
// hold them. What nobody will see is not read.
func (s *sources) transcripts(v settings) bool {
	const name = "transcripts"
	asked := v.Transcripts == "unsuccessful"
	if asked && v.JSONReport == "" && v.HTMLReport == "" && !s.broken["json-report"] && !s.broken["html-report"] {
		s.warn(name, s.from(name), "no effect without json-report or html-report, which contain the transcripts")
		return false
	}
	return asked
}

func (s *sources) waiting(v settings) Waiting {
	w := Waiting{Timeout: v.Timeout, PollMinInterval: v.PollMinInterval, PollMaxInterval: v.PollMaxInterval, ResultsWait: v.ResultsWait, CancelOnExit: v.CancelOnExit}
	if w.PollMinInterval > w.PollMaxInterval && !s.isWhole() && !s.broken["poll-min-interval"] && !s.broken["poll-max-interval"] {
		s.reject("poll-min-interval", s.from("poll-min-interval"), "%s is longer than poll-max-interval, which is %s%s",
			kind.FormatDuration(w.PollMinInterval), kind.FormatDuration(w.PollMaxInterval), s.defaultNote("poll-max-interval"))
	}
	return w
}

// defaultNote marks a value that the user did not give.
func (s *sources) defaultNote(name string) string {
	if s.isGiven(name) {
		return ""
	}
	return " (the default)"
}

func policy(v settings) Policy {
	return Policy{
		Policy: verdict.Policy{
			WarnOnOperationalError: v.OnOperationalError == "warn",
			AllowInconclusive:      v.OnInconclusive == "warn" || v.OnInconclusive == "pass",
			SoftFail:               v.SoftFail,
		},
		SkipWithoutCredentials: v.OnMissingCredentials == "skip",
	}
}

func logLevel(name string) slog.Level {
	var level slog.Level
	// Checked by the type; the zero level is info.
	_ = level.UnmarshalText([]byte(cmp.Or(name, "info")))
	return level
}

// reportPaths returns the requested reports.
func reportPaths(v settings) Reports {
	return Reports{
		JSON: v.JSONReport, JUnit: v.JUnitReport, HTML: v.HTMLReport, Summary: v.SummaryFile, Dotenv: v.DotenvFile,
		Metrics: v.MetricsReport, Annotations: v.AnnotationsReport, CTRF: v.CTRFReport,
		Attestation: v.AttestationReport, URL: v.ReportURL,
	}
}
