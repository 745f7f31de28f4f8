package config

import (
	"bytes"
	"encoding/pem"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/config/kind"
)

// proxyVariables name a proxy. Of two spellings the first that is set counts
// (golang.org/x/net/http/httpproxy). ALL_PROXY is curl's.
var proxyVariables = [][]string{
	{"HTTPS_PROXY", "https_proxy"},
	{"HTTP_PROXY", "http_proxy"},
	{"ALL_PROXY", "all_proxy"},
}

// proxySchemes are the schemes that net/http supports for a proxy.
var proxySchemes = []string{"http", "https", "socks5", "socks5h"}

// checkProxies rejects a malformed proxy URL, which net/http would silently ignore. The
// value is not shown, since it may contain a password.
func (s *sources) checkProxies() {
	for _, names := range proxyVariables {
		name, value := s.firstSet(names)
		switch all := strings.EqualFold(name, "ALL_PROXY"); {
		case name == "":
		case all && !isProxy(value, append(proxySchemes, "socks", "socks4", "socks4a")):
			s.rejectProxy(name)
		case all:
			if https, _ := s.firstSet(proxyVariables[0]); https == "" {
				s.warn("", "", "%s is ignored; set HTTPS_PROXY if the gate needs a proxy", name)
			}
		case !isProxy(value, proxySchemes):
			s.rejectProxy(name)
		}
	}
}

func (s *sources) rejectProxy(name string) {
	s.complain("", "%s: the value (not shown) is not a proxy URL, e.g. http://proxy.example.com:3128; in a user name or password write %% as %%25, @ as %%40, : as %%3A, / as %%2F, and a space as %%20", name)
}

// firstSet returns the first of the variables that has a value.
func (s *sources) firstSet(names []string) (name, value string) {
	for _, name := range names {
		if value := s.env[name]; value != "" {
			return name, value
		}
	}
	return "", ""
}

// isProxy reports whether a value is a proxy URL, with or without a scheme.
func isProxy(value string, schemes []string) bool {
	u, err := url.Parse(value)
	if err != nil || !strings.Contains(value, "://") {
		u, err = url.Parse("http://" + value)
	}
	return err == nil && slices.Contains(schemes, strings.ToLower(u.Scheme)) && kind.ValidHost(u.Hostname()) && kind.ValidPort(u.Port(), u.Host)
}

// checkCertificates rejects missing CA certificates: Go would trust nobody and only say
// that the authority is unknown. Windows and macOS ignore these variables (crypto/x509,
// root_unix.go).
func (s *sources) checkCertificates() {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return
	}
	if file := s.env["SSL_CERT_FILE"]; file != "" {
		s.checkCertificateFile(file)
	}
	if dirs := s.env["SSL_CERT_DIR"]; dirs != "" {
		if slices.ContainsFunc(filepath.SplitList(dirs), kind.IsDirectory) {
			return
		}
		s.complain("", "SSL_CERT_DIR: no such folder: %s", s.quote(dirs))
	}
}

// certificatesLimit is the most that is read of a certificate file, in bytes. A system's
// bundle has a few hundred kilobytes.
const certificatesLimit = 16 << 20

func (s *sources) checkCertificateFile(path string) {
	data, err := kind.ReadSmallFile(path, certificatesLimit)
	if err != nil {
		s.complain("", "SSL_CERT_FILE: cannot read %s: %v", s.quote(path), err)
		return
	}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			return
		}
	}
	hint := ""
	if !bytes.Contains(data, []byte("-----BEGIN ")) {
		hint = " (to convert a DER file: openssl x509 -inform der)"
	}
	s.complain("", "SSL_CERT_FILE: %s contains no PEM certificate%s", s.quote(path), hint)
}

// complain rejects what would keep a run from reaching its server. Cleanup tries anyway.
func (s *sources) complain(input, format string, args ...any) {
	say := s.reject
	if s.command == CommandCleanup {
		say = s.warn
	}
	say(input, "", format, args...)
}
