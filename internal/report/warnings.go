package report

import (
	"slices"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Warnings returns the warnings from the evidence and from the judgement, without duplicates.
func Warnings(r Report) []text.Untrusted {
	seen := map[text.Untrusted]bool{}
	var out []text.Untrusted
	for _, w := range slices.Concat(r.Evidence.Warnings, r.Verdict.Warnings) {
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}

// LostSentences say why the platform lost calls, and what to do about it.
func LostSentences(r Report) []text.Untrusted {
	var all []text.Untrusted
	for _, l := range r.Verdict.Lost {
		all = append(all, l.Sentence())
	}
	return all
}

// OtherWarnings returns the warnings that are not shown with the verdict.
func OtherWarnings(r Report) []text.Untrusted {
	said := LostSentences(r)
	return slices.DeleteFunc(Warnings(r), func(w text.Untrusted) bool { return slices.Contains(said, w) })
}
