package dialect

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
		want       Envelope
	}{
		{"documented 400", answers.Sample(t, "documented/create-400.json"), Envelope{Message: "scenario_ids: This list may not be empty."}},
		{"documented 401", answers.Sample(t, "documented/401.json"), Envelope{Message: "Authentication credentials were not provided."}},
		{"documented 404", answers.Sample(t, "documented/404.json"), Envelope{Message: "No RunTest matches the given query."}},
		{"documented 500", answers.Sample(t, "documented/500.json"), Envelope{Message: "Failed to run evaluations: connection to the evaluation service was lost"}},
		{"oldest", answers.Sample(t, "documented/error-400-status-result.json"), Envelope{Message: "Invalid data"}},
		{"rerun while running", answers.Sample(t, "documented/rerun-400-active.json"), Envelope{Message: "Cannot rerun calls while test execution is in 'running' status. Wait for it to complete or cancel it first."}},
		{"rerun of a text agent", answers.Sample(t, "documented/rerun-400-text-agent.json"), Envelope{Message: "Text/Chat agents only support 'eval_only' rerun type."}},
		{"new evals while running", answers.Sample(t, "documented/run-new-evals-400.json"), Envelope{Message: "Only test executions with COMPLETED status can have new evaluations run on them."}},
		{"wrong keys", answers.Sample(t, "deployed/401-bad.json"), Envelope{Message: "Invalid API key or secret key", Deployed: true}},
		{"no keys", answers.Sample(t, "deployed/401-missing.json"), Envelope{Message: "Authentication credentials were not provided.", Deployed: true}},
		{"no voice", answers.Sample(t, "deployed/402-voice.json"), Envelope{Message: "Voice simulation is not available on OSS. Upgrade to cloud or enterprise to run voice calls."}},
		{"plan", answers.Sample(t, "deployed/403-plan.json"), Envelope{Message: "This feature requires a higher plan"}},
		{"rate limit, result is an object", answers.Sample(t, "deployed/429.json"), Envelope{Message: "Rate limit exceeded: 100 api requests per minute", Fields: FieldFault{Limit: true}}},
		{"unknown name", answers.Sample(t, "deployed/id-by-name-400.json"), Envelope{Message: "Run test not found"}},
		{"unknown field", answers.Sample(t, "deployed/create-400-unknown-field.json"), Envelope{
			Message: "agentDefinitionId: Unknown field.; scenarioIds: Unknown field.", Deployed: true, Fields: FieldFault{unknownOrMissing: true}}},
		{"rerun in camelCase", answers.Sample(t, "deployed/rerun-400-camelcase.json"), Envelope{
			Message:  "rerun_type: This field is required.; callExecutionIds: Unknown field.; rerunType: Unknown field.",
			Deployed: true, Fields: FieldFault{unknownOrMissing: true, camel: true, snake: true}}},
		{"body on cancel", answers.Sample(t, "deployed/cancel-400-body.json"), Envelope{
			Message: "This endpoint does not accept a request body.", Deployed: true, Fields: FieldFault{unknownOrMissing: true}}},
		{"scenarios incomplete, result is an object", answers.Sample(t, "deployed/execute-400-scenarios-incomplete.json"), Envelope{
			Message: "1 scenario(s) are not completed. Wait for them to finish or remove them from the selection.", Deployed: true}},
		{"500 for not found", answers.Sample(t, "deployed/execution-500-not-found.json"), Envelope{Message: "Failed to retrieve test execution: No TestExecution matches the given query."}},
		{"page of a framework", answers.Sample(t, "deployed/404.html"), Envelope{Message: "Not Found", HTML: true}},
		{"page of a proxy", answers.Sample(t, "deployed/502.html"), Envelope{Message: "502 Bad Gateway", HTML: true}},
		{"error is an object", `{"error": {"code": "x", "message": "too  fast\n", "details": {}}}`, Envelope{Message: "too fast"}},
		{"texts that are not texts", `{"detail": ["a"], "message": 7, "result": {"detail": "b"}}`, Envelope{Message: "b"}},
		{"field errors without an envelope", `{"name": ["Too long."], "age": ["Too old."]}`, Envelope{Message: "age: Too old.; name: Too long."}},
		{"documented, field missing", `{"error": "rerunType is required"}`, Envelope{Message: "rerunType is required", Fields: FieldFault{camel: true}}},
		{"limit refused", `{"limit": ["Unknown field."]}`, Envelope{Message: "limit: Unknown field.", Fields: FieldFault{unknownOrMissing: true, Limit: true}}},
		{"list", `["no", "way"]`, Envelope{Message: "no"}},
		{"string", `"no"`, Envelope{Message: "no"}},
		{"plain text", "upstream  connect\nerror", Envelope{Message: "upstream connect error"}},
		{"truncated JSON", `{"error": "x`, Envelope{Message: `{"error": "x`}},
		{"invalid UTF-8", "no\xff", Envelope{Message: "no\ufffd"}},
		{"empty object", `{}`, Envelope{}},
		{"nothing", " \n", Envelope{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := ReadEnvelope([]byte(c.body))
			got.Message = noSecrets().Message(got.Message).Raw()
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(Envelope{}, FieldFault{})); diff != "" {
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
		e := ReadEnvelope(body)
		said := noSecrets().Message(e.Message).Raw()
		if strings.ContainsAny(said, "\r\n") || len(said) > maxMessage+len("…") {
			t.Errorf("got %q, which is not one short line", said)
		}
		if e.HTML && e.Deployed {
			t.Error("a page is no envelope")
		}
	})
}

func TestDefinitionThatASecretBreaksIsDropped(t *testing.T) {
	t.Parallel()
	r := NewRedactor("12345678", "other")
	if got := r.json([]byte(`{"n": 12345678}`)); got != nil {
		t.Errorf("got %s, want none", got)
	}
	if got, want := string(r.json([]byte(`{"n": "12345678"}`))), `{"n": "***"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
