package text

import (
	"strings"
	"unicode"
)

// Diagram is the door of names in a Mermaid diagram, inside of double quotes. It returns
// one line of at most n characters: letters, digits and marks of any script, blanks, and
// the few signs that mean nothing to Mermaid in any place. Directives (%%{…}%%), entities
// (#35;), comments, HTML and Markdown are looked for in the whole text before it is
// parsed, in strings too, so everything else becomes a blank.
func (t Untrusted) Diagram(n int) string {
	shown := strings.Map(func(r rune) rune {
		switch {
		case unicode.In(r, unicode.L, unicode.N, unicode.M), r == ' ', strings.ContainsRune(".,:()/-+=?!'…", r):
			return r
		}
		return ' '
	}, cleanLine(t.raw, 4*n+LineLimit)) // what is dropped makes room for what follows
	return cut(cleanLine(shown, n), n) // once more: a mark must not lose what it stood on
}
