package text

import (
	"strings"
	"unicode"
)

// Diagram is the door for names in a Mermaid diagram, inside double quotes. It returns
// one line of at most n characters: letters, digits and marks of any script, spaces, and
// the few signs that mean nothing to Mermaid anywhere. Mermaid looks for directives
// (%%{…}%%), entities (#35;), comments, HTML and Markdown in the whole text before it
// parses, strings included, so everything else becomes a space.
func (t Untrusted) Diagram(n int) string {
	shown := strings.Map(func(r rune) rune {
		switch {
		case unicode.In(r, unicode.L, unicode.N, unicode.M), r == ' ', strings.ContainsRune(".,:()/-+=?!'…", r):
			return r
		}
		return ' '
	}, cleanLine(t.raw, 4*n+LineLimit)) // longer than n, since some is dropped
	return cut(cleanLine(shown, n), n) // clean again: a mark may have lost its base
}
