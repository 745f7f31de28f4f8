package api

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"
)

// Endpoint names an operation of the API, for faults and for counting.
type Endpoint string

// The endpoints. EndpointOther is any path that matches no route.
const (
	EndpointCreate      Endpoint = "create"       // POST /simulate/run-tests/create/
	EndpointRunTests    Endpoint = "run-tests"    // GET /simulate/run-tests/
	EndpointIDByName    Endpoint = "id-by-name"   // GET /simulate/run-tests/get-id-by-name/{name}/
	EndpointRunTest     Endpoint = "run-test"     // GET /simulate/run-tests/{id}/
	EndpointDelete      Endpoint = "delete"       // DELETE /simulate/run-tests/{id}/delete/
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

// Route is the endpoint of a path, with the path's variables.
type Route struct {
	Endpoint Endpoint
	method   string
	id       uuid.UUID
	name     string
	slash    bool // the path lacks the slash at its end
}

// Find routes a path. An id that is not a UUID matches nothing, as in Django (contract,
// section 1).
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

// match routes a path whose slash at the end has been removed.
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
	r, found := byID[parts[0]+"/"+strings.Join(parts[2:], "")]
	if !found {
		return none
	}
	r.id = id
	return r
}

// byID are the routes with an id, by the collection before it and the operation after it.
var byID = map[string]Route{
	"run-tests/":                  {Endpoint: EndpointRunTest, method: http.MethodGet},
	"run-tests/delete":            {Endpoint: EndpointDelete, method: http.MethodDelete},
	"run-tests/execute":           {Endpoint: EndpointExecute, method: http.MethodPost},
	"run-tests/executions":        {Endpoint: EndpointExecutions, method: http.MethodGet},
	"run-tests/status":            {Endpoint: EndpointStatus, method: http.MethodGet},
	"run-tests/run-new-evals":     {Endpoint: EndpointNewEvals, method: http.MethodPost},
	"run-tests/eval-configs":      {Endpoint: EndpointEvalConfigs, method: http.MethodPost},
	"test-executions/":            {Endpoint: EndpointExecution, method: http.MethodGet},
	"test-executions/cancel":      {Endpoint: EndpointCancel, method: http.MethodPost},
	"test-executions/rerun-calls": {Endpoint: EndpointRerun, method: http.MethodPost},
	"call-executions/":            {Endpoint: EndpointCall, method: http.MethodGet},
}
