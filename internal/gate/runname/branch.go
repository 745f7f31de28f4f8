package runname

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/ci"
)

// The parts of a name, in characters: with the longest of each, the number of a pull
// request, a commit and a UUID they stay below maxName.
const (
	maxRepository     = 100
	maxWord           = 60
	fingerprintLength = 12
)

// Baseline is how the names of the gate runs begin that a run in this CI context is
// compared with: those of the branch that it is compared with, see [ci.Context.Target]. It
// is empty when that is not known, as outside of a CI system.
func Baseline(context ci.Context) string {
	target := context.Target()
	if target.IsEmpty() || context.Repository.IsEmpty() {
		return ""
	}
	return contextName(ci.Context{Repository: context.Repository, Kind: ci.KindBranch, Ref: target})
}

// IsRunOf reports whether a name is one that Of makes of a context: the base, a
// commit, and a UUID.
func IsRunOf(base, name string) bool {
	rest, ok := strings.CutPrefix(name, base+"-")
	if !ok {
		return false
	}
	if commit, after, ok := strings.Cut(rest, "-"); ok && len(commit) == 7 && strings.Trim(commit, "0123456789abcdef") == "" {
		rest = after
	}
	return len(rest) == 36 && uuid.Validate(rest) == nil
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
