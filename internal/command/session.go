package command

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/text/redact"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// session is what every command works with: the configuration, where it runs, and the
// ways out, all of which hide the keys.
type session struct {
	Command
	getenv   func(string) string
	config   config.Config
	context  ci.Context
	redactor *redact.Redactor
	log      *ci.Log
	// logged is the stream of the log, to be flushed at the end.
	logged *redact.Writer
	// result is where the result goes: standard output, or the log of a CI system,
	// where two streams would be mixed up.
	result  io.Writer
	printed *redact.Writer
	colour  bool
	width   int
	files   ci.CommandFiles
	outputs *ci.Outputs
	// toldOutputs is true once the log says that outputs cannot be written.
	toldOutputs bool
	started     time.Time
	// unreached is true once it was said that the API cannot be reached.
	unreached atomic.Bool
	// reported is the verdict that was reported last; nil before.
	reported *report.Report
	// stream is where the log goes, keys are what it hides, and warnings are those of
	// the configuration, which the log tells first and every report again.
	stream   io.Writer
	keys     []string
	warnings []config.Problem
}

// open reads the configuration and prepares the session. With an error of the
// configuration the session can still log and report it.
func (c Command) open(name config.Command, args []string) (*session, error) {
	environment := environmentOf(c.Environ)
	getenv := func(key string) string { return environment[key] }
	cfg, warnings, err := config.Parse(args, c.Environ, config.Options{Command: name, Defaults: defaults(name), TryWrite: ci.TryWrite})

	s := &session{Command: c, getenv: getenv, config: cfg, warnings: warnings, started: time.Now()}
	event := ci.Detect(getenv, readEvent)
	s.context = event.WithPullRequest(cfg.PullRequest)
	if given := cfg.PullRequest; given > 0 && event.PullNumber > 0 && given != event.PullNumber {
		s.warnings = append(s.warnings, config.Problem{
			Input: "pull-request",
			Text:  text.Sprintf("%d has no effect: the event itself says that the run belongs to %d", given, event.PullNumber),
		})
	}
	s.keys = []string{
		cfg.API.APIKey.Reveal(), cfg.API.SecretKey.Reveal(),
		cfg.Comment.GitHubToken.Reveal(), cfg.Comment.GitLabToken.Reveal(),
	}
	s.redactor = redact.New(s.keys...)

	stream := c.Stderr
	if s.context.Provider != ci.Plain {
		stream = c.Stdout
	}
	width := terminal(getenv, stream)
	s.logged = s.redactor.Writer(stream)
	s.colour = ci.WantColor(getenv, width != nil)
	s.log = ci.NewLog(s.logged, ci.LogOptions{
		Provider: s.context.Provider,
		Level:    s.level(),
		Color:    s.colour,
		Width:    width,
	})
	s.result = s.log
	if s.context.Provider == ci.Plain {
		s.printed = s.redactor.Writer(c.Stdout)
		s.result = s.printed
		width = terminal(getenv, c.Stdout)
		s.colour = ci.WantColor(getenv, width != nil)
	}
	if width != nil {
		s.width = width()
	}
	// A reader may ask for a width, as with other programs, where it is no terminal too.
	if columns, err := strconv.Atoi(getenv("COLUMNS")); err == nil && columns > 0 {
		s.width = columns
	}
	s.stream = stream
	s.files = ci.CommandFilesOf(getenv)
	s.outputs = ci.NewOutputs(s.files, cfg.Reports.Dotenv)
	return s, err
}

// begin opens the log. The keys come first, and not through the redactor: the runner has
// to read them to hide them.
func (s *session) begin() {
	if err := ci.Mask(s.stream, s.context.Provider, s.keys...); err != nil {
		s.log.Error("The keys cannot be masked: %s", text.New(err.Error()))
	}
	for _, w := range s.warnings {
		say := s.log.Warn
		if w.Note {
			say = s.log.Info
		}
		say("%s", text.New(w.String()))
	}
}

// close writes what is still held back.
func (s *session) close() {
	s.log.Close()
	if s.printed != nil {
		_ = s.printed.Flush() // standard output is gone: there is nowhere left to say so
	}
	_ = s.logged.Flush()
}

// level is the log level: that of the input, or debug in the CI system's debug mode.
func (s *session) level() slog.Level {
	if s.context.Debug {
		return min(s.config.LogLevel, slog.LevelDebug)
	}
	return s.config.LogLevel
}

// terminal is the width of the terminal that a stream is, nil when it is none.
func terminal(getenv func(string) string, stream io.Writer) func() int {
	if f, ok := stream.(*os.File); ok {
		return ci.TerminalWidth(getenv, f)
	}
	return nil
}

// environmentOf turns the form of os.Environ into a map; the first of two equal names
// counts, as for getenv.
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

// misconfigured reports what is wrong with the configuration: each mistake on a line of
// its own in the log, all of them wherever a verdict is reported.
func (s *session) misconfigured(err error) int {
	mistakes := mistakesOf(err)
	if !s.config.Credentials && s.context.WithoutSecrets() {
		mistakes = append(mistakes, s.missingCredentials())
	}
	for _, m := range mistakes {
		s.log.Error("%s", m)
	}
	reason := text.Join("; ", mistakes...)
	return s.report(verdict.Evidence{Timing: s.timing()}, verdict.Errored(verdict.CauseConfig, reason, verdict.Evidence{}, verdict.Rules{}))
}

// mistakesOf are the mistakes that an error of the configuration holds.
func mistakesOf(err error) []text.Untrusted {
	several, ok := errors.AsType[*config.Error](err)
	if !ok {
		return []text.Untrusted{text.New(err.Error())}
	}
	var mistakes []text.Untrusted
	for _, p := range several.Problems {
		mistakes = append(mistakes, text.New(p.String()))
	}
	return mistakes
}

// timing is the time of a command that did not get to run the gate.
func (s *session) timing() verdict.Timing {
	return verdict.Timing{StartedAt: s.started.UTC(), FinishedAt: time.Now().UTC()}
}
