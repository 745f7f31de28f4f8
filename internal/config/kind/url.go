package kind

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// URL accepts an absolute URL with one of the schemes. Its errors do not show a value
// that may contain a password or token.
func URL(schemes ...string) Type {
	return Type{Placeholder: "URL", Check: func(value string, quote func(string) string) (string, error) {
		u, err := url.Parse(value)
		switch {
		case err != nil || strings.ContainsFunc(value, unicode.IsSpace):
			return "", errors.New("the value is not a URL, such as https://api.futureagi.com")
		case u.User != nil:
			return "", errors.New("the URL contains a user name or password; use api-key and secret-key")
		case u.RawQuery != "" || u.ForceQuery || strings.Contains(value, "#"):
			return "", errors.New("the URL contains a query or a fragment (? or #); remove it")
		case u.Scheme == "" || u.Opaque != "":
			return "", fmt.Errorf("%s has no scheme; start it with https://", quote(value))
		case !slices.Contains(schemes, u.Scheme):
			return "", fmt.Errorf("%s has the scheme %s; allowed: %s", quote(value), u.Scheme, strings.Join(schemes, ", "))
		case !ValidHost(u.Hostname()) || !ValidPort(u.Port(), u.Host):
			return "", fmt.Errorf("%s has no valid host and port", quote(value))
		}
		u.Host = strings.ToLower(u.Host)
		return strings.TrimRight(u.String(), "/"), nil
	}}
}

// pageLimit is the maximum length of the address of a page, in bytes: annotations of GitHub have little room.
const pageLimit = 500

// Page accepts the http or https address of a page, which may have a query, but no fragment: that of a link to
// a part of the page is added to it.
func Page() Type {
	return Type{Placeholder: "URL", Check: func(value string, quote func(string) string) (string, error) {
		u, err := url.Parse(value)
		switch {
		case err != nil || strings.ContainsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
			return "", errors.New("the value is not a URL, such as https://reports.example.com/agent-gate.html")
		case u.User != nil:
			return "", errors.New("the URL contains a user name or password, which everybody who reads the reports would see")
		case strings.Contains(value, "#"):
			return "", errors.New("the URL contains a fragment (#); remove it: the links add their own")
		case u.Scheme == "" || u.Opaque != "":
			return "", fmt.Errorf("%s has no scheme; start it with https://", quote(value))
		case u.Scheme != "https" && u.Scheme != "http":
			return "", fmt.Errorf("%s has the scheme %s; allowed: https, http", quote(value), u.Scheme)
		case !ValidHost(u.Hostname()) || !ValidPort(u.Port(), u.Host):
			return "", fmt.Errorf("%s has no valid host and port", quote(value))
		case len(value) > pageLimit:
			return "", fmt.Errorf("the URL is longer than %d characters", pageLimit)
		}
		return value, nil
	}}
}

// ValidHost reports whether a host is a name or IP address. net/url accepts quotes and
// angle brackets.
func ValidHost(host string) bool {
	return host != "" && !strings.ContainsFunc(host, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-._:", r)
	})
}

// ValidPort reports whether a port is absent or a TCP port. A host that ends in a colon
// has an empty port.
func ValidPort(port, host string) bool {
	if port == "" {
		return !strings.HasSuffix(host, ":")
	}
	n, ok := parseWhole(port)
	return ok && n >= 1 && n <= 65535
}

// Address accepts host:port to listen on. An empty host means all interfaces, port 0
// any free port.
func Address() Type {
	return Type{Placeholder: "HOST:PORT", Check: func(value string, quote func(string) string) (string, error) {
		_, port, err := net.SplitHostPort(value)
		if n, ok := parseWhole(port); err != nil || !ok || n < 0 || n > 65535 {
			return "", fmt.Errorf("%s is not an address, such as 127.0.0.1:8000", quote(value))
		}
		return value, nil
	}}
}
