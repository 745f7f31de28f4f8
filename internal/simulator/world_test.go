package simulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator"
)

// world is a server with an HTTP client. It does not use the product's client, which could
// make the same mistakes.
type world struct {
	*simulator.Server
	t      *testing.T
	client *http.Client
}

const host = "https://api.example.com"

func newWorld(t *testing.T, o simulator.Options) world {
	t.Helper()
	s := simulator.New(o)
	return world{Server: s, t: t, client: s.Client()}
}

type result struct {
	status int
	header http.Header
	body   []byte
}

// send makes a request with keys and reads the answer.
func (w world) send(method, path, body string) (result, error) {
	w.t.Helper()
	var from io.Reader
	if body != "" {
		from = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, host+path, from)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("X-Api-Key", "key-of-the-test")
	req.Header.Set("X-Secret-Key", "secret-of-the-test")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return result{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return result{resp.StatusCode, resp.Header, b}, err
}

func (w world) get(path string) result {
	w.t.Helper()
	r, err := w.send("GET", path, "")
	if err != nil {
		w.t.Fatalf("GET %s: %v", path, err)
	}
	return r
}

func (w world) post(path, body string) result {
	w.t.Helper()
	r, err := w.send("POST", path, body)
	if err != nil {
		w.t.Fatalf("POST %s: %v", path, err)
	}
	return r
}

// decode decodes the answer as JSON and fails the test on another status.
func (r result) decode(t *testing.T, status int) map[string]any {
	t.Helper()
	if r.status != status {
		t.Fatalf("got status %d, want %d: %.500s", r.status, status, r.body)
	}
	var m map[string]any
	dec := json.NewDecoder(bytes.NewReader(r.body))
	dec.UseNumber()
	if err := dec.Decode(&m); err != nil {
		t.Fatalf("body is no JSON object: %v: %.200s", err, r.body)
	}
	return m
}

// create creates a run test with all scenarios, and evals from their templates.
func (w world) create(name string) uuid.UUID {
	w.t.Helper()
	m := w.post("/simulate/run-tests/create/", w.createBody(name)).decode(w.t, 201)
	return uuid.MustParse(m["id"].(string))
}

func (w world) createBody(name string) string {
	var configs []map[string]any
	for _, e := range w.EvalConfigs() {
		if !e.OnRequest {
			configs = append(configs, map[string]any{"template_id": e.TemplateID, "name": e.Name, "mapping": map[string]string{"conversation": "transcript"}})
		}
	}
	return encode(w.t, map[string]any{
		"name": name, "description": "A test", "agent_definition_id": w.AgentID(), "scenario_ids": w.ScenarioIDs(),
		"evaluations_config": configs, "enable_tool_evaluation": true,
	})
}

func encode(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// execute starts all scenarios of a run test.
func (w world) execute(runTest uuid.UUID) uuid.UUID {
	w.t.Helper()
	m := w.post("/simulate/run-tests/"+runTest.String()+"/execute/", `{}`).decode(w.t, 200)
	return uuid.MustParse(m["execution_id"].(string))
}

// start creates a run test and starts it.
func (w world) start() uuid.UUID {
	w.t.Helper()
	return w.execute(w.create("run of " + w.t.Name()))
}

func executionPath(id uuid.UUID) string { return "/simulate/test-executions/" + id.String() + "/" }

// status polls an execution once, in either dialect: a page out of range has no rows.
func (w world) status(id uuid.UUID) string {
	w.t.Helper()
	got := w.get(executionPath(id) + "?page=99999")
	var head struct{ Status string }
	if err := json.Unmarshal(got.body, &head); err != nil || got.status != 200 {
		w.t.Fatalf("got %d %.300s: %v", got.status, got.body, err)
	}
	return head.Status
}

func terminal(status string) bool {
	return status == "completed" || status == "failed" || status == "cancelled"
}

// finish waits until the execution has ended and returns the statuses it showed.
func (w world) finish(id uuid.UUID) []string {
	w.t.Helper()
	var seen []string
	for range 5000 {
		st := w.status(id)
		if len(seen) == 0 || seen[len(seen)-1] != st {
			seen = append(seen, st)
		}
		if terminal(st) {
			return seen
		}
		time.Sleep(2 * time.Second)
	}
	w.t.Fatalf("the execution never ended; states seen: %v", seen)
	return nil
}

// rows reads all calls in one page of the deployed dialect.
func (w world) rows(id uuid.UUID) []map[string]any {
	w.t.Helper()
	m := w.get(executionPath(id)+"?limit=10000").decode(w.t, 200)
	var list []map[string]any
	for _, r := range m["results"].([]any) {
		list = append(list, r.(map[string]any))
	}
	return list
}

// rowOf reads the row of the call with the given index.
func (w world) rowOf(id uuid.UUID, index int) map[string]any {
	w.t.Helper()
	for _, e := range w.Executions() {
		if e.ID != id {
			continue
		}
		want := e.Calls[index].ID.String()
		for _, r := range w.rows(id) {
			if r["id"] == want {
				return r
			}
		}
	}
	w.t.Fatalf("no row for call %d", index)
	return nil
}

func callIDs(e simulator.ExecutionState, indices ...int) []string {
	ids := make([]string, len(indices))
	for i, n := range indices {
		ids[i] = e.Calls[n].ID.String()
	}
	return ids
}

func unmarshal(b []byte, v any) error { return json.Unmarshal(b, v) }

// fetch reads a URL and returns the length of the answer.
func fetch(b *testing.B, client *http.Client, path string) int {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), "GET", host+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("X-Api-Key", "key")
	req.Header.Set("X-Secret-Key", "secret")
	resp, err := client.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		b.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	return len(body)
}
