package runname

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/ci/job"
)

// The longest parts of a name, in characters. With a pull request number, a commit and a UUID they
// stay below maxName.
const (
	maxRepository     = 100
	maxWord           = 60
	maxGate           = 24
	fingerprintLength = 12
)

// Baseline returns the name prefix of the gate runs that a run in this CI context is compared with:
// those of its target branch, see [job.Context.Target]. It is empty if that is unknown, such as outside
// of CI. A gate of a suite is compared with the runs of that gate.
func Baseline(gate string, context job.Context) string {
	target := context.Target()
	if target.IsEmpty() || context.Repository.IsEmpty() {
		return ""
	}
	return contextName(gate, job.Context{Repository: context.Repository, Kind: job.KindBranch, Ref: target})
}

// IsRunOf reports whether [Of] makes this name from a base: the base, a commit, if any, and a UUID.
func IsRunOf(base, name string) bool {
	rest, ok := strings.CutPrefix(name, base+"-")
	if !ok {
		return false
	}
	if commit, after, ok := strings.Cut(rest, "-"); ok && len(commit) == 7 && strings.Trim(commit, "0123456789abcdef") == "" {
		rest = after
	}
	if mark, after, ok := strings.Cut(rest, "-"); ok && len(mark) == 1+ownLength && mark[0] == 's' && strings.Trim(mark[1:], "0123456789abcdef") == "" {
		rest = after // see [Own]
	}
	return len(rest) == 36 && uuid.Validate(rest) == nil
}

// contextName returns the readable part of a name: the full path of the repository, what is tested,
// their fingerprint, and the commit. Without the fingerprint "a/b" and "a-b" would share a name, and a
// pull request could have a branch's name. The name of a gate comes before what is tested.
func contextName(gate string, context job.Context) string {
	words := append([]string{"agent-gate", plainWord(context.Repository.Raw(), maxRepository), plainWord(gate, maxGate)}, subject(context)...)
	if !context.Repository.IsEmpty() {
		words = append(words, fingerprint(gate, context))
	}
	if sha := strings.ToLower(context.SHA); sha != "" {
		words = append(words, sha[:min(7, len(sha))])
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), "-")
}

// subject returns what is tested, such as a branch or a pull request, as words of a name.
func subject(context job.Context) []string {
	ref := plainWord(context.Ref.Raw(), maxWord)
	switch context.Kind {
	case job.KindBranch:
		return []string{ref}
	case job.KindTag:
		return []string{"tag", ref}
	case job.KindPull:
		number := ""
		if context.PullNumber > 0 {
			number = strconv.Itoa(context.PullNumber)
		}
		return []string{"pull", number, ref}
	case job.KindQueue:
		return []string{"queue", plainWord(context.BaseRef.Raw(), maxWord)}
	}
	return []string{plainWord(context.Event, maxWord)}
}

// fingerprint tells apart what the words of the name do not. It is the same for all runs of one branch
// of one repository and one gate, and different for everything else.
func fingerprint(gate string, context job.Context) string {
	parts := []string{context.Repository.Raw(), string(context.Kind)}
	if gate != "" {
		parts[0] += "\x00" + gate
	}
	switch context.Kind {
	case job.KindBranch, job.KindTag:
		parts = append(parts, context.Ref.Raw())
	case job.KindPull:
		parts = append(parts, strconv.Itoa(context.PullNumber), context.Ref.Raw())
	case job.KindQueue:
		parts = append(parts, context.BaseRef.Raw())
	case job.KindNone:
		parts = append(parts, context.Event)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:fingerprintLength/2])
}

// plainWord keeps ASCII letters, digits, dots and underscores, and replaces everything between them
// with a hyphen. The result has at most most characters.
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
