package text

import (
	"strings"
	"unicode/utf8"
)

// The limits of the doors, in characters of the cleaned text. Doors have limits because a
// stranger decides how long a text is, and a sink that is flooded gets cut by someone
// else in a worse place: GitHub drops a job summary above 1 MiB and cuts an annotation at
// 4096 characters, GitLab drops a JUnit file above 30 MB.
const (
	LineLimit       = 500
	CellLimit       = 200
	BlockLimit      = 16_000
	fenceLimit      = 4000
	fenceLinesLimit = 80
)

// ellipsis marks what a limit cut off. It counts as one character.
const ellipsis = "…"

// Line is the door for log lines, terminals and every other single line of plain text. It
// returns one line of at most [LineLimit] characters. Control characters, terminal
// sequences, bidirectional overrides and invisible characters are removed, white space is
// folded to single spaces, and invalid UTF-8 becomes U+FFFD. No part of it is a command
// to a CI runner, wherever in a line it is printed. Line is idempotent.
func (t Untrusted) Line() string { return t.LineMax(LineLimit) }

// LineMax is [Untrusted.Line] with a limit of n characters; empty when n is not positive.
func (t Untrusted) LineMax(n int) string {
	return cut(disarm(cleanLine(t.raw, n)), n)
}

// Cell is the door for inline Markdown: a table cell, a heading, a list item, a sentence.
// It returns one line of at most [CellLimit] characters that GitHub and GitLab render as
// exactly that text: no markup, HTML, link, image, mention, reference or quick action. It
// may also stand between two HTML tags, where entities mean the same.
func (t Untrusted) Cell() string { return t.CellMax(CellLimit) }

// CellMax is [Untrusted.Cell] with a limit of n characters as a reader sees them; the
// escaped text is longer.
func (t Untrusted) CellMax(n int) string {
	return escapeMarkdown(cut(cleanLine(t.raw, n), n))
}

// Fence is the door for a Markdown block: a fenced code block with a trailing newline,
// whose fence is longer than any in the text. It keeps lines, up to 4000
// characters and 80 lines, and is empty when nothing is visible. Write it
// at the start of a line, below a blank one, and not in a list.
func (t Untrusted) Fence() string { return t.FenceMax(fenceLimit, fenceLinesLimit) }

// FenceMax is [Untrusted.Fence] with other limits.
func (t Untrusted) FenceMax(characters, lines int) string {
	block := cutLines(cleanBlock(t.raw, characters), lines)
	if block == "" {
		return ""
	}
	fence := strings.Repeat("`", max(3, longestRun(block, '`')+1))
	return fence + "text\n" + block + "\n" + fence + "\n"
}

// XML is the door for XML character data and attributes: only characters that XML 1.0
// allows, lines kept, at most [BlockLimit] characters. Escaping is left to encoding/xml.
func (t Untrusted) XML() string { return cleanBlock(t.raw, BlockLimit) }

// HTML is the door for HTML text: lines kept, at most [BlockLimit] characters. Escaping
// is left to html/template; the result is a plain string so that it does escape.
func (t Untrusted) HTML() string { return t.HTMLMax(BlockLimit) }

// HTMLMax is [Untrusted.HTML] with a limit of n characters.
func (t Untrusted) HTMLMax(n int) string { return cleanBlock(t.raw, n) }

// cut shortens s to n characters, the last of which is then an ellipsis.
func cut(s string, n int) string {
	if n <= 0 {
		return ""
	}
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	end := 0
	for range n - 1 {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	return strings.TrimRight(s[:end], " \n\t") + ellipsis
}

// cutLines shortens s to n lines, the last of which is then an ellipsis.
func cutLines(s string, n int) string {
	lines := strings.Split(s, "\n")
	if len(lines) <= n {
		return s
	}
	if n <= 0 {
		return ""
	}
	return strings.Join(append(lines[:n-1:n-1], ellipsis), "\n")
}

// longestRun returns the length of the longest run of c in s.
func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != c {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
