package config

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"github.com/sethvargo/go-envconfig"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Options says for which command inputs are read.
type Options struct {
	// Command is the command; [CommandRun] when empty.
	Command Command
	// Defaults are values, by input name, that hold instead of the table's defaults. The
	// command demo brings its agent, scenarios and criteria this way. They are checked
	// like what a user gives. Those of what to run, and those of the criteria, give way
	// together as soon as the user gives one of them.
	Defaults map[string]string
	// TryWrite finds out whether a file can be written, or appended to, without changing
	// it. Commands that place calls try every file that they will write. Nil tries none.
	TryWrite func(path string, appended bool) error
}

// Parse reads the inputs of a command from its arguments (without the command's name)
// and the environment, which has the form of os.Environ. Each input is taken from its
// flag, else from INPUT_MIN-SUCCESS-RATE, INPUT_MIN_SUCCESS_RATE,
// AGENT_GATE_MIN_SUCCESS_RATE, the vendor's name, else it has its default; a blank value
// counts as absent.
//
// The error is an [*Error] with all mistakes, or [ErrHelp] or [ErrVersion] when the
// arguments ask for that. With an [*Error] the Config still holds what could be read, so
// that keys can be masked and reports be written; nothing may be run with it. The second
// result are warnings. Neither holds the value of a credential.
func Parse(args, environ []string, opts Options) (Config, []Problem, error) {
	command := cmp.Or(opts.Command, CommandRun)
	inputs, env := Inputs(), environment(environ)
	f := &findings{redactor: newRedactor(secretValues(inputs, args, env))}
	got, err := parseArguments(args, command, inputs, f)
	if err != nil {
		return Config{}, nil, err
	}
	report := checkPositional(got.positional, command, f)
	s := &sources{
		command: command, inputs: inputs, flags: got.flags, env: env, defaults: opts.Defaults,
		findings: f, broken: map[string]bool{}, try: opts.TryWrite,
	}
	s.checkEnvironment()
	var values settings
	if err := envconfig.ProcessWith(context.Background(), &envconfig.Config{
		Target: &values, Lookuper: s, DefaultNoInit: true,
	}); err != nil {
		return Config{}, f.warnings, fmt.Errorf("decode inputs: %s", f.hide(err.Error()))
	}
	c := s.assemble(values, report)
	return c, f.warnings, f.err()
}

// assemble turns settings into a Config and checks what concerns several inputs. Report
// is the argument of decide.
func (s *sources) assemble(v settings, report string) Config {
	c := Config{
		API:              s.api(v),
		Target:           s.target(v),
		Create:           create(v),
		Reruns:           s.reruns(v),
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
		MaxCalls:         v.MaxCalls,
		DryRun:           v.DryRun,
		StateFile:        v.StateFile,
		LogLevel:         logLevel(v.LogLevel),
		Credentials:      v.APIKey != "" && v.SecretKey != "",
		ReportFile:       report,
		Listen:           v.Listen,
		Simulation:       Simulation{Story: v.Story, Seed: v.Seed, Dialect: v.Dialect, Speed: v.Speed},
	}
	s.checkChanges(c)
	s.checkPaths(&c)
	return c
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

// isExpression reports whether a value is an expression of GitHub's that a runner has left
// as it stands, or one that came to nothing: a job without a matrix has none.
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
	limit, _ := parseAmount(v.RerunMaxCalls) // checked by the type
	r := Reruns{Attempts: v.RerunAttempts, Max: limit}
	if v.RerunType != "auto" {
		r.Type = client.RerunType(v.RerunType)
	}
	if r.Attempts == 0 && s.command.runs() && !s.broken["rerun-attempts"] {
		for _, name := range []string{"rerun-type", "rerun-max-calls"} {
			if s.isGiven(name) {
				s.warn(name, s.from(name), "no effect, because rerun-attempts is 0")
			}
		}
	}
	return r
}

// transcripts tells whether people's words are asked for by somebody who has a place for
// them: what nobody will see is not read.
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
	if w.PollMinInterval > w.PollMaxInterval && !s.broken["poll-min-interval"] && !s.broken["poll-max-interval"] {
		s.reject("poll-min-interval", s.from("poll-min-interval"), "%s is longer than poll-max-interval, which is %s%s",
			formatDuration(w.PollMinInterval), formatDuration(w.PollMaxInterval), s.defaultNote("poll-max-interval"))
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

// reportPaths are the reports that are asked for.
func reportPaths(v settings) Reports {
	return Reports{
		JSON: v.JSONReport, JUnit: v.JUnitReport, HTML: v.HTMLReport, Summary: v.SummaryFile, Dotenv: v.DotenvFile,
		Metrics: v.MetricsReport, Annotations: v.AnnotationsReport,
	}
}
