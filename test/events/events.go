// Package events has what CI systems tell a job about the event that started it, and what the
// gate must make of it: one fixture per system and event, for tests and for the tables in
// docs/events.md. They all belong to the repository acme/bot, whose default branch is main.
package events

import (
	"cmp"
	"errors"
	"maps"
)

// The commits.
const (
	MainSHA  = "9a7d2f6e3c1b5a4d8e7f6c5b4a39281706f5e4d3" // the newest of main
	HeadSHA  = "1f0c7b1c5a7e4a1fb1b0ce7e1b7e5d4a7e9c2d31" // the newest of the pull request's branch
	MergeSHA = "77aa2f6e3c1b5a4d8e7f6c5b4a39281706f5e4d3" // a merge commit that exists only for the job
)

// Repository is the path of the repository.
const Repository = "acme/bot"

// path is where GitHub's event file is.
const path = "/github/workflow/event.json"

// Fixture is one event.
type Fixture struct {
	System string // as headings name it
	Event  string // in words
	Env    map[string]string
	File   string // GitHub's event file, JSON; empty when it cannot be read
	Want   Want
}

// Want is what the gate must make of an event.
type Want struct {
	Kind   string // a value of job.Kind
	Ref    string
	Base   string // target branch
	SHA    string
	Number int // of the pull or merge request
	Fork   bool
	// Repository owns the branch or pull request: acme/bot, or a fork that runs its own
	// CI.
	Repository string
}

// Title names the fixture in tests.
func (f Fixture) Title() string { return f.System + ", " + f.Event }

// Getenv looks up a variable.
func (f Fixture) Getenv(name string) string { return f.Env[name] }

// ReadFile reads the event file.
func (f Fixture) ReadFile(name string) ([]byte, error) {
	if name != path || f.File == "" {
		return nil, errors.New("no such file")
	}
	return []byte(f.File), nil
}

// All returns all fixtures, in the order of the document.
func All() []Fixture {
	var all []Fixture
	for _, some := range [][]Fixture{github(), gitlab(), jenkins(), circleci(), azure(), buildkite()} {
		all = append(all, some...)
	}
	return all
}

// system makes the fixtures of one system. The variables of an event are added to those
// common to all.
func system(name string, always map[string]string, fixtures []Fixture) []Fixture {
	for i := range fixtures {
		f := &fixtures[i]
		env := maps.Clone(always)
		maps.Copy(env, f.Env)
		f.System, f.Env = name, env
		f.Want.Repository = cmp.Or(f.Want.Repository, Repository)
	}
	return fixtures
}

// The wants that come back.
var (
	branchMain = Want{Kind: "branch", Ref: "main", SHA: MainSHA}
	own        = Want{Kind: "pull", Ref: "feature/refunds", Base: "main", SHA: HeadSHA, Number: 42}
	fork       = Want{Kind: "pull", Ref: "feature/refunds", Base: "main", SHA: HeadSHA, Number: 42, Fork: true}
	forkMain   = Want{Kind: "pull", Ref: "main", Base: "main", SHA: HeadSHA, Number: 42, Fork: true}
	tag        = Want{Kind: "tag", Ref: "v1.2.0", SHA: MainSHA}
	none       = Want{SHA: MainSHA}
	queue      = Want{Kind: "queue", Ref: queueBranch, Base: "main", SHA: HeadSHA}
)

// queueBranch is a branch of GitHub's merge queue.
const queueBranch = "gh-readonly-queue/main/pr-42-" + MainSHA

// with is a want with changes.
func with(w Want, change func(*Want)) Want {
	change(&w)
	return w
}
