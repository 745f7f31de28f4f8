package simulator

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// request is a request with its body read.
type request struct {
	method string
	scheme string
	host   string
	url    *url.URL
	header http.Header
	body   []byte
}

// handle answers a request that reached the server. The caller holds the lock.
func (s *Server) handle(r *request, to route, now time.Time) answer {
	if to.endpoint == EndpointOther {
		if to.slash {
			u := url.URL{Path: r.url.Path + "/", RawQuery: r.url.RawQuery}
			return page(http.StatusMovedPermanently, "").with("Location", u.String())
		}
		return notRouted()
	}
	if to.endpoint == EndpointLiveness {
		return ok(object{{"status", true}, {"result", "Server is up and running"}})
	}
	if a, refused := s.authenticate(r); refused {
		return a
	}
	if r.method != to.method {
		text := fmt.Sprintf("Method %q not allowed.", r.method)
		return s.problem(http.StatusMethodNotAllowed, text).with("Allow", to.method+", HEAD, OPTIONS")
	}
	body, a, bad := s.readBody(r)
	if bad {
		return a
	}
	query := r.url.Query()
	switch to.endpoint {
	case EndpointHealth:
		return ok(object{{"status", "OK"}, {"version", "1.0.0"}})
	case EndpointCreate:
		return s.create(body, now)
	case EndpointRunTests:
		return s.listRunTests(r, query)
	case EndpointIDByName:
		return s.idByName(to.name)
	case EndpointRunTest:
		return s.showRunTest(to.id, now)
	case EndpointExecute:
		return s.execute(to.id, body, now)
	case EndpointExecutions:
		return s.listExecutions(r, to.id, query, now)
	case EndpointStatus:
		return s.latestStatus(to.id, now)
	case EndpointNewEvals:
		return s.runNewEvals(to.id, body, now)
	case EndpointEvalConfigs:
		return s.addEvalConfigs(to.id, body, now)
	case EndpointExecution:
		return s.showExecution(r, to.id, query, now)
	case EndpointCancel:
		return s.cancelExecution(to.id, body, now)
	case EndpointRerun:
		return s.rerunCalls(to.id, body, now)
	case EndpointCall:
		return s.showCall(to.id, now)
	case EndpointMetrics:
		return s.metrics(query, now)
	}
	return notRouted()
}

// authenticate refuses a request without a valid pair of keys. An Authorization
// header is tried first by the deployed server and spoils a valid pair (contract,
// section 1.1).
func (s *Server) authenticate(r *request) (answer, bool) {
	key, secret := r.header.Get("X-Api-Key"), r.header.Get("X-Secret-Key")
	refuse := func(code, text string) (answer, bool) {
		a := s.problem(http.StatusUnauthorized, text)
		if s.deployed() {
			a = envelope(http.StatusUnauthorized, code, text, member{"details", object{{"detail", []string{text}}}})
		}
		return a.with("WWW-Authenticate", "ApiKey"), true
	}
	switch {
	case s.deployed() && r.header.Get("Authorization") != "":
		return refuse("authentication_failed", "Invalid Token parsed: not a platform token")
	case key == "" || secret == "":
		return refuse("not_authenticated", "Authentication credentials were not provided.")
	case s.opts.APIKey == "" && s.opts.SecretKey == "":
		return answer{}, false
	case key != s.opts.APIKey || secret != s.opts.SecretKey:
		return refuse("authentication_failed", "Invalid API key or secret key")
	}
	return answer{}, false
}

// readBody decodes the JSON object of a POST; an empty body is an empty object.
func (s *Server) readBody(r *request) (body, answer, bool) {
	if r.method != http.MethodPost || len(r.body) == 0 {
		return body{}, answer{}, false
	}
	media, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	if err != nil || !strings.EqualFold(media, jsonType) {
		text := fmt.Sprintf("Unsupported media type %q in request.", r.header.Get("Content-Type"))
		return nil, s.problem(http.StatusUnsupportedMediaType, text), true
	}
	b, err := decodeBody(r.body)
	if err != nil {
		text := "JSON parse error - " + err.Error()
		if s.deployed() {
			return nil, envelope(http.StatusBadRequest, "parse_error", text), true
		}
		return nil, s.problem(http.StatusBadRequest, text), true
	}
	return b, answer{}, false
}
