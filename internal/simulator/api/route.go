package api

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"
)

// Endpoint names an operation of the API, for faults and for counting.
type Endpoint string

// The endpoints. EndpointOther is any path that is not routed.
const (
	EndpointCreate      Endpoint = "create"       // POST /simulate/run-tests/create/
	EndpointRunTests    Endpoint = "run-tests"    // GET /simulate/run-tests/
	EndpointIDByName    Endpoint = "id-by-name"   // GET /simulate/run-tests/get-id-by-name/{name}/
	EndpointRunTest     Endpoint = "run-test"     // GET /simulate/run-tests/{id}/
	EndpointExecute     Endpoint = "execute"      // POST /simulate/run-tests/{id}/execute/
	EndpointExecutions  Endpoint = "executions"   // GET /simulate/run-tests/{id}/executions/
	EndpointStatus      Endpoint = "status"       // GET /simulate/run-tests/{id}/status/
	EndpointNewEvals    Endpoint = "new-evals"    // POST /simulate/run-tests/{id}/run-new-evals/
	EndpointEvalConfigs Endpoint = "eval-configs" // POST /simulate/run-tests/{id}/eval-configs/
	EndpointExecution   Endpoint = "execution"    // GET /simulate/test-executions/{id}/
	EndpointCancel      Endpoint = "cancel"       // POST /simulate/test-executions/{id}/cancel/
	EndpointRerun       Endpoint = "rerun"        // POST /simulate/test-executions/{id}/rerun-calls/
	EndpointCall        Endpoint = "call"         // GET /simulate/call-executions/{id}/
	EndpointMetrics     Endpoint = "metrics"      // GET /sdk/api/v1/simulation/metrics/
	EndpointHealth      Endpoint = "health"       // GET /api/public/health
	EndpointLiveness    Endpoint = "liveness"     // GET /health/
	EndpointOther       Endpoint = "other"
)

// Route is what a path means.
type Route struct {
	Endpoint Endpoint
	method   string
	id       uuid.UUID
	name     string
	slash    bool // the path would be routed with a slash at its end
}

// Find routes a path. Ids that are no UUIDs match nothing, as in Django.
func (h *Handler) Find(u *url.URL) Route {
	path := u.Path
	if path == "/api/public/health" {
		return Route{Endpoint: EndpointHealth, method: http.MethodGet}
	}
	whole, slash := strings.CutSuffix(path, "/")
	r := h.match(whole)
	if !slash && r.Endpoint != EndpointOther {
		return Route{Endpoint: EndpointOther, slash: true}
	}
	return r
}

// match routes a path without the slash at its end.
func (h *Handler) match(path string) Route {
	none := Route{Endpoint: EndpointOther}
	switch path {
	case "/health":
		return Route{Endpoint: EndpointLiveness, method: http.MethodGet}
	case "/simulate/run-tests":
		return Route{Endpoint: EndpointRunTests, method: http.MethodGet}
	case "/simulate/run-tests/create":
		return Route{Endpoint: EndpointCreate, method: http.MethodPost}
	case "/sdk/api/v1/simulation/metrics":
		if !h.deployed() {
			return none
		}
		return Route{Endpoint: EndpointMetrics, method: http.MethodGet}
	}
	parts := strings.Split(strings.TrimPrefix(path, "/simulate/"), "/")
	if !strings.HasPrefix(path, "/simulate/") || len(parts) < 2 || len(parts) > 3 {
		return none
	}
	if len(parts) == 3 && parts[0] == "run-tests" && parts[1] == "get-id-by-name" && parts[2] != "" {
		return Route{Endpoint: EndpointIDByName, method: http.MethodGet, name: parts[2]}
	}
	id, err := uuid.Parse(parts[1])
	if err != nil || parts[1] != id.String() { // lower case with dashes, as Django's converter wants
		return none
	}
	r := Route{id: id, method: http.MethodGet}
	switch parts[0] + "/" + strings.Join(parts[2:], "") {
	case "run-tests/":
		r.Endpoint = EndpointRunTest
	case "run-tests/execute":
		r.Endpoint, r.method = EndpointExecute, http.MethodPost
	case "run-tests/executions":
		r.Endpoint = EndpointExecutions
	case "run-tests/status":
		r.Endpoint = EndpointStatus
	case "run-tests/run-new-evals":
		r.Endpoint, r.method = EndpointNewEvals, http.MethodPost
	case "run-tests/eval-configs":
		r.Endpoint, r.method = EndpointEvalConfigs, http.MethodPost
	case "test-executions/":
		r.Endpoint = EndpointExecution
	case "test-executions/cancel":
		r.Endpoint, r.method = EndpointCancel, http.MethodPost
	case "test-executions/rerun-calls":
		r.Endpoint, r.method = EndpointRerun, http.MethodPost
	case "call-executions/":
		r.Endpoint = EndpointCall
	default:
		return none
	}
	return r
}
