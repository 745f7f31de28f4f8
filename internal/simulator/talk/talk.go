// Package talk answers the requests of the chat protocol of the deployed server (chat.md):
// starting chats, making their rows, holding them, closing them, the endpoints of the
// vendor's own runner, and prompts. Everything else it hands on to the rest of the API,
// which also shows what came of it. The documented API has nothing of it.
//
// Read this file for the routes, form for what a turn must look like, then start, message,
// closing, runner and prompt, an endpoint or two a file.
package talk

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// The endpoints of the protocol, for faults and for counting. Begin and turn share a path.
const (
	EndpointStart         api.Endpoint = "chat-execute"       // POST /simulate/run-tests/{id}/chat-execute/
	EndpointRows          api.Endpoint = "chat-rows"          // POST /simulate/test-executions/{id}/chat/call-executions/batch/
	EndpointBegin         api.Endpoint = "chat-begin"         // POST /simulate/call-executions/{id}/chat/send-message/ with initiate_chat
	EndpointTurn          api.Endpoint = "chat-turn"          // the same with messages
	EndpointPatch         api.Endpoint = "call-patch"         // PATCH /simulate/call-executions/{id}/
	EndpointProvision     api.Endpoint = "alk-provision"      // POST /simulate/api/alk-simulate/run-tests/provision/
	EndpointSubset        api.Endpoint = "alk-start"          // POST …/alk-simulate/run-tests/{id}/test-executions/
	EndpointLockedRows    api.Endpoint = "alk-rows"           // POST …/alk-simulate/test-executions/{id}/batch/
	EndpointResult        api.Endpoint = "alk-result"         // PATCH …/alk-simulate/call-executions/{id}/result/
	EndpointMark          api.Endpoint = "alk-status"         // PATCH …/alk-simulate/call-executions/{id}/status/
	EndpointPromptExecute api.Endpoint = "prompt-execute"     // POST /simulate/prompt-templates/{t}/simulations/{id}/execute/
	EndpointPrompts       api.Endpoint = "prompt-simulations" // GET and POST /simulate/prompt-templates/{t}/simulations/
	EndpointPrompt        api.Endpoint = "prompt-simulation"  // GET /simulate/prompt-templates/{t}/simulations/{id}/
)

// Handler answers the chat protocol, and lets the rest of the API answer what else comes.
// It is not safe for concurrent use.
type Handler struct {
	*api.Handler
	w *world.World
}

// New puts the chat protocol before the API of a world.
func New(rest *api.Handler, w *world.World) *Handler { return &Handler{rest, w} }

// Route is what a request means.
type Route struct {
	api.Route
	method string
	id     uuid.UUID
	parent uuid.UUID // of a prompt's run test: the template
	ours   bool
}

// Find routes a request. Ids that are no UUIDs match nothing, as in Django.
func (h *Handler) Find(r *api.Request) Route {
	if path, slash := strings.CutSuffix(r.URL.Path, "/"); slash && h.w.Options.Deployed {
		if to := h.match(r, strings.Split(strings.TrimPrefix(path, "/"), "/")); to.ours {
			return to
		}
	}
	return Route{Route: h.Handler.Find(r.URL)}
}

func (h *Handler) match(r *api.Request, parts []string) Route {
	if len(parts) < 3 || parts[0] != "simulate" {
		return Route{}
	}
	parts = parts[1:]
	var ids []uuid.UUID
	for i, part := range parts {
		if id, err := uuid.Parse(part); err == nil && part == id.String() {
			ids = append(ids, id)
			parts[i] = "*"
		}
	}
	to := Route{method: http.MethodPost, ours: true}
	switch strings.Join(parts, "/") {
	case "run-tests/*/chat-execute":
		to.Endpoint = EndpointStart
	case "test-executions/*/chat/call-executions/batch":
		to.Endpoint = EndpointRows
	case "call-executions/*/chat/send-message":
		to.Endpoint = EndpointTurn
		if begins(r.Body) {
			to.Endpoint = EndpointBegin
		}
	case "call-executions/*":
		to.Endpoint, to.method = EndpointPatch, http.MethodPatch
		to.ours = r.Method == http.MethodPatch
	case "prompt-templates/*/simulations":
		to.Endpoint = EndpointPrompts
		if r.Method == http.MethodGet {
			to.method = http.MethodGet
		}
	case "prompt-templates/*/simulations/*":
		to.Endpoint, to.method = EndpointPrompt, http.MethodGet
	case "prompt-templates/*/simulations/*/execute":
		to.Endpoint = EndpointPromptExecute
	default:
		to.Endpoint, to.method = runnerRoute(strings.Join(parts, "/"))
		to.ours = to.Endpoint != "" && !h.w.Options.Chats.NoALK
	}
	if n := len(ids); n > 0 {
		to.parent, to.id = ids[0], ids[n-1]
	}
	return to
}

// runnerRoute routes what the vendor's runner asks for.
func runnerRoute(path string) (api.Endpoint, string) {
	switch path {
	case "api/alk-simulate/run-tests/provision":
		return EndpointProvision, http.MethodPost
	case "api/alk-simulate/run-tests/*/test-executions":
		return EndpointSubset, http.MethodPost
	case "api/alk-simulate/test-executions/*/batch":
		return EndpointLockedRows, http.MethodPost
	case "api/alk-simulate/call-executions/*/result":
		return EndpointResult, http.MethodPatch
	case "api/alk-simulate/call-executions/*/status":
		return EndpointMark, http.MethodPatch
	}
	return "", ""
}

// begins reports whether a message asks for the begin of a conversation.
func begins(body []byte) bool {
	var b struct {
		Begin bool `json:"initiate_chat"`
	}
	return json.Unmarshal(body, &b) == nil && b.Begin
}

// Answer answers a request that reached the server.
func (h *Handler) Answer(r *api.Request, to Route, now time.Time) api.Answer {
	if !to.ours {
		return h.Handler.Answer(r, to.Route, now)
	}
	body, a, bad := h.Admit(r, to.method)
	if bad {
		return a
	}
	// The runner's endpoints look at the organisation only, not at the workspace.
	other := h.w.Options.Chats.OtherKey != "" && r.Header.Get("X-Api-Key") == h.w.Options.Chats.OtherKey
	switch to.Endpoint {
	case EndpointStart:
		return h.start(to.id, other, body, now)
	case EndpointRows:
		return h.rows(to.id, other, body, now)
	case EndpointBegin, EndpointTurn:
		return h.message(to.id, other, body, now)
	case EndpointPatch:
		return h.patch(to.id, other, body, now)
	case EndpointProvision:
		return h.provision(body, now)
	case EndpointSubset:
		return h.subset(to.id, body, now)
	case EndpointLockedRows:
		return h.lockedRows(to.id, body, now)
	case EndpointResult:
		return h.result(to.id, body, now)
	case EndpointMark:
		return h.mark(to.id, body, now)
	case EndpointPromptExecute:
		return h.executePrompt(to.parent, to.id, body, now)
	case EndpointPrompts:
		if to.method == http.MethodGet {
			return h.listPrompts(to.id, r)
		}
		return h.createPrompt(to.id, body, now)
	case EndpointPrompt:
		return h.showPrompt(to.parent, to.id)
	}
	return api.NotRouted()
}
