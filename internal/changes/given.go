package changes

import (
	"encoding/json"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// maxList is the most that is read of a list of files, in bytes.
const maxList = 64 << 20

// given is the list that the input gives: paths, or @ and the file that has them.
func given(input string) List {
	name, inFile := strings.CutPrefix(strings.TrimSpace(input), "@")
	if !inFile {
		return List{Files: clean(split(input)), Known: true, Source: FromInput}
	}
	l := List{Source: FromFile}
	f, err := os.Open(name)
	if err != nil {
		l.Why = text.Sprintf("the file that changed-files names cannot be read: %s", text.New(err.Error()))
		return l
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxList+1))
	switch {
	case err != nil:
		l.Why = text.Sprintf("the file that changed-files names cannot be read: %s", text.New(err.Error()))
	case len(data) > maxList:
		l.Why = text.Sprintf("the file that changed-files names is larger than %d MiB", maxList>>20)
	default:
		l.Files, l.Known = clean(lines(string(data))), true
	}
	return l
}

// split splits the input at commas and line breaks, or reads it as a JSON array.
func split(s string) []string {
	var array []string
	if json.Unmarshal([]byte(s), &array) == nil {
		return array
	}
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' })
}

// lines splits a file at line breaks, or at the zero bytes of git's -z.
func lines(s string) []string {
	s = strings.TrimPrefix(s, "\ufeff")
	if strings.Contains(s, "\x00") {
		return strings.Split(s, "\x00")
	}
	return strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
}

// clean drops blank items and duplicates of a list that somebody wrote. What git quotes, because of unusual
// characters, it unquotes.
func clean(items []string) []string {
	var files []string
	for _, item := range items {
		item = strings.TrimSpace(item)
		if strings.HasPrefix(item, `"`) {
			if plain, err := strconv.Unquote(item); err == nil {
				item = plain
			}
		}
		files = append(files, strings.TrimPrefix(item, "./"))
	}
	return unique(files)
}

// unique drops empty paths and duplicates.
func unique(paths []string) []string {
	var files []string
	seen := map[string]bool{"": true}
	for _, p := range paths {
		if !seen[p] {
			seen[p] = true
			files = append(files, p)
		}
	}
	return files
}
