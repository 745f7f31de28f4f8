package text

import (
	"strings"
)

// Nearest returns the candidate that a misspelt name most likely means, or "" when none
// is close: at most one edit per four letters of the candidate, and at most three.
func Nearest(name string, candidates []string) string {
	if len(name) > 64 { // longer than any name; do not waste time on junk
		return ""
	}
	best, bestDistance := "", 4
	for _, c := range candidates {
		limit := min(3, max(1, len(c)/4))
		if d := Distance(name, c, limit+1); d <= limit && d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// NearestOrPart is nearest, and failing that the only candidate that contains the name:
// "success-rate" for min-success-rate.
func NearestOrPart(name string, candidates []string) string {
	if c := Nearest(name, candidates); c != "" {
		return c
	}
	found := ""
	for _, c := range candidates {
		if len(name) >= 4 && strings.Contains(c, name) {
			if found != "" {
				return ""
			}
			found = c
		}
	}
	return found
}

// Suggestion formats a suggestion for the end of a sentence; empty without one.
func Suggestion(suggestion string) string {
	if suggestion == "" {
		return ""
	}
	return "; did you mean " + suggestion + "?"
}

// DidYouMean returns a suggestion for a misspelt name, for the end of a sentence; empty
// when no candidate is close.
func DidYouMean(name string, candidates []string) string {
	return Suggestion(Nearest(name, candidates))
}
