package text

import "strings"

// disarm breaks everything in a clean line that a CI runner takes for a command:
//
//   - "::name::" at the start of a line, after blanks (GitHub). A text may be printed
//     at the start of a line or after words of ours, so every word that starts with
//     two colons is broken, and a lone colon at the very start, to which a colon of
//     ours could be added. Colons within a word stay: "[::1]:443" is harmless.
//   - "##[name]", "##vso[" and "##teamcity[" anywhere in a line (GitHub's old form,
//     Azure Pipelines, TeamCity): two number signs never stand together.
//   - "section_start:" and "section_end:" (GitLab).
//
// What breaks them is a backslash, because it can be seen.
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

// disarmColons writes the colons that s starts with, and returns how many there are.
func disarmColons(b *strings.Builder, s string, first bool) int {
	n := len(s) - len(strings.TrimLeft(s, ":"))
	if n == 1 && !first {
		b.WriteByte(':')
		return n
	}
	b.WriteString(strings.Repeat(`\:`, n))
	return n
}
