package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/dialect"
	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
)

// runTestInputs are the inputs that identify the run test, for hints.
const runTestInputs = "run-test-id"

// CreateRunTest is the body of a create. Unset fields are not sent, because the deployed server
// rejects null for some.
type CreateRunTest struct {
	Name                 string
	Description          string
	AgentDefinitionID    uuid.UUID
	AgentVersion         uuid.UUID // uuid.Nil for the active version
	ScenarioIDs          []uuid.UUID
	EvalConfigIDs        []uuid.UUID
	EvaluationsConfig    json.RawMessage // a JSON array, or nil
	DatasetRowIDs        []uuid.UUID
	EnableToolEvaluation *bool
	ReplaySessionID      uuid.UUID // uuid.Nil for none
}

// CreateRunTest creates a run test. It places no calls. It is sent once, because a second one
// would leave a duplicate. A response without an id is an error that is not Unsent, because the
// run test may exist.
func (c *Client) CreateRunTest(ctx context.Context, body CreateRunTest) (calls.RunTest, error) {
	r := postOnce("create run test", "/simulate/run-tests/create/", body.fields(),
		"agent-definition-id, agent-version, scenario-ids, eval-config-ids and replay-session-id")
	return c.readRunTest(ctx, r)
}

// RunTest reads a run test.
func (c *Client) RunTest(ctx context.Context, id uuid.UUID) (calls.RunTest, error) {
	return c.readRunTest(ctx, get("read run test", "/simulate/run-tests/"+id.String()+"/", runTestInputs))
}

// DeleteRunTest deletes a run test and hides its executions: it is for one that nobody has executed. The server
// refuses it while an execution is running (contract, section 6). Servers that lack it answer as if there were no
// such run test.
func (c *Client) DeleteRunTest(ctx context.Context, id uuid.UUID) error {
	r := request{op: "delete run test", method: http.MethodDelete, path: "/simulate/run-tests/" + id.String() + "/delete/", repeatable: true, inputs: runTestInputs}
	_, err := fetch(ctx, c, r, func(io.Reader) (struct{}, error) { return struct{}{}, nil })
	return err
}

// readRunTest sends r, whose response is a run test.
func (c *Client) readRunTest(ctx context.Context, r request) (calls.RunTest, error) {
	t, err := fetch(ctx, c, r, c.answers.RunTest)
	if err == nil {
		c.memory.rememberRunTest(t)
	}
	return t, err
}

// fields returns the fields to send, only those that are set: the deployed server rejects null
// and unknown keys (contract, section 3.1).
func (b CreateRunTest) fields() map[string]any {
	f := map[string]any{"name": b.Name}
	if b.AgentDefinitionID != uuid.Nil {
		f["agent_definition_id"] = b.AgentDefinitionID
	}
	if len(b.ScenarioIDs) > 0 {
		f["scenario_ids"] = b.ScenarioIDs
	}
	if b.Description != "" {
		f["description"] = b.Description
	}
	if b.AgentVersion != uuid.Nil {
		f["agent_version"] = b.AgentVersion // unknown to the documented API
	}
	if len(b.EvalConfigIDs) > 0 {
		f["eval_config_ids"] = b.EvalConfigIDs
	}
	if !jsonstream.IsNull(b.EvaluationsConfig) {
		f["evaluations_config"] = b.EvaluationsConfig
	}
	if len(b.DatasetRowIDs) > 0 {
		f["dataset_row_ids"] = b.DatasetRowIDs
	}
	if b.EnableToolEvaluation != nil {
		f["enable_tool_evaluation"] = *b.EnableToolEvaluation
	}
	if b.ReplaySessionID != uuid.Nil {
		f["replay_session_id"] = b.ReplaySessionID
	}
	return f
}

// FindRunTest looks up a run test by its exact name; the newest if there are several. found is
// false only if the server certainly has none.
func (c *Client) FindRunTest(ctx context.Context, name string) (id uuid.UUID, found bool, err error) {
	// No route matches a name with a slash, even an escaped one, and dots would be taken for
	// directories.
	if strings.Contains(name, "/") || name == "" || strings.Trim(name, ".") == "" {
		return c.searchRunTest(ctx, name)
	}
	r := get("find run test by name", "/simulate/run-tests/get-id-by-name/"+url.PathEscape(name)+"/", "run-name")
	answer, err := fetch(ctx, c, r, c.answers.NamedRunTest)
	if err == nil {
		if answer.Name != "" && answer.Name != name {
			return c.searchRunTest(ctx, name)
		}
		return answer.ID, true, nil
	}
	failure, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
	case failure.Status == http.StatusBadRequest && dialect.IsNoRunTest(failure.Message.Raw()):
		return uuid.Nil, false, nil
	case failure.Kind == KindNotFound, failure.Kind == KindRejected, failure.Status == http.StatusNotImplemented:
		// The route is not in the four documents, so the server may not have it.
		return c.searchRunTest(ctx, name)
	}
	return uuid.Nil, false, err
}

// searchRunTest looks for a name in the list of run tests. The server matches substrings, so
// compare exactly here.
func (c *Client) searchRunTest(ctx context.Context, name string) (uuid.UUID, bool, error) {
	found := uuid.Nil
	whole, err := c.walkRunTests(ctx, name, maxSearchPages, func(t dialect.ListedRunTest) bool {
		if t.Name == name {
			found = t.ID // newest first
		}
		return found == uuid.Nil
	})
	if err == nil && !whole && found == uuid.Nil {
		f := listRunTests().failure(KindUnavailable)
		f.Err = errors.New("the list of run tests does not end")
		err = f
	}
	return found, found != uuid.Nil, err
}
