package project_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// apiHost resolves nowhere: only the proxy knows it (RFC 6761).
const apiHost = "api.gate.test"

// TestNetwork checks what docs/network.md says, with the simulated API behind a proxy and
// a certificate of an authority that no machine trusts.
func TestNetwork(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere the system says which authorities are trusted")
	}
	program := build(t)
	environ := serve(t, program, "--story", "pass")
	_, address, _ := strings.Cut(environ[0], "=")
	authority, secure := secureServer(t, address)
	proxy, tunnels := tunnelTo(t, secure)
	dir := t.TempDir()
	write(t, dir, "authority.pem", authority)
	write(t, dir, "authorities/ours.pem", authority)

	trusted := "SSL_CERT_FILE=" + filepath.Join(dir, "authority.pem")
	for _, c := range []struct {
		name    string
		baseURL string
		environ []string
		code    int
		says    string
		tunnels bool
	}{
		{"a proxy", "https://" + apiHost, []string{trusted, "HTTPS_PROXY=" + proxy}, 0, "PASS", true},
		{"in small letters", "https://" + apiHost, []string{trusted, "https_proxy=" + proxy}, 0, "PASS", true},
		{"no proxy for the host", "https://" + apiHost, []string{trusted, "HTTPS_PROXY=" + proxy, "NO_PROXY=.gate.test"}, 4, "", false},
		{"never a proxy for the machine itself", secure, []string{trusted, "HTTPS_PROXY=" + proxy}, 0, "PASS", false},
		{"a folder of authorities", secure, []string{"SSL_CERT_DIR=" + filepath.Join(dir, "authorities")}, 0, "PASS", false},
		{"an unknown authority", secure, nil, 3, "certificate signed by unknown authority", false},
	} {
		t.Run(c.name, func(t *testing.T) { // not parallel: they share the proxy's count
			before := tunnels.Load()
			environ := append(append(slices.Clone(environ), c.environ...), "AGENT_GATE_BASE_URL="+c.baseURL)
			log, code := shell(t, workspace(t, program), environ,
				"agent-gate run --run-test-id a758ede8-419d-4f12-9270-be81e46f4896 --min-success-rate 50 --timeout "+map[bool]string{true: "2s", false: "1m"}[c.code == 4])
			if code != c.code || !strings.Contains(log, c.says) {
				t.Errorf("exit code %d, want %d and %q in:\n%s", code, c.code, c.says, log)
			}
			if used := tunnels.Load() > before; used != c.tunnels {
				t.Errorf("the proxy was used: %t, want %t", used, c.tunnels)
			}
		})
	}
}

// secureServer puts TLS in front of a server, and returns the authority's certificate and
// the address.
func secureServer(t *testing.T, address string) (authority, secure string) {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{apiHost}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }})
	server.Config.ErrorLog = nil
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	var encoded bytes.Buffer
	if err := pem.Encode(&encoded, &pem.Block{Type: "CERTIFICATE", Bytes: certificate}); err != nil {
		t.Fatal(err)
	}
	return encoded.String(), server.URL
}

// tunnelTo is a proxy that tunnels everything to one server and counts the tunnels.
func tunnelTo(t *testing.T, server string) (address string, tunnels *atomic.Int64) {
	t.Helper()
	tunnels = &atomic.Int64{}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != apiHost+":443" {
			http.Error(w, "only "+apiHost, http.StatusForbidden)
			return
		}
		tunnels.Add(1)
		out, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", strings.TrimPrefix(server, "https://"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer out.Close()
		in, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer in.Close()
		if _, err := io.WriteString(in, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
			return
		}
		go func() { _, _ = io.Copy(out, in) }()
		_, _ = io.Copy(in, out)
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL, tunnels
}
