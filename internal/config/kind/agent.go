package kind

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/agent/spec"
)

// Command accepts a command line. Errors do not show it, because it may contain a password.
func Command() Type {
	return Type{Placeholder: "COMMAND", Check: func(value string, _ func(string) string) (string, error) {
		if !utf8.ValidString(value) {
			return "", errors.New("the command is not valid UTF-8")
		}
		if _, err := spec.Words(value); err != nil {
			return "", fmt.Errorf("the command cannot be split into words: %w", err)
		}
		return value, nil
	}}
}

// Endpoint accepts the address of an agent, which may have a query. Errors do not show it, because
// it may contain a password.
func Endpoint() Type {
	return Type{Placeholder: "URL", Check: func(value string, _ func(string) string) (string, error) {
		u, err := spec.ParseURL(value)
		if err != nil {
			return "", fmt.Errorf("the value is not the address of an agent: %w", err)
		}
		if !ValidHost(u.Hostname()) || !ValidPort(u.Port(), u.Host) {
			return "", errors.New("the value is not the address of an agent: it has no valid host and port")
		}
		return value, nil
	}}
}

// Header accepts a header line with a credential, which errors do not show.
func Header() Type {
	return Type{Placeholder: "HEADER", Check: func(value string, _ func(string) string) (string, error) {
		if isQuoted(value) {
			return "", errors.New("the value (not shown) is in quotes; remove them")
		}
		if _, _, err := spec.ParseHeader(value); err != nil {
			return "", fmt.Errorf("the value (not shown) is not a header line, such as Authorization: Bearer KEY: %w", err)
		}
		return value, nil
	}}
}
