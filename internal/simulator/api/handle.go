// Package api answers requests to a simulated world, in the documented or the deployed
// dialect. It builds on packages world and story and keeps no state of its own but caches.
// It must not serve connections or inject faults; package simulator does.
//
// Reading order: this file and route take a request to its handler; form, paging and
// problem are shared by all handlers; create, execute, rerun, newevals and cancel change
// the world; runtest, listing, execution and metrics show it, with row, columns, evals and
// transcript for a call; answer and encode write the response.
package api

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// Options configure a handler. The fields are those of simulator.Options.
type Options struct {
	PageSize                                           int
	APIKey, SecretKey                                  string
	AttachEvals, RefuseLimit, OmitRelations, OmitCells bool
	VoiceGate                                          int
	RunTestTime                                        time.Duration
	Skew                                               time.Duration
}

// Handler answers requests to a world, in the world's dialect. It is not safe for
// concurrent use.
type Handler struct {
	opts      Options
	w         *world.World
	begin     time.Time
	org       uuid.UUID
	graphs    graphCache
	columnsOf map[uuid.UUID]columnCache // by execution
	served    uint64                    // requests so far
}

// New returns a handler for a world created at the given time.
func New(w *world.World, opts Options, begin time.Time) *Handler {
	return &Handler{
		opts: opts, w: w, begin: begin, org: w.ID(story.ForOrganization), graphs: graphCache{}, columnsOf: map[uuid.UUID]columnCache{},
	}
}

// Request is a request whose body has been read.
type Request struct {
	Method string
	Scheme string
	Host   string
	URL    *url.URL
	Header http.Header
	Body   []byte
	Lag    time.Duration // lists omit what is newer than this
}

// omits reports whether a list does not show yet what was created at the given time.
func (r *Request) omits(created, now time.Time) bool {
	return r.Lag > 0 && created.After(now.Add(-r.Lag))
}

// deployed reports whether the API speaks the deployed dialect.
func (h *Handler) deployed() bool { return h.w.Options.Deployed }

// agentType returns the agent's type.
func (h *Handler) agentType() string {
	if h.w.Options.Text {
		return "text"
	}
	return "voice"
}

// Answer handles a request that has been routed.
func (h *Handler) Answer(r *Request, to Route, now time.Time) Answer {
	if to.Endpoint == EndpointOther {
		if to.slash {
			u := url.URL{Path: r.URL.Path + "/", RawQuery: r.URL.RawQuery}
			return HTML(http.StatusMovedPermanently, "").WithHeader("Location", u.String())
		}
		return notRouted()
	}
	if to.Endpoint == EndpointLiveness {
		return ok(object{{"status", true}, {"result", "Server is up and running"}})
	}
	body, a, bad := h.Admit(r, to.method)
	if bad {
		return a
	}
	query := r.URL.Query()
	switch to.Endpoint {
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
	case EndpointDelete:
		return h.deleteRunTest(to.id, now)
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

// Admit lets a request of the right method with valid keys pass, and reads its body. It is
// true when the answer is a refusal.
func (h *Handler) Admit(r *Request, method string) (map[string]json.RawMessage, Answer, bool) {
	if a, refused := h.authenticate(r); refused {
		return nil, a, true
	}
	if r.Method != method {
		text := fmt.Sprintf("Method %q not allowed.", r.Method)
		return nil, h.Problem(http.StatusMethodNotAllowed, text).WithHeader("Allow", method+", HEAD, OPTIONS"), true
	}
	return h.readBody(r)
}

// authenticate refuses a request without a valid pair of keys. The deployed server tries
// an Authorization header first, so having one invalidates a valid pair (contract, section
// 1.1).
func (h *Handler) authenticate(r *Request) (Answer, bool) {
	key, secret := r.Header.Get("X-Api-Key"), r.Header.Get("X-Secret-Key")
	refuse := func(code, text string) (Answer, bool) {
		a := h.Problem(http.StatusUnauthorized, text)
		if h.deployed() {
			a = envelope(http.StatusUnauthorized, code, text, member{"details", object{{"detail", []string{text}}}})
		}
		return a.WithHeader("WWW-Authenticate", "ApiKey"), true
	}
	switch {
	case h.deployed() && r.Header.Get("Authorization") != "":
		return refuse("authentication_failed", "Invalid Token parsed: not a platform token")
	case key == "" || secret == "":
		return refuse("not_authenticated", "Authentication credentials were not provided.")
	case h.opts.APIKey == "" && h.opts.SecretKey == "":
		return Answer{}, false
	case key != h.opts.APIKey || secret != h.opts.SecretKey:
		return refuse("authentication_failed", "Invalid API key or secret key")
	}
	return Answer{}, false
}

// readBody decodes the JSON object of a POST or PATCH. An empty body counts as an empty
// object.
func (h *Handler) readBody(r *Request) (body, Answer, bool) {
	if r.Method != http.MethodPost && r.Method != http.MethodPatch || len(r.Body) == 0 {
		return body{}, Answer{}, false
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !strings.EqualFold(media, jsonType) {
		text := fmt.Sprintf("Unsupported media type %q in request.", r.Header.Get("Content-Type"))
		return nil, h.Problem(http.StatusUnsupportedMediaType, text), true
	}
	b, err := decodeBody(r.Body)
	if err != nil {
		text := "JSON parse error - " + err.Error()
		if h.deployed() {
			return nil, envelope(http.StatusBadRequest, "parse_error", text), true
		}
		return nil, h.Problem(http.StatusBadRequest, text), true
	}
	return b, Answer{}, false
}

// WithRequestID returns the answer with a new x-request-id (real-server.md, additions).
func (h *Handler) WithRequestID(a Answer) Answer {
	h.served++
	return a.WithHeader("X-Request-Id", h.w.ID(story.ForRequest, h.served).String())
}

// Stamp writes a time as the answers do.
func (h *Handler) Stamp(t time.Time) string { return h.stamp(t) }

// Unready refuses scenarios that are not completed.
func (h *Handler) Unready(scenarios []*world.Scenario) (Answer, bool) { return h.unready(scenarios) }
