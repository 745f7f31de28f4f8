package changes

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Auto is the value of changed-files that asks for the list.
const Auto = "auto"

// Change is what a job tests, as far as that is needed to ask what it changes.
type Change struct {
	Dir string // of a checkout, or below it
	Job job.Context
	// Left is the commit at which the change left the target branch, if the CI system says so; else empty.
	Left string
	// Forge is where the pull or merge request is; nil if it cannot be asked, and NoForge says why.
	Forge   Forge
	NoForge error
}

// Forge is the pull or merge request of a job, on GitHub or GitLab.
type Forge interface {
	// Files returns the paths of the files that it changes, of renamed ones both.
	Files(ctx context.Context) ([]string, error)
	// Target returns the name of its target branch.
	Target(ctx context.Context) (string, error)
	// Content returns a file of its repository as it is on a branch.
	Content(ctx context.Context, path, branch string) ([]byte, error)
}

// Find returns the files that a job changes, as the input changed-files asks. A list that cannot be had is no error:
// it is not known, and says why.
func Find(ctx context.Context, input string, c Change) List {
	switch {
	case input == "":
		return List{}
	case strings.EqualFold(input, Auto):
		return c.find(ctx)
	}
	return given(input)
}

// find asks the forge for a pull or merge request, and git otherwise. What a merge queue tests are several of them, so
// that only git knows.
func (c Change) find(ctx context.Context) List {
	var asked error
	if c.Job.Kind == job.KindPull {
		files, err := c.askForge(ctx)
		if err == nil {
			return List{Files: unique(files), Known: true, Source: c.source()}
		}
		asked = err
	}
	git := repository{c.Dir}
	target := c.Job.Target()
	if target.IsEmpty() && c.Job.Provider == job.Plain {
		target = git.main(ctx)
	}
	files, err := git.changed(ctx, target, c.Left)
	if err != nil {
		l := List{Source: FromGit, Why: text.Sprintf("git: %s", text.New(err.Error()))}
		if asked != nil {
			l.Why = text.Sprintf("%s; %s", text.New(asked.Error()), l.Why)
		}
		return l
	}
	return List{Files: unique(files), Known: true, Source: FromGit}
}

// source is the forge of the job.
func (c Change) source() Source {
	if c.Job.Provider == job.GitLab {
		return FromGitLab
	}
	return FromGitHub
}

// askForge asks for the files of the pull or merge request.
func (c Change) askForge(ctx context.Context) ([]string, error) {
	switch {
	case c.NoForge != nil:
		return nil, c.NoForge
	case c.Forge == nil:
		return nil, errors.New("there is no API to ask")
	}
	return c.Forge.Files(ctx)
}

// AtTarget returns a file as it is on the target branch of the job's pull or merge request, and the name of the branch.
// The path is as the program opened it, relative to the directory of the change.
func (c Change) AtTarget(ctx context.Context, path string) ([]byte, text.Untrusted, error) {
	branch := c.Job.Target()
	if branch.IsEmpty() && c.Forge != nil {
		if name, err := c.Forge.Target(ctx); err == nil {
			branch = text.New(name)
		}
	}
	if branch.IsEmpty() {
		return nil, branch, errors.New("the event names no target branch")
	}
	data, gitErr := repository{c.Dir}.show(ctx, branch, path)
	if gitErr == nil {
		return data, branch, nil
	}
	switch {
	case c.NoForge != nil:
		return nil, branch, fmt.Errorf("git: %w; %w", gitErr, c.NoForge)
	case c.Forge == nil:
		return nil, branch, fmt.Errorf("git: %w", gitErr)
	}
	inRepository, err := repository{c.Dir}.path(ctx, path)
	if err != nil {
		return nil, branch, err
	}
	data, err = c.Forge.Content(ctx, inRepository, branch.Raw())
	if err != nil {
		return nil, branch, fmt.Errorf("git: %w; %w", gitErr, err)
	}
	return data, branch, nil
}
