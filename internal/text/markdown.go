package text

import (
	"fmt"
	"strings"
	"unicode"
)

// The one technique of the Markdown door is the numeric entity. Parsers take it for
// text in every place, whatever stands before it, which is not true of a backslash,
// and it means the same inside an HTML block. GitHub and GitLab look for mentions,
// references, formulas and addresses once more in the rendered text, where the entity
// is the character again; there a zero-width space, also an entity, parts the sign
// from the name that it would take.
const zeroWidth = "&#8203;"

const (
	// markup may start markup of Markdown or HTML anywhere in a line.
	markup = "\\`*_{}[]<>|~!#$&@^\""
	// sigils make something of what follows them, on GitHub or on GitLab: @user #1 !1
	// &1 %1 ~label $1 ^alert *iteration:1 [issue:1] [[page]] [x] {+added+} :emoji:
	// https://, which are references, formulas, check boxes, emojis and links.
	sigils = "@#!&%~$^*[{:"
)

// escapeMarkdown makes a clean line render as itself.
func escapeMarkdown(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/4)
	runes := []rune(s)
	hex := 0 // hexadecimal digits in a row, since the last break; negative inside a word
	for i, r := range runes {
		var prev, next rune
		if i > 0 {
			prev = runes[i-1]
		}
		if i+1 < len(runes) {
			next = runes[i+1]
		}

		if r == '$' || (r == '.' && endsInWWW(runes[:i])) {
			b.WriteString(zeroWidth)
		}
		// Seven hexadecimal digits are a commit to GitHub and GitLab, when they start a
		// word.
		switch {
		case isHex(r) && hex == 6:
			b.WriteString(zeroWidth)
			hex = 1
		case isHex(r) && hex >= 0:
			hex++
		case isWord(r):
			hex = -1
		default:
			hex = 0
		}

		if isMarkup(r) || (i == 0 && isPunctuation(r)) || endsListNumber(runes[:i], r) {
			fmt.Fprintf(&b, "&#%d;", r)
		} else {
			b.WriteRune(r)
		}

		if r == '[' && next == ' ' { // the empty check box
			b.WriteString(zeroWidth)
		}
		if next != 0 && next != ' ' && (strings.ContainsRune(sigils, r) || isIssueHyphen(prev, r, next)) {
			b.WriteString(zeroWidth)
		}
	}
	return b.String()
}

func isMarkup(r rune) bool { return r < unicode.MaxASCII && strings.ContainsRune(markup, r) }

// isPunctuation reports whether Markdown, or a quick action of GitLab, could see more
// than text in r at the start of a line.
func isPunctuation(r rune) bool {
	return r < unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r))
}

// endsListNumber reports whether r makes an item of a numbered list of what stands
// before it.
func endsListNumber(before []rune, r rune) bool {
	if (r != '.' && r != ')') || len(before) == 0 || len(before) > 9 {
		return false
	}
	for _, d := range before {
		if d < '0' || d > '9' {
			return false
		}
	}
	return true
}

// isIssueHyphen reports whether the hyphen r may stand in the name of an issue, such
// as GH-12, gh-12, JIRA-7 or GHSA-xxxx.
func isIssueHyphen(prev, r, next rune) bool {
	return r == '-' && (unicode.IsUpper(prev) || unicode.IsLetter(prev) && unicode.IsDigit(next))
}

func endsInWWW(before []rune) bool {
	n := len(before)
	return n >= 3 && strings.EqualFold(string(before[n-3:]), "www")
}

// isWord reports whether r continues a word, as the ASCII form of \b has it.
func isWord(r rune) bool { return isHex(r) || r >= 'g' && r <= 'z' || r >= 'G' && r <= 'Z' || r == '_' }

func isHex(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F'
}
