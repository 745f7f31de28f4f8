// Package command is the command line: it selects the command, reads the configuration,
// wires the other packages together, and turns the end of a run into an exit code.
//
// Start with command.go, which picks the command, and session.go, which has what all
// commands share. The commands are run.go, demo.go (with story.go), serve.go, decide.go,
// explain.go, cleanup.go, init.go, validate.go, plan.go and version.go. A run is shown by observer.go, recorded by state.go, and
// ends in finish.go (reports and outputs) and comment.go.
//
// Only wiring belongs here: how a run proceeds is in package gate, what a verdict means
// in package verdict.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/manual"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/text/redact"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// GCPercent is the GC target percentage that main sets unless GOGC is in the environment.
// A run of 100,000 calls takes a quarter less memory than with Go's default of 100, for
// hardly more time.
const GCPercent = 25

// Command is one invocation of the program. Nothing below it reads the arguments,
// environment or streams of the process.
type Command struct {
	Version string   // of a release build, else empty
	Args    []string // without the program name
	// Program is the name the program was started under. GitHub's post step takes no
	// arguments, so a name that ends in "agent-gate-cleanup" selects the command cleanup.
	Program string
	Environ []string // as os.Environ
	// Keeper is the program that keeps the agent under test, which is this one (package agent/group);
	// empty for none.
	Keeper string
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
}

// Main runs the command and returns the exit code. The context is cancelled when the
// process should stop, with gate.ErrInterrupted or gate.ErrTerminated as its cause.
func (c Command) Main(ctx context.Context) (code int) {
	name, args, named, err := c.split()
	if err != nil {
		fmt.Fprintf(c.Stderr, "agent-gate: %s\n", redact.New(config.SecretsIn(c.Environ)...).String(err.Error()))
		return verdict.ExitConfig
	}
	if name == config.CommandVersion {
		return c.version(args)
	}
	s, err := c.open(name, args)
	switch {
	case errors.Is(err, config.ErrHelp):
		return c.help(name, named)
	case errors.Is(err, config.ErrHelpAll):
		fmt.Fprint(c.Stdout, manual.All())
		return verdict.ExitOK
	case errors.Is(err, config.ErrVersion):
		return c.version(nil)
	}
	defer s.close()
	defer s.recovered(&code)
	if name == config.CommandCleanup {
		return s.cleanup(ctx, args, err)
	}
	if s.isBare(name) {
		fmt.Fprint(c.Stderr, manual.FirstSteps())
		return verdict.ExitConfig
	}
	s.begin()
	if !name.HasVerdict() {
		return s.withoutVerdict(ctx, name, err)
	}
	s.sayNoToken()
	code = s.execute(ctx, name, err)
	if ctx.Err() != nil { // the job is about to be killed
		s.conclude()
	}
	s.comment(ctx)
	s.conclude()
	return code
}

// execute runs a command whose session is open; err is what is wrong with the inputs.
func (s *session) execute(ctx context.Context, name config.Command, err error) int {
	if err != nil {
		return s.misconfigured(err)
	}
	switch name {
	case config.CommandDemo:
		return s.demo(ctx)
	case config.CommandServe:
		return s.serve(ctx)
	case config.CommandDecide:
		return s.decide()
	}
	return s.run(ctx)
}

// withoutVerdict runs a command that has neither verdict nor reports. Err is what is wrong with the
// inputs.
func (s *session) withoutVerdict(ctx context.Context, name config.Command, err error) int {
	if err != nil {
		return s.mistaken(err)
	}
	switch name {
	case config.CommandInit:
		return s.init(ctx)
	case config.CommandValidate:
		return s.validate()
	case config.CommandExplain:
		return s.explain()
	case config.CommandPlan:
		return s.plan(ctx)
	}
	fmt.Fprint(s.Stdout, manual.Completion(s.config.Argument))
	return verdict.ExitOK
}

// mistaken logs the mistakes of a command that reports no verdict.
func (s *session) mistaken(err error) int {
	for _, p := range problemsOf(err) {
		s.log.Error("%s", text.New(p.String()))
		s.point(p)
	}
	return verdict.ExitConfig
}

// help prints the help of a command, or of the program if none is named.
func (c Command) help(name config.Command, named bool) int {
	if named {
		fmt.Fprint(c.Stdout, manual.Help(name))
	} else {
		fmt.Fprint(c.Stdout, manual.Brief())
	}
	return verdict.ExitOK
}

// isBare reports whether nothing says what to do, so that a person needs to know where to
// begin. A CI job gets the usual mistakes.
func (s *session) isBare(name config.Command) bool {
	if name != config.CommandRun || len(s.Args) > 0 || s.context.Provider != job.Plain || config.AnyGiven(nil, s.Environ, name) {
		return false
	}
	choice, _, err := config.Choose(nil, s.Environ, name)
	return err == nil && choice.File == ""
}

// split determines the command, and whether the arguments name it. Flags may come first
// only for run, whose name can be omitted.
func (c Command) split() (name config.Command, args []string, named bool, err error) {
	if strings.HasSuffix(strings.TrimSuffix(c.Program, ".exe"), cleanupProgram) {
		return config.CommandCleanup, c.Args, true, nil
	}
	if len(c.Args) == 0 || strings.HasPrefix(c.Args[0], "-") {
		return config.CommandRun, c.Args, false, nil
	}
	given := c.Args[0]
	if given == "help" {
		if len(c.Args) > 1 {
			c = Command{Args: append(slices.Clone(c.Args[1:]), "--help")}
			return c.split()
		}
		return config.CommandRun, []string{"--help"}, false, nil
	}
	names := make([]string, 0, len(config.Commands()))
	for _, info := range config.Commands() {
		names = append(names, string(info.Name))
	}
	if !slices.Contains(names, given) {
		return "", nil, false, fmt.Errorf("unknown command %q%s; commands: %s",
			text.New(given), text.DidYouMean(given, names), strings.Join(names, ", "))
	}
	return config.Command(given), c.Args[1:], true, nil
}

// cleanupProgram is the program name that selects the command cleanup.
const cleanupProgram = "agent-gate-cleanup"
