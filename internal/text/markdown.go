package text

import (
	"fmt"
	"strings"
	"unicode"
)

// The Markdown door has one technique, the numeric entity. Parsers take it for text
// everywhere, whatever precedes it, which is not true of a backslash, and it means the
// same inside an HTML block. GitHub and GitLab search the rendered text once more for
// mentions, references, formulas and addresses, where the entity is the character again.
// There a place to break the line separates the sign from the name it would apply to: an
// element that both sites keep (html-pipeline, SanitizationFilter) and that is in no text
// a reader copies, unlike an invisible character.
const lineBreak = "<wbr>"

const (
	// markup are the characters that may start Markdown or HTML markup anywhere in a
	// line.
	markup = "\\`*_{}[]<>|~!#$&@^\""
	// sigils give a meaning to what follows them on GitHub or GitLab, as references,
	// formulas, check boxes, emojis or links: @user #1 !1 &1 %1 ~label $1 ^alert
	// *iteration:1 [issue:1] [[page]] [x] {+added+} :emoji: https://.
	sigils = "@#!&%~$^*[{:"
)

// escapeMarkdown makes a clean line render as itself.
func escapeMarkdown(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/4)
	runes := []rune(s)
	hex := 0 // hexadecimal digits since the last word break; negative inside a word
	for i, r := range runes {
		var prev, next rune
		if i > 0 {
			prev = runes[i-1]
		}
		if i+1 < len(runes) {
			next = runes[i+1]
		}

		if r == '$' || (r == '.' && endsInWWW(runes[:i])) {
			b.WriteString(lineBreak)
		}
		// GitHub and GitLab link seven hexadecimal digits at the start of a word to a
		// commit.
		switch {
		case isHex(r) && hex == 6:
			b.WriteString(lineBreak)
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
			b.WriteString(lineBreak)
		}
		if next != 0 && next != ' ' && (strings.ContainsRune(sigils, r) || isIssueHyphen(prev, r, next)) {
			b.WriteString(lineBreak)
		}
	}
	return b.String()
}

func isMarkup(r rune) bool { return r < unicode.MaxASCII && strings.ContainsRune(markup, r) }

// isPunctuation reports whether r at the start of a line could mean something to Markdown
// or to GitLab's quick actions.
func isPunctuation(r rune) bool {
	return r < unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r))
}

// endsListNumber reports whether r makes a numbered list item of what precedes it.
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

// isIssueHyphen reports whether the hyphen r may be part of an issue key, such as GH-12,
// gh-12, JIRA-7 or GHSA-xxxx.
func isIssueHyphen(prev, r, next rune) bool {
	return r == '-' && (unicode.IsUpper(prev) || unicode.IsLetter(prev) && unicode.IsDigit(next))
}

func endsInWWW(before []rune) bool {
	n := len(before)
	return n >= 3 && strings.EqualFold(string(before[n-3:]), "www")
}

// isWord reports whether r continues a word, in the sense of \b in ASCII.
func isWord(r rune) bool { return isHex(r) || r >= 'g' && r <= 'z' || r >= 'G' && r <= 'Z' || r == '_' }

func isHex(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F'
}
