package text

import "strings"

// disarm breaks everything in a clean line that a CI runner takes for a command:
//
//   - "::name::" at the start of a line, after spaces (GitHub). A text may be printed at the
//     start of a line or after words of ours, so every word that starts with two colons is
//     broken, and so is a single colon at the very start, since one of ours may precede it.
//     Colons inside a word stay: "[::1]:443" is harmless.
//   - "##[name]", "##vso[" and "##teamcity[" anywhere in a line (GitHub's old form, Azure
//     Pipelines, TeamCity): no two number signs stay together.
//   - "section_start:" and "section_end:" (GitLab).
//
// It inserts a backslash, because readers can see it.
func disarm(s string) string {
	if !strings.ContainsAny(s, ":#") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ':':
			if i == 0 || s[i-1] == ' ' {
				i += disarmColons(&b, s[i:], i == 0) - 1
				continue
			}
			if before := s[:i]; strings.HasSuffix(before, "section_start") || strings.HasSuffix(before, "section_end") {
				b.WriteByte('\\')
			}
		case '#':
			if i > 0 && s[i-1] == '#' {
				b.WriteByte('\\')
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// disarmColons writes the colons at the start of s, disarmed, and returns how many there
// are.
func disarmColons(b *strings.Builder, s string, first bool) int {
	n := len(s) - len(strings.TrimLeft(s, ":"))
	if n == 1 && !first {
		b.WriteByte(':')
		return n
	}
	b.WriteString(strings.Repeat(`\:`, n))
	return n
}
