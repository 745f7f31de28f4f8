package kind

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"sync"
)

// Secret accepts what fits a request header and looks like a key. Its errors never
// show the value.
func Secret() Type {
	return Type{Placeholder: "KEY", Check: func(value string, _ func(string) string) (string, error) {
		for _, r := range value {
			if r <= ' ' || r > '~' {
				return "", errors.New("the value (not shown) contains a space, a line break or another character that no key has; check how the secret was stored")
			}
		}
		switch {
		case isQuoted(value):
			return "", errors.New("the value (not shown) is in quotes; remove them")
		case isAssignment(value):
			return "", errors.New("the value (not shown) has the form NAME=key; store only the key")
		case isPathOfAFile(value):
			return "", errors.New("the value (not shown) is the path of a file; give its contents. In GitLab, a variable of type File contains a path")
		}
		return value, nil
	}}
}

// isQuoted reports whether a value begins and ends with the same quote.
func isQuoted(value string) bool {
	return len(value) > 1 && strings.ContainsRune("\"'`", rune(value[0])) && value[len(value)-1] == value[0]
}

// assignment matches a line of a .env file: a name typical of a key, and more after it
// than the padding of base64.
var assignment = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([A-Z][A-Z0-9]*(_[A-Z0-9]+)+|(?i:[A-Z0-9_-]*(key|token|secret)))=[^=]`)
})

// isAssignment reports whether a value looks like NAME=key.
func isAssignment(value string) bool { return assignment().MatchString(value) }

// filePath matches how a path begins, but no key: base64 may begin with a slash.
var filePath = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^@?(~/|\.\.?/|file:/|[A-Za-z]:\\|/(builds|etc|home|mnt|opt|root|run|secrets|tmp|usr|var)/)`)
})

// isPathOfAFile reports whether a value looks like a path, or names an existing file.
func isPathOfAFile(value string) bool {
	if filePath().MatchString(value) {
		return true
	}
	info, err := os.Stat(strings.TrimPrefix(value, "@"))
	return err == nil && info.Mode().IsRegular()
}
