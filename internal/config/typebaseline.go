package config

import (
	"fmt"
	"os"
	"strings"
	"unicode"
)

// The keywords of the input baseline.
const (
	baselineNone = "none"
	baselineAuto = "auto"
)

// baselineType accepts none, auto, a UUID, or the path of an existing file.
func baselineType() Type {
	return Type{Placeholder: "none|auto|UUID|PATH", check: func(value string, quote func(string) string) (string, error) {
		lower := strings.ToLower(value)
		if lower == baselineNone || lower == baselineAuto {
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
				quote(value), cause(err), didYouMean(nearest(lower, []string{baselineNone, baselineAuto})))
		case !info.Mode().IsRegular():
			return "", fmt.Errorf("%s is not a regular file; give a JSON report", quote(value))
		}
		return value, nil
	}}
}
