package criteria

import (
	"regexp"
	"strings"
	"sync"

	"github.com/agent-gate/agent-gate/internal/text"
)

// What a criterion or a condition in a comment looks like. A match is then parsed: most are none.
const (
	likeName   = `(?:"(?:[^"\\]|\\.)*"|[^\s":#]+)`
	likeBound  = `\s*[<>=!≤≥≠]+\s*[-+.]?[0-9][^\s,;)]*`
	likeScope  = `(?:(?:each\s+(?:scenario|eval)|(?:scenario|eval)\s+` + likeName + `)\s*:\s*)?`
	likeMetric = `[A-Za-z_]+(?:\.[a-z0-9]+)*(?:\s+"(?:[^"\\]|\\.)*"(?:\.change)?)?`
)

// They are compiled on the first comment: most runs have none.
var (
	likeCriterion = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(likeScope + likeMetric + likeBound)
	})
	likeCondition = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`eval\s+` + likeName + `\s+(?:passed|is\s+"(?:[^"\\]|\\.)*"|score` + likeBound + `)|[a-z_]+` + likeBound)
	})
)

// criteriaInside returns the criteria that a comment holds.
func criteriaInside(comment string) []string {
	return inside(comment, likeCriterion(), (*parser).criterion)
}

// conditionsInside returns the conditions that a comment holds.
func conditionsInside(comment string) []string {
	return inside(comment, likeCondition(), (*parser).condition)
}

func inside[T any](comment string, like *regexp.Regexp, read func(*parser) (T, bool)) []string {
	var found []string
	for _, part := range like.FindAllString(comment, -1) {
		tokens, _, problem := tokenize(part)
		if problem != "" {
			continue
		}
		p := parser{tokens: tokens}
		// A mistake with a suggestion counts too.
		if _, ok := read(&p); ok || p.suggestion != "" {
			found = append(found, part)
		}
	}
	return found
}

// swallowed says that a comment hides a criterion that was meant to count: YAML's folded style joins
// lines, and a comment on the first then runs to the end of the last. A single line that is
// commented out is fine; behind means that something precedes the comment.
func swallowed[T comparable](l language[T], comment string, behind bool) string {
	if !strings.ContainsAny(comment, opRunes) && !strings.Contains(comment, string(ScopeEval)) {
		return ""
	}
	found := l.inside(comment)
	if len(found) == 0 || len(found) == 1 && !behind {
		return ""
	}
	shown := text.New(reveal(strings.TrimSpace(found[0]))).LineMax(80)
	return "the comment hides the " + l.what + " " + shown + "; write each " + l.what + " on its own line, even one that is commented out (in YAML, write " +
		l.input + `: | instead of >, which joins all lines)`
}
