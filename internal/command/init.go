package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/scaffold"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// initTime limits the requests of init, without the time a person takes to answer.
const initTime = 2 * time.Minute

// init writes a suite file and the workflow of this CI system. Files that exist stay.
func (s *session) init(ctx context.Context) int {
	if s.config.Init.List {
		return s.listRunTests(ctx)
	}
	if up := upToRoot(); up != "" {
		return s.initFailed(ctx, mistake{fmt.Errorf("this is not the root of the repository, and a CI system reads its files only there: cd %s, and give --config to have the suite file elsewhere", up)})
	}
	files := config.SuiteFiles()
	if s.config.Init.File != "" {
		files = []string{s.config.Init.File}
	}
	file := files[0]
	here := slices.IndexFunc(files, isThere)
	if here >= 0 {
		file = files[here]
		s.log.Info("%s exists; it is left as it is.", text.New(file))
	} else {
		data, err := s.suiteFile(ctx)
		if err == nil {
			err = s.create(scaffold.File{Path: file, Data: data})
		}
		if err != nil {
			return s.initFailed(ctx, err)
		}
	}
	workflow := scaffold.Workflow(s.system(), file, isThere(".gitlab-ci.yml"))
	if isThere(workflow.Path) {
		s.log.Info("%s exists; it is left as it is.", text.New(workflow.Path))
	} else if err := s.create(workflow); err != nil {
		return s.initFailed(ctx, err)
	}
	if here < 0 {
		s.log.Info("Next: look at %s, check it with agent-gate validate, and commit both.", text.New(file))
	}
	return verdict.ExitOK
}

// mistake is an error that another input would avoid.
type mistake struct{ error }

// initFailed logs why init ended.
func (s *session) initFailed(ctx context.Context, err error) int {
	s.log.Error("%s", text.New(err.Error()))
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, gate.ErrInterrupted):
		return verdict.ExitInterrupted
	case errors.Is(cause, gate.ErrTerminated):
		return verdict.ExitTerminated
	}
	if _, ok := errors.AsType[mistake](err); ok {
		return verdict.ExitConfig
	}
	return verdict.ExitOperational
}

// upToRoot is the way from the working directory up to the root of its git repository; empty if it is the root, or in none.
func upToRoot() string {
	dir, err := os.Getwd()
	for up := ""; err == nil; up = filepath.Join("..", up) {
		if isThere(filepath.Join(dir, ".git")) {
			return up
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	return ""
}

// isThere reports whether there is something at a path.
func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// create writes a new file.
func (s *session) create(f scaffold.File) error {
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
		return err
	}
	// Exclusive, so that a file that appears meanwhile is not lost either.
	out, err := os.OpenFile(f.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		s.log.Info("%s exists; it is left as it is.", text.New(f.Path))
		return nil
	}
	if err != nil {
		return err
	}
	_, err = bytes.NewReader(f.Data).WriteTo(out)
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	s.log.Info("Wrote %s.", text.New(f.Path))
	if f.Then != "" {
		s.log.Info("%s", text.New(f.Then))
	}
	return nil
}

// system returns the CI system to write for: as asked, else the one that this runs on,
// else that of the files here, else GitHub.
func (s *session) system() string {
	switch {
	case s.config.Init.CI != "":
		return s.config.Init.CI
	case s.context.Provider == job.GitLab:
		return scaffold.GitLab
	case s.context.Provider == job.Plain && isThere(".gitlab-ci.yml") && !isThere(".github"):
		return scaffold.GitLab
	}
	return scaffold.GitHub
}

// listRunTests prints the run tests of the workspace, newest first.
func (s *session) listRunTests(ctx context.Context) int {
	if !s.config.Credentials {
		return s.initFailed(ctx, mistake{errors.New("--list needs the keys: set FI_API_KEY and FI_SECRET_KEY")})
	}
	found, err := s.runTests(ctx)
	if err != nil {
		return s.initFailed(ctx, err)
	}
	for _, t := range found {
		fmt.Fprintf(s.result, "%s  %s\n", t.ID, describe(t))
	}
	if len(found) == 0 {
		s.log.Info("The workspace has no run tests.")
	}
	return verdict.ExitOK
}

// describe names a run test and its agent in a line.
func describe(t calls.RunTest) string {
	line := t.Name.LineMax(60)
	if !t.AgentName.IsEmpty() {
		line += " (" + t.AgentName.LineMax(40) + ")"
	}
	return line
}

// suiteFile returns the suite file: with gates for the chosen run tests, or the template
// without keys or run tests.
func (s *session) suiteFile(ctx context.Context) ([]byte, error) {
	if !s.config.Credentials {
		s.log.Info("There are no keys in the environment, so this is a template. With FI_API_KEY and FI_SECRET_KEY, init knows your run tests.")
		if id := s.config.Target.RunTestID; id != uuid.Nil {
			return scaffold.SuiteFile([]scaffold.Gate{{RunTest: calls.RunTest{ID: id}}}), nil
		}
		return scaffold.Template(), nil
	}
	api, err := s.client(nil)
	if err != nil {
		return nil, err
	}
	chosen, err := s.chooseRunTests(ctx, api)
	if err != nil {
		return nil, err
	}
	if len(chosen) == 0 {
		s.log.Info("The workspace has no run tests, so this is a template.")
		return scaffold.Template(), nil
	}
	ctx, cancel := context.WithTimeout(ctx, initTime)
	defer cancel()
	var gates []scaffold.Gate
	for _, t := range chosen {
		g, err := propose(ctx, api, t)
		if err != nil {
			return nil, err
		}
		gates = append(gates, g)
	}
	return scaffold.SuiteFile(gates), nil
}

// chooseRunTests returns the run tests to make gates of: the given one, the only one, or
// those that a person at the terminal chooses.
func (s *session) chooseRunTests(ctx context.Context, api *client.Client) ([]calls.RunTest, error) {
	if id := s.config.Target.RunTestID; id != uuid.Nil {
		t, err := api.RunTest(ctx, id)
		return []calls.RunTest{t}, err
	}
	found, err := s.runTests(ctx)
	if err != nil || len(found) <= 1 {
		return found, err
	}
	if !isTerminal(s.Stdin) {
		return nil, mistake{fmt.Errorf("the workspace has %d run tests; choose one with --run-test-id (agent-gate init --list prints them)", len(found))}
	}
	return (&asker{in: s.Stdin, out: s.Stderr}).runTests(ctx, found)
}

// runTests returns the run tests of the workspace, newest first.
func (s *session) runTests(ctx context.Context) ([]calls.RunTest, error) {
	api, err := s.client(nil)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, initTime)
	defer cancel()
	var all []calls.RunTest
	for t, err := range api.RunTests(ctx, "") {
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// propose makes a gate of a run test, with criteria that its newest completed execution
// would just meet.
func propose(ctx context.Context, api *client.Client, t calls.RunTest) (scaffold.Gate, error) {
	g := scaffold.Gate{RunTest: t}
	executions, err := api.Executions(ctx, t.ID)
	if err != nil {
		return g, err
	}
	newest := slices.IndexFunc(executions, func(e calls.ExecutionSummary) bool { return e.Status == calls.ExecutionCompleted })
	if newest < 0 {
		return g, nil
	}
	e, err := api.Collect(ctx, executions[newest].ID)
	if err != nil {
		return g, err
	}
	if g.Criteria = scaffold.Criteria(t, e); len(g.Criteria) > 0 {
		g.Basis, g.Calls = executions[newest].ID, e.Calls.Len()
	}
	return g, nil
}
