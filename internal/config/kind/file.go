package kind

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Path accepts the path of a file to write. It checks early, since a report that
// cannot be written after an hour of paid calls is lost.
func Path() Type {
	return Type{Placeholder: "PATH", File: true, Check: func(value string, quote func(string) string) (string, error) {
		if strings.ContainsFunc(value, unicode.IsControl) {
			return "", fmt.Errorf("%s contains a line break or another control character", quote(value))
		}
		if strings.HasSuffix(value, "/") || IsDirectory(value) {
			return "", fmt.Errorf("%s is a directory; give a file", quote(value))
		}
		return checkAbove(value, quote)
	}}
}

// File accepts the path of a file to read, which is read later.
func File() Type {
	return Type{Placeholder: "PATH", File: true, Check: func(value string, quote func(string) string) (string, error) {
		if strings.ContainsFunc(value, unicode.IsControl) {
			return "", fmt.Errorf("%s contains a line break or another control character", quote(value))
		}
		return value, nil
	}}
}

// State accepts the path of a folder or file for state files.
func State() Type {
	return Type{Placeholder: "PATH", File: true, Check: func(value string, quote func(string) string) (string, error) {
		if strings.ContainsFunc(value, unicode.IsControl) {
			return "", fmt.Errorf("%s contains a line break or another control character", quote(value))
		}
		return checkAbove(value, quote)
	}}
}

// checkAbove rejects a path below a file.
func checkAbove(value string, quote func(string) string) (string, error) {
	// Missing directories will be created; what exists must be a directory.
	for dir := filepath.Dir(value); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			return "", fmt.Errorf("%s cannot be written: %s is not a directory", quote(value), quote(dir))
		}
		if err == nil || dir == filepath.Dir(dir) {
			return value, nil
		}
	}
}

// IsDirectory reports whether a path is an existing directory.
func IsDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// evaluationsLimit is the maximum size of the inline eval configs, in bytes. They travel
// in one request.
const evaluationsLimit = 1 << 20

// Evaluations accepts a JSON array, inline or as @file, and returns it compact.
func Evaluations() Type {
	return Type{Placeholder: "JSON|@FILE", JSON: true, Check: func(value string, quote func(string) string) (string, error) {
		data := []byte(value)
		if path, isFile := strings.CutPrefix(value, "@"); isFile {
			var err error
			if data, err = ReadSmallFile(path, evaluationsLimit); err != nil {
				return "", fmt.Errorf("cannot read %s: %w", quote(path), err)
			}
		}
		if len(data) > evaluationsLimit {
			return "", fmt.Errorf("the eval configs are larger than %d bytes", evaluationsLimit)
		}
		return checkEvaluations(data, quote)
	}}
}

// ReadSmallFile reads a regular file, at most one byte past the limit. Pipes and devices
// could block or never end.
func ReadSmallFile(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, cause(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(text.UTF8(f), limit+1))
	return data, cause(err)
}

// cause strips the path from a file error, since the message shows it already.
func cause(err error) error {
	if failure, ok := errors.AsType[*os.PathError](err); ok {
		return failure.Err
	}
	return err
}

// checkEvaluations requires an array of objects, each with the UUID of its template: the
// server silently skips an entry whose template it does not know (contract, section 3.1).
func checkEvaluations(data []byte, quote func(string) string) (string, error) {
	if !utf8.Valid(data) {
		return "", errors.New("the eval configs are not valid UTF-8")
	}
	var entries []json.RawMessage
	if err := json.Unmarshal(data, &entries); err != nil {
		if failure, ok := errors.AsType[*json.SyntaxError](err); ok {
			return "", fmt.Errorf("the eval configs are not JSON: %w at byte %d", failure, failure.Offset)
		}
		return "", errors.New("the eval configs are not a JSON array of objects")
	}
	if len(entries) == 0 {
		return "", errors.New("the array of eval configs is empty")
	}
	for i, entry := range entries {
		var object struct {
			TemplateID *string `json:"template_id"`
		}
		if !bytes.HasPrefix(bytes.TrimSpace(entry), []byte("{")) || json.Unmarshal(entry, &object) != nil {
			return "", fmt.Errorf("entry %d of the eval configs is not an object with a text template_id", i+1)
		}
		if object.TemplateID == nil {
			return "", fmt.Errorf("entry %d of the eval configs has no template_id", i+1)
		}
		if _, ok := parseUUID(*object.TemplateID); !ok {
			return "", fmt.Errorf("entry %d of the eval configs: template_id %s is not a UUID", i+1, quote(*object.TemplateID))
		}
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, data); err != nil {
		return "", fmt.Errorf("the eval configs are not JSON: %w", err)
	}
	return compact.String(), nil
}

// Files accepts a list of files, or @ and the name of a file that has one. Neither has to exist.
func Files() Type {
	return Type{Placeholder: "FILE", List: true, Separator: "\n", Check: Text().Check}
}
