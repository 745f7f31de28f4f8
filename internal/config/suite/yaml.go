package suite

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// SizeLimit is the size of the largest suite file, in bytes.
const SizeLimit = 1_000_000

// parse turns a file into the nodes of its one document. It returns nil after a mistake.
func (m *mistakes) parse(data []byte) *yaml.Node {
	if !m.isText(data) {
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		m.rejectEmpty()
		return nil
	case err != nil:
		m.rejectSyntax(data, err)
		return nil
	case isNull(document.Content[0]):
		m.rejectEmpty()
		return nil
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		m.reject(&second, "a second document begins here; the file must have only one")
		return nil
	case !errors.Is(err, io.EOF):
		m.rejectSyntax(data, err)
		return nil
	}
	return document.Content[0]
}

func (m *mistakes) rejectEmpty() {
	m.rejectAt(m.place(1, 1), "the file is empty; it needs at least version: 1 and gates")
}

// isText rejects what is not UTF-8 text of a reasonable size.
func (m *mistakes) isText(data []byte) bool {
	if len(data) > SizeLimit {
		m.rejectAt(m.place(1, 1), "the file is larger than %d bytes", SizeLimit)
		return false
	}
	line, column := 1, 1
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			m.rejectAt(m.place(line, column), "the file is not UTF-8")
			return false
		case r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 && r != 0x85:
			m.rejectAt(m.place(line, column), "the control character %U is not allowed", r)
			return false
		}
		if rest = rest[size:]; r == '\n' {
			line, column = line+1, 1
		} else {
			column++
		}
	}
	return true
}

// syntaxLine matches an error of the YAML library.
var syntaxLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^yaml: (?:line ([0-9]+): )?(.*)$`)
})

// rejectSyntax records an error of the YAML library, which names the line alone, and not
// always.
func (m *mistakes) rejectSyntax(data []byte, err error) {
	lines := strings.Split(string(data), "\n")
	for i, line := range lines {
		// The most frequent mistake, which the library describes in other words.
		if indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]; strings.Contains(indent, "\t") && strings.TrimSpace(line) != "" {
			m.rejectAt(m.place(i+1, strings.IndexByte(indent, '\t')+1), "a tab in the indentation, where YAML allows only spaces")
			return
		}
	}
	number, problem := 1, err.Error()
	if found := syntaxLine().FindStringSubmatch(problem); found != nil {
		if n, err := strconv.Atoi(found[1]); err == nil {
			number = min(n, len(lines))
		}
		problem = found[2]
	}
	if anchor, found := strings.CutPrefix(problem, "unknown anchor '"); found { // of which it names no line
		anchor, _, _ = strings.Cut(anchor, "'")
		for i, line := range lines {
			if at := strings.Index(line, "*"+anchor); at >= 0 && !strings.HasPrefix(strings.TrimLeft(line, " "), "#") {
				m.rejectAt(m.place(i+1, at+1), "there is no anchor &%s that *%s could refer to", anchor, anchor)
				return
			}
		}
	}
	line := lines[number-1]
	column := len(line) - len(strings.TrimLeft(line, " ")) + 1
	m.rejectAt(m.place(number, column), "the YAML cannot be read: %s", quote(problem))
}
