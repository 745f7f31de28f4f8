package client

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/test/answers"
)

func TestEnvelopeIsReadInEveryShape(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, body string
		want       envelope
	}{
		{"documented 400", answers.Sample(t, "documented/create-400.json"), envelope{message: "scenario_ids: This list may not be empty."}},
		{"documented 401", answers.Sample(t, "documented/401.json"), envelope{message: "Authentication credentials were not provided."}},
		{"documented 404", answers.Sample(t, "documented/404.json"), envelope{message: "No RunTest matches the given query."}},
		{"documented 500", answers.Sample(t, "documented/500.json"), envelope{message: "Failed to run evaluations: connection to the evaluation service was lost"}},
		{"oldest", answers.Sample(t, "documented/error-400-status-result.json"), envelope{message: "Invalid data"}},
		{"rerun while running", answers.Sample(t, "documented/rerun-400-active.json"), envelope{message: "Cannot rerun calls while test execution is in 'running' status. Wait for it to complete or cancel it first."}},
		{"rerun of a text agent", answers.Sample(t, "documented/rerun-400-text-agent.json"), envelope{message: "Text/Chat agents only support 'eval_only' rerun type."}},
		{"new evals while running", answers.Sample(t, "documented/run-new-evals-400.json"), envelope{message: "Only test executions with COMPLETED status can have new evaluations run on them."}},
		{"wrong keys", answers.Sample(t, "deployed/401-bad.json"), envelope{message: "Invalid API key or secret key", deployed: true}},
		{"no keys", answers.Sample(t, "deployed/401-missing.json"), envelope{message: "Authentication credentials were not provided.", deployed: true}},
		{"no voice", answers.Sample(t, "deployed/402-voice.json"), envelope{message: "Voice simulation is not available on OSS. Upgrade to cloud or enterprise to run voice calls."}},
		{"plan", answers.Sample(t, "deployed/403-plan.json"), envelope{message: "This feature requires a higher plan"}},
		{"rate limit, result is an object", answers.Sample(t, "deployed/429.json"), envelope{message: "Rate limit exceeded: 100 api requests per minute", fields: fieldFault{limit: true}}},
		{"unknown name", answers.Sample(t, "deployed/id-by-name-400.json"), envelope{message: "Run test not found"}},
		{"unknown field", answers.Sample(t, "deployed/create-400-unknown-field.json"), envelope{
			message: "agentDefinitionId: Unknown field.; scenarioIds: Unknown field.", deployed: true, fields: fieldFault{unknownOrMissing: true}}},
		{"rerun in camelCase", answers.Sample(t, "deployed/rerun-400-camelcase.json"), envelope{
			message:  "rerun_type: This field is required.; callExecutionIds: Unknown field.; rerunType: Unknown field.",
			deployed: true, fields: fieldFault{unknownOrMissing: true, camel: true, snake: true}}},
		{"body on cancel", answers.Sample(t, "deployed/cancel-400-body.json"), envelope{
			message: "This endpoint does not accept a request body.", deployed: true, fields: fieldFault{unknownOrMissing: true}}},
		{"scenarios incomplete, result is an object", answers.Sample(t, "deployed/execute-400-scenarios-incomplete.json"), envelope{
			message: "1 scenario(s) are not completed. Wait for them to finish or remove them from the selection.", deployed: true}},
		{"500 for not found", answers.Sample(t, "deployed/execution-500-not-found.json"), envelope{message: "Failed to retrieve test execution: No TestExecution matches the given query."}},
		{"page of a framework", answers.Sample(t, "deployed/404.html"), envelope{message: "Not Found", html: true}},
		{"page of a proxy", answers.Sample(t, "deployed/502.html"), envelope{message: "502 Bad Gateway", html: true}},
		{"error is an object", `{"error": {"code": "x", "message": "too  fast\n", "details": {}}}`, envelope{message: "too fast"}},
		{"texts that are not texts", `{"detail": ["a"], "message": 7, "result": {"detail": "b"}}`, envelope{message: "b"}},
		{"field errors without an envelope", `{"name": ["Too long."], "age": ["Too old."]}`, envelope{message: "age: Too old.; name: Too long."}},
		{"documented, field missing", `{"error": "rerunType is required"}`, envelope{message: "rerunType is required", fields: fieldFault{camel: true}}},
		{"limit refused", `{"limit": ["Unknown field."]}`, envelope{message: "limit: Unknown field.", fields: fieldFault{unknownOrMissing: true, limit: true}}},
		{"list", `["no", "way"]`, envelope{message: "no"}},
		{"string", `"no"`, envelope{message: "no"}},
		{"plain text", "upstream  connect\nerror", envelope{message: "upstream connect error"}},
		{"truncated JSON", `{"error": "x`, envelope{message: `{"error": "x`}},
		{"invalid UTF-8", "no\xff", envelope{message: "no\ufffd"}},
		{"empty object", `{}`, envelope{}},
		{"nothing", " \n", envelope{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := readEnvelope([]byte(c.body))
			got.message = noSecrets().Message(got.message).Raw()
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(envelope{}, fieldFault{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzEnvelope(f *testing.F) {
	for _, name := range []string{"documented/create-400.json", "deployed/429.json", "deployed/rerun-400-camelcase.json", "deployed/404.html", "deployed/execute-400-scenarios-incomplete.json"} {
		f.Add([]byte(answers.Sample(f, name)))
	}
	f.Add([]byte(`{"error":{"error":{}},"result":[["x"]]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e := readEnvelope(body)
		said := noSecrets().Message(e.message).Raw()
		if strings.ContainsAny(said, "\r\n") || len(said) > maxMessage+len("…") {
			t.Errorf("got %q, which is not one short line", said)
		}
		if e.html && e.deployed {
			t.Error("a page is no envelope")
		}
	})
}

func TestDefinitionThatASecretBreaksIsDropped(t *testing.T) {
	t.Parallel()
	r := newRedactor("12345678", "other")
	if got := r.json([]byte(`{"n": 12345678}`)); got != nil {
		t.Errorf("got %s, want none", got)
	}
	if got, want := string(r.json([]byte(`{"n": "12345678"}`))), `{"n": "***"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
