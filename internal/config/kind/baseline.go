package kind

import (
	"fmt"
	"os"
	"strings"
	"unicode"

	"github.com/agent-gate/agent-gate/internal/text"
)

// The keywords of the input baseline.
const (
	NoBaseline   = "none"
	AutoBaseline = "auto"
)

// Baseline accepts none, auto, a UUID, or the path of an existing file.
func Baseline() Type {
	return Type{Placeholder: "none|auto|UUID|PATH", Check: func(value string, quote func(string) string) (string, error) {
		lower := strings.ToLower(value)
		if lower == NoBaseline || lower == AutoBaseline {
			return lower, nil
		}
		if id, ok := parseUUID(value); ok {
			return id.String(), nil
		}
		if strings.ContainsFunc(value, unicode.IsControl) {
			return "", fmt.Errorf("%s contains a line break or another control character", quote(value))
		}
		info, err := os.Stat(value)
		switch {
		case err != nil:
			return "", fmt.Errorf("%s is not none, auto, the UUID of a test execution or a readable JSON report (%w)%s",
				quote(value), cause(err), text.Suggestion(text.Nearest(lower, []string{NoBaseline, AutoBaseline})))
		case !info.Mode().IsRegular():
			return "", fmt.Errorf("%s is not a regular file; give a JSON report", quote(value))
		}
		return value, nil
	}}
}
