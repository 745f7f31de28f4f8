// Package runname names run tests, so that one job attempt always asks for the same one and
// the runs of a branch can be told from all others. attempt.go makes the whole name, branch.go
// its readable part, by which a baseline is found. Names come from the CI context and the
// inputs alone: the package sends nothing and has no clock.
package runname

import (
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/config"
)

// maxName is the longest name of a run test, in characters (create-run-test.txt).
const maxName = 255

// nameSpace is the UUIDv5 name space of run names. It is fixed: the same job attempt
// must give the same name in every version.
var nameSpace = uuid.MustParse("6f1f5e0e-52a1-5c53-9a0d-4d0f6c9b8d11")

// Of makes the name of the run test from the CI context and the inputs. Within
// one job attempt it is always the same, so that a create whose answer was lost can be
// looked up; another attempt, job, matrix leg (the
// input comment-key) or set of inputs makes another. Steps and runners, which differ from
// attempt to attempt, make none. Outside of a CI
// system, and under act, there is no attempt to speak of, and every run gets a name of its
// own. The name of a branch's run is one that [Baseline] looks for; that of a pull
// request is not, whatever its branch is called.
//
// It has no slash, since the look-up by name cannot route one (contract, section 3.3),
// and at most 255 characters.
func Of(c config.Config, context ci.Context) (string, error) {
	suffix, err := nameSuffix(c, context)
	if err != nil {
		return "", err
	}
	base := c.Create.RunName
	if base == "" {
		base = contextName(context)
	}
	room := maxName - len(suffix) - 1
	if letters := []rune(base); len(letters) > room {
		base = string(letters[:room])
	}
	return base + "-" + suffix, nil
}

// Key is the end of a run's name, which tells whether two starts are the same.
func Key(name string) string { return name[max(0, len(name)-len(uuid.Nil.String())):] }

// Description is the description of the run test: the input, else which job made it,
// so that somebody who finds it in the dashboard can find the job.
func Description(c config.Config, context ci.Context) string {
	if c.Create.Description != "" {
		return c.Create.Description
	}
	description := "Made by agent-gate"
	if repository := context.Repository.Line(); repository != "" {
		description += " for " + repository
	}
	if context.SHA != "" {
		description += " at " + context.SHA
	}
	if context.JobURL != "" {
		description += ": " + context.JobURL
	}
	return description
}

// nameSuffix is what makes the name unique and repeatable.
func nameSuffix(c config.Config, context ci.Context) (string, error) {
	if context.RunID == "" {
		id, err := uuid.NewV7()
		return id.String(), err
	}
	inputs, err := json.Marshal(struct {
		Target config.Target
		Create config.Create
	}{c.Target, c.Create})
	if err != nil {
		return "", err
	}
	parts := []string{
		string(context.Provider), context.Repository.Raw(), context.Workflow.Raw(), context.RunID, context.Attempt,
		context.Job.Raw(), c.Comment.Key, string(inputs),
	}
	return uuid.NewSHA1(nameSpace, []byte(strings.Join(parts, "\x00"))).String(), nil
}
