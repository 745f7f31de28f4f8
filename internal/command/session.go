package command

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/suite"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/jsonreport"
	"github.com/agent-gate/agent-gate/internal/report/terminal"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/text/redact"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// session is what every command works with: the configuration, the CI context, and the
// outputs, all of which hide the keys.
type session struct {
	Command
	name     config.Command
	getenv   func(string) string
	config   config.Config
	context  job.Context
	redactor *redact.Redactor
	log      *ci.Log
	// logged is the stream below log, to be flushed at the end.
	logged *redact.Writer
	// result takes the result: standard output, or the log of a CI system, where two
	// streams would mix.
	result  io.Writer
	printed *redact.Writer
	colour  bool
	width   int
	files   ci.CommandFiles
	outputs *ci.Outputs
	// toldOutputs is set once the log says that outputs cannot be written.
	toldOutputs bool
	started     time.Time
	// unreached is set once the log says that the API cannot be reached.
	unreached atomic.Bool
	// suite is the suite that is run; nil for a single gate.
	suite *suite.Suite
	// took is how long the suite took whose report is judged again; nil for any other.
	took *verdict.Timing
	// saved are the settings of a saved run; nil if it does not say.
	saved *report.Settings
	// reported is what was last reported, for the comment; nil before.
	reported *reported
	// concluding prints the verdict at the end of the log; nil before there is one.
	concluding func(io.Writer, terminal.Options) error
	// stream is where the log goes, keys are what it hides, and warnings are those of the
	// configuration, which come first in the log and again in every report.
	stream   io.Writer
	keys     []string
	warnings []config.Problem
	// baselines are the reports that were read as baselines, by their path: the gates of a suite share them.
	baselines map[string]jsonreport.Saved
}

// open reads the configuration and prepares the session. After a configuration error the
// session can still log and report it.
func (c Command) open(name config.Command, args []string) (*session, error) {
	environment := environmentOf(c.Environ)
	getenv := func(key string) string { return environment[key] }
	started := time.Now()
	cfg, file, warnings, err := c.configuration(name, args, started)

	s := &session{Command: c, name: name, getenv: getenv, config: cfg, suite: file, warnings: warnings, started: started, baselines: map[string]jsonreport.Saved{}}
	event := ci.Detect(getenv, readEvent)
	s.context = event.WithPullRequest(cfg.PullRequest)
	if given := cfg.PullRequest; given > 0 && event.PullNumber > 0 && given != event.PullNumber {
		s.warnings = append(s.warnings, config.Problem{
			Input: "pull-request",
			Text:  text.Sprintf("%d has no effect: the event itself names %d", given, event.PullNumber),
		})
	}
	s.keys = []string{
		cfg.API.APIKey.Reveal(), cfg.API.SecretKey.Reveal(),
		cfg.Comment.GitHubToken.Reveal(), cfg.Comment.GitLabToken.Reveal(),
	}
	s.keys = append(s.keys, secretsOf(cfg.Agent)...)
	if file != nil {
		for _, g := range file.Gates {
			s.keys = append(s.keys, secretsOf(g.Config.Agent)...)
		}
	}
	s.redactor = redact.New(append(config.SecretsIn(c.Environ), s.keys...)...)

	stream := c.Stderr
	forPrograms := name == config.CommandPlan || name == config.CommandExplain || cfg.Init.List
	plain := s.context.Provider == job.Plain || forPrograms
	if !plain {
		stream = c.Stdout
	}
	width := terminalWidth(getenv, stream)
	s.logged = s.redactor.Writer(stream)
	s.colour = ci.WantColor(getenv, width != nil)
	s.log = ci.NewLog(s.logged, ci.LogOptions{
		Provider: s.context.Provider,
		Level:    s.level(),
		Color:    s.colour,
		Width:    width,
	})
	s.result = s.log
	if plain {
		s.printed = s.redactor.Writer(c.Stdout)
		s.result = s.printed
		width = terminalWidth(getenv, c.Stdout)
		s.colour = ci.WantColor(getenv, width != nil)
	}
	if width != nil {
		s.width = width()
	}
	// COLUMNS sets the width, as for other programs, even without a terminal.
	if columns, err := strconv.Atoi(getenv("COLUMNS")); err == nil && columns > 0 {
		s.width = columns
	}
	s.stream = stream
	s.files = ci.CommandFilesOf(getenv)
	s.outputs = ci.NewOutputs(s.files, cfg.Reports.Dotenv)
	return s, err
}

// begin opens the log. The masks come first and bypass the redactor: the runner has to
// read the keys to hide them.
func (s *session) begin() {
	if err := ci.Mask(s.stream, s.context.Provider, s.keys...); err != nil {
		s.log.Error("Cannot mask the keys: %s", text.New(err.Error()))
	}
	for _, w := range s.warnings {
		say := s.log.Warn
		if w.Note {
			say = s.log.Info
		}
		say("%s", text.New(w.String()))
	}
}

// close writes what is still buffered.
func (s *session) close() {
	s.log.Close()
	if s.printed != nil {
		_ = s.printed.Flush() // if standard output is gone, there is nowhere left to say so
	}
	_ = s.logged.Flush()
}

