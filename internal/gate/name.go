package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/config"
)

// maxName is the longest name of a run test, in characters (create-run-test.txt).
const maxName = 255

// The parts of a name, in characters: with the longest of each, the number of a pull
// request, a commit and a UUID they stay below maxName.
const (
	maxRepository     = 100
	maxWord           = 60
	fingerprintLength = 12
)

// nameSpace is the UUIDv5 name space of run names. It is fixed: the same job attempt
// must give the same name in every version.
var nameSpace = uuid.MustParse("6f1f5e0e-52a1-5c53-9a0d-4d0f6c9b8d11")

// RunName makes the name of the run test from the CI context and the inputs. Within
// one job attempt it is always the same, so that a create whose answer was lost can be
// looked up; another attempt, job, matrix leg (the
// input comment-key) or set of inputs makes another. Steps and runners, which differ from
// attempt to attempt, make none. Outside of a CI
// system, and under act, there is no attempt to speak of, and every run gets a name of its
// own. The name of a branch's run is one that [BaselineName] looks for; that of a pull
// request is not, whatever its branch is called.
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
		context.Job.Raw(), c.Comment.Key, string(inputs),
	}
	return uuid.NewSHA1(nameSpace, []byte(strings.Join(parts, "\x00"))).String(), nil
}

// contextName is a readable name: the repository with its whole path, what of it is
// tested, and the commit. Between them stands a fingerprint of the first two, without
// which "a/b" and "a-b" would have one name, and a pull request that of a branch.
func contextName(context ci.Context) string {
	words := append([]string{"agent-gate", plainWord(context.Repository.Raw(), maxRepository)}, subject(context)...)
	if !context.Repository.IsEmpty() {
		words = append(words, fingerprint(context))
	}
	if sha := strings.ToLower(context.SHA); sha != "" {
		words = append(words, sha[:min(7, len(sha))])
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), "-")
}

// subject is what of the repository is tested, as words of a name.
func subject(context ci.Context) []string {
	ref := plainWord(context.Ref.Raw(), maxWord)
	switch context.Kind {
	case ci.KindBranch:
		return []string{ref}
	case ci.KindTag:
		return []string{"tag", ref}
	case ci.KindPull:
		number := ""
		if context.PullNumber > 0 {
			number = strconv.Itoa(context.PullNumber)
		}
		return []string{"pull", number, ref}
	case ci.KindQueue:
		return []string{"queue", plainWord(context.BaseRef.Raw(), maxWord)}
	}
	return []string{plainWord(context.Event, maxWord)}
}

// fingerprint tells apart what is tested where the words of the name do not. Runs of the
// same branch of the same repository have the same one, and nothing else has it.
func fingerprint(context ci.Context) string {
	parts := []string{context.Repository.Raw(), string(context.Kind)}
	switch context.Kind {
	case ci.KindBranch, ci.KindTag:
		parts = append(parts, context.Ref.Raw())
	case ci.KindPull:
		parts = append(parts, strconv.Itoa(context.PullNumber), context.Ref.Raw())
	case ci.KindQueue:
		parts = append(parts, context.BaseRef.Raw())
	case ci.KindNone:
		parts = append(parts, context.Event)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:fingerprintLength/2])
}

// plainWord keeps letters, digits, dots and underscores of ASCII, and puts one hyphen
// for everything between them.
func plainWord(s string, most int) string {
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
	return word[:min(most, len(word))]
}
