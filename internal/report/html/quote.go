package html

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Limits of what is searched for.
const (
	quotedReason = reasonLimit
	leastQuoted  = 8  // letters and digits of a quotation: shorter ones are words, not turns
	mostQuotes   = 20 // quotations of a reason
)

// quotedBy returns, for each turn of a call's transcript, the names of the evals whose reasons quote it, as
// far as the words between quotation marks can be found in it. A quotation marks the first turn that has it.
func quotedBy(c verdict.Call) [][]text.Untrusted {
	if c.Transcript == nil || len(c.Transcript.Turns) == 0 {
		return nil
	}
	by := make([][]text.Untrusted, len(c.Transcript.Turns))
	var said []string
	for _, e := range c.Evals {
		quotes := quotations(e.Reason.LineMax(quotedReason))
		if len(quotes) > 0 && said == nil {
			for _, turn := range c.Transcript.Turns {
				said = append(said, plainWords(turn.Text.LineMax(calls.MaxTurnCharacters)))
			}
		}
		marked := map[int]bool{}
		for _, q := range quotes {
			for i, words := range said {
				if strings.Contains(words, q) || strings.ContainsFunc(q, unspaced) && strings.Contains(words, strings.TrimSpace(q)) {
					if !marked[i] {
						by[i] = append(by[i], report.Titled(e.Name()))
					}
					marked[i] = true
					break
				}
			}
		}
	}
	return by
}

// closing are the marks that end a quotation, by the mark that begins it.
var closing = map[rune]string{'"': `"`, '“': "”“\"", '„': "“”\"", '«': "»", '»': "«", '‘': "’", '\'': "'", '「': "」", '『': "』"}

// quotations returns what stands between quotation marks, as [plainWords]. A quotation with an ellipsis is
// several.
func quotations(reason string) []string {
	var out []string
	before := ' '
	for i := 0; i < len(reason) && len(out) < mostQuotes; {
		r, size := utf8.DecodeRuneInString(reason[i:])
		inner := reason[i+size:]
		end, letter := -1, unicode.IsLetter(before) || unicode.IsDigit(before)
		if marks := closing[r]; marks != "" && (r != '\'' || !letter) {
			end = quoteEnd(inner, marks)
		}
		if end < 0 {
			before, i = r, i+size
			continue
		}
		for part := range strings.SplitSeq(strings.ReplaceAll(inner[:end], "...", "…"), "…") {
			if words := plainWords(part); utf8.RuneCountInString(words) > leastQuoted {
				out = append(out, words)
			}
		}
		i += size + end
		_, size = utf8.DecodeRuneInString(reason[i:])
		before, i = ' ', i+size
	}
	return out
}

// quoteEnd returns where a quotation ends; -1 if it does not. An apostrophe ends it only at the end of a word.
func quoteEnd(s, marks string) int {
	for i, r := range s {
		if !strings.ContainsRune(marks, r) {
			continue
		}
		next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
		if (r == '\'' || r == '’') && unicode.IsLetter(next) {
			continue
		}
		return i
	}
	return -1
}

// unspaced reports whether a letter is of a script that puts no blanks between words.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}

// plainWords are the letters and digits of a text in lower case, each word between blanks, so that
// punctuation and case do not hide a quotation.
func plainWords(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return ""
	}
	return " " + strings.Join(words, " ") + " "
}
