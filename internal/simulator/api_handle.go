// Package api answers requests from a simulated world, in the documented dialect or the
// deployed one: routes, forms, problems, pages, and how everything is shown. It keeps no
// state but caches. It serves no connection and does no harm on purpose: that is the
// simulator's.
//
// Read route and this file for the way of a request; form, paging and problem for what is
// common to all; then an operation a file: create, execute, rerun, newevals and cancel
// act, and listing, page, runtest and metrics show, a call by row, columns, evals,
// transcript and provider. Answer and encode write it down.
package simulator

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
)

// apiOptions are how the API answers; those of the simulator say more about each.
type apiOptions struct {
	PageSize                                int
	APIKey, SecretKey                       string
	AttachEvals, RefuseLimit, OmitRelations bool
	VoiceGate                               int
	RunTestTime                             time.Duration
	Skew                                    time.Duration
}

// Handler answers requests from a world, in the world's dialect. It is not safe for
// concurrent use.
type Handler struct {
	opts      apiOptions
	w         *World
	begin     time.Time
	org       uuid.UUID
	graphs    graphCache
	columnsOf map[uuid.UUID]columnCache // by execution
	served    uint64                    // requests
}

// newHandler makes the API of a world that began at the given time.
func newHandler(w *World, opts apiOptions, begin time.Time) *Handler {
	return &Handler{
		opts: opts, w: w, begin: begin, org: w.id(forOrganization), graphs: graphCache{}, columnsOf: map[uuid.UUID]columnCache{},
	}
}

// request is a request with its body read.
type request struct {
	method string
	scheme string
	host   string
	url    *url.URL
	header http.Header
	body   []byte
	lag    time.Duration // lists do not show yet what is younger
}

// lags reports whether a list does not show yet what came into being at a time.
func (r *request) lags(made, now time.Time) bool { return r.lag > 0 && made.After(now.Add(-r.lag)) }

// deployed reports whether the API speaks the deployed dialect.
func (h *Handler) deployed() bool { return h.w.opts.Deployed }

// agentType is that of the agent under test.
func (h *Handler) agentType() string {
	if h.w.opts.Text {
		return "text"
	}
	return "voice"
}

// answer answers a request that reached the server.
func (h *Handler) answer(r *request, to route, now time.Time) answer {
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
	if a, refused := h.authenticate(r); refused {
		return a
	}
	if r.method != to.method {
		text := fmt.Sprintf("Method %q not allowed.", r.method)
		return h.problem(http.StatusMethodNotAllowed, text).with("Allow", to.method+", HEAD, OPTIONS")
	}
	body, a, bad := h.readBody(r)
	if bad {
		return a
	}
	query := r.url.Query()
	switch to.endpoint {
	case EndpointHealth:
		return ok(object{{"status", "OK"}, {"version", "1.0.0"}})
	case EndpointCreate:
		return h.create(body, now)
	case EndpointRunTests:
		return h.listRunTests(r, query, now)
	case EndpointIDByName:
		return h.idByName(r, to.name, now)
	case EndpointRunTest:
		return h.showRunTest(to.id, now)
	case EndpointExecute:
		return h.execute(to.id, body, now)
	case EndpointExecutions:
		return h.listExecutions(r, to.id, query, now)
	case EndpointStatus:
		return h.latestStatus(to.id, now)
	case EndpointNewEvals:
		return h.runNewEvals(to.id, body, now)
	case EndpointEvalConfigs:
		return h.addEvalConfigs(to.id, body, now)
	case EndpointExecution:
		return h.showExecution(r, to.id, query, now)
	case EndpointCancel:
		return h.cancelExecution(to.id, body, now)
	case EndpointRerun:
		return h.rerunCalls(to.id, body, now)
	case EndpointCall:
		return h.showCall(to.id, now)
	case EndpointMetrics:
		return h.metrics(query, now)
	}
	return notRouted()
}

// authenticate refuses a request without a valid pair of keys. An Authorization
// header is tried first by the deployed server and spoils a valid pair (contract,
// section 1.1).
func (h *Handler) authenticate(r *request) (answer, bool) {
	key, secret := r.header.Get("X-Api-Key"), r.header.Get("X-Secret-Key")
	refuse := func(code, text string) (answer, bool) {
		a := h.problem(http.StatusUnauthorized, text)
		if h.deployed() {
			a = envelope(http.StatusUnauthorized, code, text, member{"details", object{{"detail", []string{text}}}})
		}
		return a.with("WWW-Authenticate", "ApiKey"), true
	}
	switch {
	case h.deployed() && r.header.Get("Authorization") != "":
		return refuse("authentication_failed", "Invalid Token parsed: not a platform token")
	case key == "" || secret == "":
		return refuse("not_authenticated", "Authentication credentials were not provided.")
	case h.opts.APIKey == "" && h.opts.SecretKey == "":
		return answer{}, false
	case key != h.opts.APIKey || secret != h.opts.SecretKey:
		return refuse("authentication_failed", "Invalid API key or secret key")
	}
	return answer{}, false
}

// readBody decodes the JSON object of a POST; an empty body is an empty object.
func (h *Handler) readBody(r *request) (body, answer, bool) {
	if r.method != http.MethodPost || len(r.body) == 0 {
		return body{}, answer{}, false
	}
	media, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	if err != nil || !strings.EqualFold(media, jsonType) {
		text := fmt.Sprintf("Unsupported media type %q in request.", r.header.Get("Content-Type"))
		return nil, h.problem(http.StatusUnsupportedMediaType, text), true
	}
	b, err := decodeBody(r.body)
	if err != nil {
		text := "JSON parse error - " + err.Error()
		if h.deployed() {
			return nil, envelope(http.StatusBadRequest, "parse_error", text), true
		}
		return nil, h.problem(http.StatusBadRequest, text), true
	}
	return b, answer{}, false
}

// numbered is the answer with the server's number of the request.
func (h *Handler) numbered(a answer) answer {
	h.served++
	return a.with("X-Request-Id", h.w.id(forRequest, h.served).String())
}
