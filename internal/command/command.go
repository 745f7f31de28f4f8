// Package command is the command line: it picks the command, reads the configuration,
// wires the packages together, and turns the end of a run into an exit code.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// GCPercent is how much the heap grows before it is collected, in percent of what is in use,
// as main sets it unless GOGC is in the environment: a whole run of 100,000 calls takes a
// quarter less memory than with the 100 of Go, for hardly more time.
const GCPercent = 25

// Command is one start of the program. Nothing below it reads the process's own
// arguments, environment or streams.
type Command struct {
	Version string   // of the release; empty for other builds
	Args    []string // without the program's name
	// Program is the name the program was started by. GitHub's post step has no
	// arguments, so a name that ends in "agent-gate-cleanup" means the command cleanup.
	Program string
	Environ []string // as os.Environ
	Stdout  io.Writer
	Stderr  io.Writer
}

// Main runs the command and returns the exit code. The context ends when the process is
// to stop, with gate.ErrInterrupted or gate.ErrTerminated as its cause.
func (c Command) Main(ctx context.Context) (code int) {
	name, args, err := c.split()
	if err != nil {
		fmt.Fprintf(c.Stderr, "agent-gate: %s\n", err)
		return verdict.ExitConfig
	}
	if name == config.CommandVersion {
		return c.version()
	}
	s, err := c.open(name, args)
	switch {
	case errors.Is(err, config.ErrHelp):
		fmt.Fprint(c.Stdout, config.Help(name))
		return verdict.ExitOK
	case errors.Is(err, config.ErrVersion):
		return c.version()
	}
	defer s.close()
	defer s.recovered(&code)
	if name == config.CommandCleanup {
		return s.cleanup(ctx, args, err)
	}
	s.begin()
	s.sayNoToken()
	code = s.execute(ctx, name, err)
	s.comment(ctx)
	return code
}

// execute carries out a command that has begun; err is what is wrong with the inputs.
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

// split finds out which command is asked for. Flags may stand before it only for run,
// where the name can be left out.
func (c Command) split() (config.Command, []string, error) {
	if strings.HasSuffix(strings.TrimSuffix(c.Program, ".exe"), cleanupProgram) {
		return config.CommandCleanup, c.Args, nil
	}
	if len(c.Args) == 0 || strings.HasPrefix(c.Args[0], "-") {
		return config.CommandRun, c.Args, nil
	}
	given := c.Args[0]
	if given == "help" {
		if len(c.Args) > 1 {
			return config.Command(c.Args[1]), []string{"--help"}, nil
		}
		return config.CommandRun, []string{"--help"}, nil
	}
	names := make([]string, 0, len(config.Commands()))
	for _, info := range config.Commands() {
		names = append(names, string(info.Name))
	}
	if !slices.Contains(names, given) {
		return "", nil, fmt.Errorf("unknown command %q%s; commands: %s",
			text.New(given), config.DidYouMean(given, names), strings.Join(names, ", "))
	}
	return config.Command(given), c.Args[1:], nil
}

// cleanupProgram is the name under which the program is the command cleanup.
const cleanupProgram = "agent-gate-cleanup"
