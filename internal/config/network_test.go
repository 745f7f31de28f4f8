package config_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/config"
)

// authority looks enough like a certificate for this test.
const authority = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"

func TestProxiesThatAreNoMistake(t *testing.T) {
	t.Parallel()
	for _, pair := range []string{
		"HTTPS_PROXY=http://proxy.example.com:3128", "https_proxy=proxy.example.com:3128", "HTTP_PROXY=http://ci:a%25b@proxy:1", "https_proxy=10.0.0.1:1",
		"HTTPS_PROXY=socks5://127.0.0.1:1080", "HTTPS_PROXY=[::1]:3128", "HTTPS_PROXY=", "no_proxy=%zz", "http_proxy=proxy",
	} {
		if _, got := parse(t, attach(), keys(pair), config.Options{}); len(got) != 0 {
			t.Errorf("%s: got warnings %v, want none", pair, got)
		}
	}
	_, got := parse(t, attach(), keys("all_proxy=socks://127.0.0.1:1080/"), config.Options{})
	if len(got) != 1 || !strings.Contains(got[0], "all_proxy is ignored; set HTTPS_PROXY") {
		t.Errorf("got warnings %v, want one of all_proxy", got)
	}
	if _, got := parse(t, attach(), keys("ALL_PROXY=socks://127.0.0.1:1080/", "HTTPS_PROXY=proxy:1"), config.Options{}); len(got) != 0 {
		t.Errorf("got warnings %v, want none", got)
	}
}

// Cleanup never fails a job, and tries with what it has.
func TestCleanupIsOnlyWarnedOfTheNetwork(t *testing.T) {
	t.Parallel()
	_, got := parse(t, nil, keys("HTTPS_PROXY=http://%zz"), config.Options{Command: config.CommandCleanup})
	if len(got) != 1 || !strings.Contains(got[0], "HTTPS_PROXY") {
		t.Errorf("got warnings %v, want one of HTTPS_PROXY", got)
	}
}

// An earlier step of a job can set variables for the later ones.
func TestKeysOfTheWorkflowForAHostOfTheEnvironment(t *testing.T) {
	t.Parallel()
	action := []string{"INPUT_API-KEY=" + apiKey, "INPUT_SECRET-KEY=" + secretKey}
	for _, c := range []struct {
		name          string
		environ       []string
		args          []string
		source, warns string
	}{
		{name: "the default", environ: action},
		{name: "both of the workflow", environ: append(action, "INPUT_BASE-URL=https://agi.example.com"), source: "INPUT_BASE-URL"},
		{name: "both of the environment", environ: keys("FI_BASE_URL=https://agi.example.com"), source: "FI_BASE_URL"},
		{name: "a flag", environ: action, args: []string{"--base-url", "https://agi.example.com"}, source: "--base-url"},
		{name: "the vendor's own", environ: append(action, "FI_BASE_URL=https://api-eu.futureagi.com"), source: "FI_BASE_URL"},
		{name: "this machine", environ: append(action, "AGENT_GATE_BASE_URL=http://localhost:8000"), source: "AGENT_GATE_BASE_URL"},
		{name: "another host", environ: append(action, "AGENT_GATE_BASE_URL=https://agi.example.com"), source: "AGENT_GATE_BASE_URL",
			warns: "base-url (from AGENT_GATE_BASE_URL): the keys are action inputs, but an environment variable sends them to agi.example.com; if this is intended, set the host as the input base-url"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, warnings := parse(t, attach(c.args...), c.environ, config.Options{})
			if got.API.BaseURLSource != c.source {
				t.Errorf("got the source %q, want %q", got.API.BaseURLSource, c.source)
			}
			if strings.Join(warnings, "\n") != c.warns {
				t.Errorf("got warnings %q, want %q", warnings, c.warns)
			}
		})
	}
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the system's own certificates count here")
	}
	dir := t.TempDir()
	good, empty := filepath.Join(dir, "good.pem"), filepath.Join(dir, "empty.pem")
	for path, content := range map[string]string{good: authority, empty: "no certificate\n"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ name, pair, want string }{
		{"a file", "SSL_CERT_FILE=" + good, ""},
		{"a folder", "SSL_CERT_DIR=/not/there:" + dir, ""},
		{"no file", "SSL_CERT_FILE=" + dir + "/no.pem", "SSL_CERT_FILE: cannot read \"" + dir + "/no.pem\": no such file or directory"},
		{"a folder in place of a file", "SSL_CERT_FILE=" + dir, ": it is not a regular file"},
		{"a file of something else", "SSL_CERT_FILE=" + empty, "contains no PEM certificate (to convert a DER file: openssl x509 -inform der)"},
		{"no folder", "SSL_CERT_DIR=/not/there:/nor/there", `SSL_CERT_DIR: no such folder: "/not/there:/nor/there"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, _ := problems(t, attach(), keys(c.pair), config.Options{})
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
				t.Errorf("got mistakes %q, want %q", got, c.want)
			}
			// Loopback traffic is not encrypted.
			if got, _ := problems(t, attach("--base-url", "http://127.0.0.1:8000"), keys(c.pair), config.Options{}); len(got) > 0 {
				t.Errorf("with http: got mistakes %q, want none", got)
			}
		})
	}
}
