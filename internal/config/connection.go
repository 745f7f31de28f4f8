package config

import (
	"cmp"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// Defaults that reports know too.
const (
	defaultBaseURL  = calls.DefaultBaseURL
	defaultRerunMax = calls.DefaultRerunMax
)

// api checks the connection: keys, the server they go to, the dashboard to link to.
func (s *sources) api(v settings) API {
	api := API{
		APIKey:      NewSecret(v.APIKey),
		SecretKey:   NewSecret(v.SecretKey),
		WorkspaceID: v.WorkspaceID,
	}
	if v.BaseURL != "" {
		api.BaseURL, _ = url.Parse(v.BaseURL) // checked by the type
		api.BaseURLSource = s.source("base-url")
		s.checkBaseURL(api.BaseURL, v.AllowInsecureHTTP)
	}
	if s.command.callsAPI() && !s.isOffline() {
		s.checkKeys(v)
		s.checkProxies()
		if api.BaseURL == nil || api.BaseURL.Scheme == "https" || v.Comment != string(CommentNever) {
			s.checkCertificates()
		}
	}
	switch {
	case v.DashboardURL != "":
		api.DashboardURL, _ = url.Parse(v.DashboardURL) // checked by the type
		trimDashboardPage(api.DashboardURL)
	case api.BaseURL != nil:
		api.DashboardURL = dashboardURL(api.BaseURL)
	}
	return api
}

// checkKeys requires both keys, or none if the run is to be skipped then. One alone is a
// mistake and never a reason to skip: a fork sees neither.
func (s *sources) checkKeys(v settings) {
	hasAny := v.APIKey != "" || v.SecretKey != "" || s.broken["api-key"] || s.broken["secret-key"]
	if !hasAny && (v.OnMissingCredentials == "skip" || s.command == CommandInit) {
		return
	}
	for _, name := range []string{"api-key", "secret-key"} {
		in, _ := find(s.inputs, name)
		if s.isGiven(name) {
			continue
		}
		hint := ""
		for _, variable := range in.EnvNames() {
			if isUnexpanded(strings.TrimSpace(s.env[variable])) {
				hint = "; " + variable + " contains the name of a variable that does not exist"
			}
		}
		if !hasAny {
			hint += "; pull requests from forks get no secrets; on-missing-credentials: skip lets them pass as skipped"
		}
		s.reject(name, "", "the key is missing; set %s or %s, or the input %s%s", in.Vendor, in.EnvName(), name, hint)
	}
}

// checkBaseURL refuses to send keys unencrypted, or to the dashboard.
func (s *sources) checkBaseURL(u *url.URL, allowInsecure bool) {
	const name = "base-url"
	if u.Scheme == "http" && !IsLoopback(u.Hostname()) {
		if allowInsecure {
			s.warn(name, s.from(name), "the keys are sent to %s unencrypted", u.Host)
		} else if !s.broken["allow-insecure-http"] {
			s.reject(name, s.from(name), "http to %s would send the keys unencrypted; use https, or set allow-insecure-http", u.Host)
		}
	}
	s.checkWhoChoseTheHost(u)
	for _, host := range vendorHosts() {
		if u.Host == host.dashboard {
			s.reject(name, s.from(name), "%s is the dashboard; the API is https://%s", u.Host, host.api)
		}
	}
}

// checkWhoChoseTheHost warns when the keys are inputs of the action but the host they go
// to comes from the environment. An earlier step of the job may have set it, where no
// reviewer of the workflow sees it.
func (s *sources) checkWhoChoseTheHost(u *url.URL) {
	const name = "base-url"
	variable := s.source(name)
	own := slices.ContainsFunc(vendorHosts(), func(h vendorHost) bool { return h.api == u.Host })
	if own || IsLoopback(u.Hostname()) || strings.HasPrefix(variable, actionPrefix) || strings.HasPrefix(variable, "--") {
		return
	}
	for _, key := range []string{"api-key", "secret-key"} {
		if strings.HasPrefix(s.source(key), actionPrefix) {
			other := "an environment variable"
			if isPosition(variable) {
				other = "the suite file"
			}
			s.warn(name, variable, "the keys are action inputs, but %s sends them to %s; if this is intended, set the host as the input %s", other, u.Host, name)
			return
		}
	}
}

// IsLoopback reports whether a host is this machine. localhost and names below it are
// (RFC 6761, section 6.3).
func IsLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// vendorHost is an API server of the vendor with its dashboard.
type vendorHost struct{ api, dashboard string }

// vendorHosts are the vendor's regions (contract, section 1).
func vendorHosts() []vendorHost {
	return []vendorHost{
		{"api.futureagi.com", "app.futureagi.com"},
		{"api-us.futureagi.com", "us.futureagi.com"},
		{"api-eu.futureagi.com", "eu.futureagi.com"},
		{"dev.api.futureagi.com", "dev.futureagi.com"},
	}
}

// dashboardURL derives the dashboard from the API server (contract, section 8): the
// vendor's regions by name; port 3000 instead of 8000 on a self-hosted server; otherwise
// the same host without a leading "api.".
func dashboardURL(api *url.URL) *url.URL {
	u := &url.URL{Scheme: api.Scheme, Host: api.Host}
	for _, host := range vendorHosts() {
		if u.Host == host.api {
			u.Host = host.dashboard
			return u
		}
	}
	if host, ok := strings.CutSuffix(u.Host, ":8000"); ok {
		u.Host = host + ":3000"
		return u
	}
	u.Host = cmp.Or(strings.TrimPrefix(u.Host, "api."), u.Host)
	return u
}

// trimDashboardPage reduces the URL of a dashboard page to that of the dashboard. The
// output dashboard-url is such a page and has the name of this input, so a later job can
// inherit it from a dotenv report.
func trimDashboardPage(u *url.URL) {
	if before, _, isPage := strings.Cut(u.Path, "/dashboard/simulate/"); isPage {
		u.Path, u.RawPath = before, ""
	}
}
