package gate

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

// RunName makes the name of the run test from the CI context and the inputs. Within
// one job attempt it is always the same, so that a create whose answer was lost can be
// looked up; another attempt, job, step or set of inputs makes another. Outside of a CI
// system there is no attempt to speak of, and every run gets a name of its own.
//
// It has no slash, since the look-up by name cannot route one (contract, section 3.3),
// and at most 255 characters.
func RunName(c config.Config, context ci.Context) (string, error) {
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

// RunKey is the end of a run's name, which tells whether two starts are the same.
func RunKey(name string) string { return name[max(0, len(name)-len(uuid.Nil.String())):] }

// RunDescription is the description of the run test: the input, else which job made it,
// so that somebody who finds it in the dashboard can find the job.
func RunDescription(c config.Config, context ci.Context) string {
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
		context.Job.Raw(), context.Step, context.Runner, string(inputs),
	}
	return uuid.NewSHA1(nameSpace, []byte(strings.Join(parts, "\x00"))).String(), nil
}

// contextName is a readable name: the project, the branch, the commit.
func contextName(context ci.Context) string {
	repository := context.Repository.Raw()
	parts := []string{"agent-gate", repository[strings.LastIndexByte(repository, '/')+1:], context.Ref.Raw()}
	if sha := context.SHA; sha != "" {
		parts = append(parts, sha[:min(7, len(sha))])
	}
	var words []string
	for _, p := range parts {
		if word := plainWord(p); word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, "-")
}

// plainWord keeps letters, digits, dots and underscores of ASCII, and puts one hyphen
// for everything between them. A part of a name has at most 60 characters.
func plainWord(s string) string {
	var b strings.Builder
	for _, c := range s {
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_'
		switch {
		case plain:
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	word := strings.TrimRight(b.String(), "-")
	return word[:min(60, len(word))]
}
