package project_test

import "strings"

// pair is a key of a YAML mapping with its value, as a CI system passes it on.
type pair struct{ key, value string }

// mappings returns the mappings of scalars under a key, such as every "with:", in text
// order. It reads what examples use: plain and quoted values, literal (|) and folded (>)
// blocks, comments. Whether the YAML as a whole is valid is for actionlint and the
// schemas to say (.ci/run workflows).
func mappings(text, key string) [][]pair {
	var found [][]pair
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		if body := strings.TrimLeft(lines[i], " -"); stripComment(body) == key+":" {
			pairs, end := mapping(lines, i+1, len(lines[i])-len(body))
			found = append(found, pairs)
			i = end - 1
		}
	}
	return found
}

// mapping reads the pairs that are indented deeper than outer, and returns the line after
// them. Deeper lines that are not blocks belong to no pair.
func mapping(lines []string, from, outer int) (pairs []pair, end int) {
	depth := -1
	for end = from; end < len(lines); end++ {
		line := lines[end]
		body := strings.TrimLeft(line, " ")
		indent := len(line) - len(body)
		if body == "" || strings.HasPrefix(body, "#") {
			continue
		}
		if indent <= outer {
			return pairs, end
		}
		if depth < 0 {
			depth = indent
		}
		key, value, ok := strings.Cut(body, ":")
		if indent != depth || !ok {
			continue
		}
		value = stripComment(value)
		if value == "|" || value == ">-" || value == ">" || value == "|-" {
			var block []string
			for end++; end < len(lines) && (strings.TrimSpace(lines[end]) == "" || leading(lines[end]) > indent); end++ {
				block = append(block, lines[end])
			}
			end--
			value = joined(block, value[0] == '>')
		}
		pairs = append(pairs, pair{strings.Trim(key, `"'`), unquote(value)})
	}
	return pairs, end
}

// values returns the values of a key, wherever it occurs.
func values(text, key string) []string {
	var found []string
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		body := strings.TrimLeft(line, " -")
		if !strings.HasPrefix(body, key+":") {
			continue
		}
		rest := append([]string{strings.Repeat(" ", len(line)-len(body)) + body}, lines[i+1:]...)
		if pairs, _ := mapping(rest, 0, len(line)-len(body)-1); len(pairs) > 0 {
			found = append(found, pairs[0].value)
		}
	}
	return found
}

// joined returns the lines of a block without their common indent.
func joined(block []string, fold bool) string {
	indent := -1
	for _, line := range block {
		if strings.TrimSpace(line) != "" && (indent < 0 || leading(line) < indent) {
			indent = leading(line)
		}
	}
	var b strings.Builder
	for _, line := range block {
		if len(line) >= indent && indent > 0 {
			line = line[indent:]
		}
		b.WriteString(line)
		if fold {
			b.WriteByte(' ')
		} else {
			b.WriteByte('\n')
		}
	}
	return strings.TrimRight(b.String(), " \n") + "\n"
}

func leading(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// stripComment removes a comment that is not in quotes, and trailing spaces.
func stripComment(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, `"`) || strings.HasPrefix(s, "'") {
		if end := strings.LastIndexByte(s, s[0]); end > 0 {
			return s[:end+1]
		}
	}
	if at := strings.Index(" "+s, " #"); at >= 0 {
		s = s[:at]
	}
	return strings.TrimSpace(s)
}

// unquote removes the quotes of a scalar.
func unquote(s string) string {
	if len(s) < 2 || s[0] != s[len(s)-1] {
		return s
	}
	switch s[0] {
	case '\'':
		return strings.ReplaceAll(s[1:len(s)-1], "''", "'")
	case '"':
		return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(s[1 : len(s)-1])
	}
	return s
}