// level returns the log level: the input's, or debug in the CI system's debug mode.
func (s *session) level() slog.Level {
	if s.context.Debug {
		return min(s.config.LogLevel, slog.LevelDebug)
	}
	return s.config.LogLevel
}

// terminalWidth returns the width function of a terminal; nil for any other stream.
func terminalWidth(getenv func(string) string, stream io.Writer) func() int {
	if f, ok := stream.(*os.File); ok {
		return ci.TerminalWidth(getenv, f)
	}
	return nil
}

// environmentOf turns os.Environ into a map; the first of two equal names counts, as in
// os.Getenv.
func environmentOf(environ []string) map[string]string {
	m := make(map[string]string, len(environ))
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if _, seen := m[name]; !seen {
			m[name] = value
		}
	}
	return m
}

// tool names the program for reports.
func (s *session) tool() report.Tool {
	return report.Tool{Name: "agent-gate", Version: s.release()}
}

// misconfigured reports what is wrong with the configuration: one line per mistake in the
// log, all of them together wherever a verdict is reported.
func (s *session) misconfigured(err error) int {
	mistakes := mistakesOf(err)
	for _, p := range problemsOf(err) {
		s.log.Error("%s", text.New(p.String()))
		if s.suite != nil || p.At != "" { // otherwise the verdict tells it
			s.point(p)
		}
	}
	if !s.config.Credentials && s.context.WithoutSecrets() {
		missing := s.missingCredentials()
		s.log.Error("%s", missing)
		mistakes = append(mistakes, missing)
	}
	reason := text.Join("; ", mistakes...)
	defer func() { s.concluding = nil }() // the log says it all
	if s.suite != nil {
		return s.finishSuite(nil, verdict.Verdict{Kind: verdict.Error, Cause: verdict.CauseConfig, Reason: reason}, verdict.ExitConfig)
	}
	return s.report(verdict.Evidence{Timing: s.timing()}, verdict.Errored(verdict.CauseConfig, reason, verdict.Evidence{}, verdict.Rules{}))
}

// problemsOf returns the mistakes in a configuration error.
func problemsOf(err error) []config.Problem {
	if several, ok := errors.AsType[*config.Error](err); ok {
		return several.Problems
	}
	return []config.Problem{{Text: text.New(err.Error())}}
}

// mistakesOf returns the mistakes in a configuration error as sentences.
func mistakesOf(err error) (mistakes []text.Untrusted) {
	for _, p := range problemsOf(err) {
		mistakes = append(mistakes, text.New(p.String()))
	}
	return mistakes
}

// point shows a mistake on GitHub that no verdict tells, at its place if that is in a file.
func (s *session) point(p config.Problem) {
	if s.context.Provider != job.GitHub {
		return
	}
	a := ci.Annotation{Severity: ci.SeverityError, Title: text.New("agent-gate: mistake")}
	if file, line, column, ok := placeOf(p.At); ok {
		a.File, a.Line, a.Column = s.inRepository(file), line, column
		p.At = ""
	}
	a.Message = text.New(p.String())
	s.log.Annotate(a)
}

// placeOf splits FILE:LINE:COLUMN.
func placeOf(at string) (file string, line, column int, ok bool) {
	numbers := [2]int{}
	for i := range numbers {
		colon := strings.LastIndexByte(at, ':')
		if colon < 0 {
			return "", 0, 0, false
		}
		n, err := strconv.Atoi(at[colon+1:])
		if err != nil {
			return "", 0, 0, false
		}
		at, numbers[i] = at[:colon], n
	}
	return at, numbers[1], numbers[0], at != ""
}

// inRepository is a path as GitHub knows it, relative to the checkout.
func (s *session) inRepository(path string) string {
	whole, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	inside, err := filepath.Rel(s.getenv("GITHUB_WORKSPACE"), whole)
	if err != nil || !filepath.IsLocal(inside) {
		return path
	}
	return filepath.ToSlash(inside)
}

// missed tells of a report or output that cannot be written: on GitHub it is an annotation, and an error unless the job
// goes on.
func (s *session) missed(goesOn bool, message text.Untrusted) {
	if s.context.Provider != job.GitHub {
		s.log.Error("%s", message)
		return
	}
	severity := ci.SeverityError
	if goesOn {
		severity = ci.SeverityWarning
	}
	s.log.Annotate(ci.Annotation{Severity: severity, Title: text.New("agent-gate: a report is missing"), Message: message})
}

// timing is the timing of a command that never ran the gate.
func (s *session) timing() verdict.Timing {
	return verdict.Timing{StartedAt: s.started.UTC(), FinishedAt: time.Now().UTC()}
}

// told returns the warnings of the configuration, for reports.
func (s *session) told() (all []text.Untrusted) {
	for _, w := range s.warnings {
		all = append(all, text.New(w.String()))
	}
	return all
}

// recovered turns a panic that nothing below has caught into an exit code that no job
// takes for a pass. Go's own output would bypass the log, which hides keys.
func (s *session) recovered(code *int) {
	p := recover()
	if p == nil {
		return
	}
	*code = verdict.ExitOperational
	s.log.Error("internal error, please report it: %s", text.New(fmt.Sprint(p)))
	_, _ = s.log.Write(debug.Stack()) // functions and lines, no values
}
