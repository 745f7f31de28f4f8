// Package spec reads how a user says where an agent answers: a command line, a URL, a header line.
// It starts nothing and sends nothing.
package spec

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/kballard/go-shellquote"
)

// The formats that an endpoint may speak.
const (
	FormatAgentGate = "agent-gate"
	FormatOpenAI    = "openai" // chat completions
)

// Words splits a command into a program and its arguments as a POSIX shell does, with quotes
// and backslashes. Nothing is expanded and no shell is involved: "&&", "|", ">" and "#" are
// ordinary words. The error does not quote the command.
func Words(command string) ([]string, error) {
	words, err := shellquote.Split(command)
	switch {
	case errors.Is(err, shellquote.UnterminatedSingleQuoteError):
		return nil, errors.New("a single quote (') is not closed")
	case errors.Is(err, shellquote.UnterminatedDoubleQuoteError):
		return nil, errors.New(`a double quote (") is not closed`)
	case errors.Is(err, shellquote.UnterminatedEscapeError):
		return nil, errors.New(`nothing follows the backslash (\) at the end`)
	case err != nil:
		return nil, err
	case len(words) == 0 || words[0] == "":
		return nil, errors.New("it names no program")
	case slices.ContainsFunc(words, func(w string) bool { return strings.ContainsRune(w, 0) }):
		return nil, errors.New("it holds a NUL character")
	}
	return words, nil
}

// ParseURL parses the address of an endpoint. The error does not quote it, because it may
// contain a password.
func ParseURL(address string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	switch {
	case err != nil:
		return nil, errors.New("it is not a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("it has to begin with http:// or https://")
	case u.Hostname() == "":
		return nil, errors.New("it names no host")
	case u.Fragment != "":
		return nil, errors.New("it has a fragment, which is never sent; remove # and what follows, or write %23")
	}
	return u, nil
}

// ParseHeader splits a header line, such as "Authorization: Bearer …". The error does not
// quote it.
func ParseHeader(line string) (name, value string, err error) {
	name, value, found := strings.Cut(strings.TrimSpace(line), ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	switch {
	case !found:
		return "", "", errors.New("it has no colon; a header line is NAME: VALUE")
	case name == "" || strings.ContainsFunc(name, func(r rune) bool { return !isToken(r) }):
		return "", "", errors.New("the name before the colon is not valid")
	case slices.Contains(ofConnection, strings.ToLower(name)):
		return "", "", errors.New("the name before the colon is that of a header which each request sets itself")
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
		return "", "", errors.New("the value contains a line break or another control character")
	case value == "":
		return "", "", errors.New("it has no value")
	}
	return name, value, nil
}

// ofConnection are headers that say how a request is sent, not what for: another value would break it
// or be dropped in silence (RFC 9110, section 7.6.1; RFC 9112, section 6).
var ofConnection = []string{
	"accept-encoding", "connection", "content-encoding", "content-length", "expect", "host", "keep-alive", "proxy-connection",
	"te", "trailer", "transfer-encoding", "upgrade",
}

// isToken reports whether r is allowed in the name of a header (RFC 9110, section 5.6.2).
func isToken(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}
