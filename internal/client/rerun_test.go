package client

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

// The calls of the rerun samples.
var (
	callA       = uuid.MustParse("04f34f7b-635e-404e-b64a-24b53d060b22")
	callB       = uuid.MustParse("0ab383cd-8d87-4e72-acf3-8073204429e6")
	callC       = uuid.MustParse("b388279a-9c66-4aa1-9f5f-be417dc9913c")
	callUnknown = uuid.MustParse("98a773e9-6f23-49ad-a618-930e5d4e3f6d")
)

func TestRerunAnswersInBothCasings(t *testing.T) {
	t.Parallel()
	unmentioned := func(id uuid.UUID) calls.RejectedRerun {
		return calls.RejectedRerun{CallID: id, Reason: text.New("the server did not mention it")}
	}
	dispatch := "Async dispatch failed: Failed client connect: Server connection error"
	cases := []struct {
		name, body string
		asked      []uuid.UUID
		want       calls.RerunResult
	}{
		{"documented", answers.Sample(t, "documented/rerun-200.json"), []uuid.UUID{callA, callB, callC}, calls.RerunResult{
			Message: text.New("Rerun initiated successfully"), Accepted: []uuid.UUID{callA, callB, callC}}},
		{"deployed", answers.Sample(t, "deployed/rerun-200.json"), []uuid.UUID{callA, callB, callC}, calls.RerunResult{
			Message: text.New("Bulk call execution rerun prepared and initiated successfully (call_and_eval)"), Accepted: []uuid.UUID{callA, callB, callC}}},
		{"documented, one refused", answers.Sample(t, "documented/rerun-200-partial.json"), []uuid.UUID{callA, callB, callUnknown}, calls.RerunResult{
			Message: text.New("Rerun initiated successfully"), Accepted: []uuid.UUID{callA, callB},
			Rejected: []calls.RejectedRerun{{CallID: callUnknown, Reason: text.New("Call execution not found in this test execution")}}}},
		{"deployed, one dropped silently", answers.Sample(t, "deployed/rerun-200.json"), []uuid.UUID{callA, callB, callC, callUnknown}, calls.RerunResult{
			Message:  text.New("Bulk call execution rerun prepared and initiated successfully (call_and_eval)"),
			Accepted: []uuid.UUID{callA, callB, callC}, Rejected: []calls.RejectedRerun{unmentioned(callUnknown)}}},
		{"deployed, nothing started", answers.Sample(t, "deployed/rerun-200-dispatch-failed.json"), []uuid.UUID{callA, callB, callC}, calls.RerunResult{
			Message:       text.New("Bulk call execution rerun prepared; async dispatch failed and can be retried (call_and_eval)"),
			Rejected:      []calls.RejectedRerun{{CallID: callA, Reason: text.New(dispatch)}, {CallID: callB, Reason: text.New(dispatch)}, {CallID: callC, Reason: text.New(dispatch)}},
			DispatchError: text.New("Failed client connect: Server connection error")}},
		{"dispatch error that is an object", `{"dispatch_error": {"code": 1}}`, []uuid.UUID{callA}, calls.RerunResult{
			Rejected: []calls.RejectedRerun{unmentioned(callA)}, DispatchError: text.New(`{"code": 1}`)}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"POST " + rerunPath: always(200, c.body)})
			got, err := newClient(t, w).RerunCalls(t.Context(), answers.Execution, calls.RerunCallAndEval, c.asked)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, answers.SameText); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRerunIsWrittenInTheServersCasing(t *testing.T) {
	t.Parallel()
	snake := map[string]any{"rerun_type": "eval_only", "call_execution_ids": []any{callA.String()}}
	camel := map[string]any{"rerunType": "eval_only", "callExecutionIds": []any{callA.String()}}
	// strict answers 400 to a body without the key, else 200.
	strict := func(key, refusal, answer string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(bodyOf(r), `"`+key+`"`) {
				reply(w, 400, refusal)
				return
			}
			reply(w, 200, answer)
		}
	}
	deployed := strict("rerun_type", answers.Sample(t, "deployed/rerun-400-camelcase.json"), answers.Sample(t, "deployed/rerun-200.json"))
	documented := strict("rerunType", `{"error": "rerunType is required"}`, answers.Sample(t, "documented/rerun-200.json"))
	cases := []struct {
		name    string
		known   calls.Dialect
		rerun   http.HandlerFunc
		want    []map[string]any // bodies of two reruns
		dialect calls.Dialect
	}{
		{"deployed", calls.DialectDeployed, deployed, []map[string]any{snake, snake}, calls.DialectDeployed},
		{"documented", calls.DialectDocumented, documented, []map[string]any{camel, camel}, calls.DialectDocumented},
		{"unknown and deployed", calls.DialectUnknown, deployed, []map[string]any{snake, snake}, calls.DialectDeployed},
		{"unknown and documented", calls.DialectUnknown, documented, []map[string]any{snake, camel, camel}, calls.DialectDocumented},
		{"documented pages, but strict", calls.DialectDocumented, deployed, []map[string]any{camel, snake, snake}, calls.DialectDocumented},
		{"deployed pages, but camelCase", calls.DialectDeployed, documented, []map[string]any{snake, camel, camel}, calls.DialectDeployed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := &wire{}
			w.answer = func(rec http.ResponseWriter, r *http.Request, n int) error {
				r.Body = readCloser(w.requests[n-1].Body)
				c.rerun(rec, r)
				return nil
			}
			client := newClient(t, w)
			client.memory.learn(c.known)
			for range 2 {
				if _, err := client.RerunCalls(t.Context(), answers.Execution, calls.RerunEvalOnly, []uuid.UUID{callA}); err != nil {
					t.Fatal(err)
				}
			}
			var got []map[string]any
			for n := range w.requests {
				got = append(got, w.body(t, n))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("bodies (-want +got):\n%s", diff)
			}
			if got := client.Dialect(); got != c.dialect {
				t.Errorf("got dialect %q, want %q", got, c.dialect)
			}
		})
	}
}

func TestRerunIsNotRepeatedOnAnyOther400(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		body string
		want string
	}{
		"still running":     {answers.Sample(t, "documented/rerun-400-active.json"), "Cannot rerun calls while"},
		"text agent":        {answers.Sample(t, "documented/rerun-400-text-agent.json"), "only support 'eval_only'"},
		"bad choice":        {`{"detail": "rerun_type: \"x\" is not a valid choice."}`, "not a valid choice"},
		"nothing to do":     {`{"detail": "No call executions found that can be rerun."}`, "No call executions"},
		"neither casing ok": {answers.Sample(t, "deployed/rerun-400-camelcase.json"), "rerun_type: This field is required."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"POST " + rerunPath: always(400, c.body)})
			_, err := newClient(t, w).RerunCalls(t.Context(), answers.Execution, calls.RerunCallAndEval, []uuid.UUID{callA})
			failure, ok := errors.AsType[*Error](err)
			if !ok || failure.Kind != KindRejected || !failure.Unsent || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to hold %q", err, c.want)
			}
			want := 1
			if name == "neither casing ok" {
				want = 2
			}
			if w.count() != want {
				t.Errorf("got %d requests, want %d", w.count(), want)
			}
		})
	}
}

func TestRerunAnswerThatNamesNoCallsIsAmbiguous(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{"POST " + rerunPath: always(200, `{"message": "ok"}`)})
	_, err := newClient(t, w).RerunCalls(t.Context(), answers.Execution, calls.RerunCallAndEval, []uuid.UUID{callA})
	if failure, ok := errors.AsType[*Error](err); !ok || failure.Unsent || w.count() != 1 {
		t.Errorf("got %v after %d requests", err, w.count())
	}
}

func TestRerunOfNoCallsIsNotSent(t *testing.T) {
	t.Parallel()
	w := serving(t, nil)
	_, err := newClient(t, w).RerunCalls(t.Context(), answers.Execution, calls.RerunCallAndEval, nil)
	if failure, ok := errors.AsType[*Error](err); !ok || !failure.Unsent || w.count() != 0 {
		t.Errorf("got %v after %d requests", err, w.count())
	}
}

func TestRunNewEvals(t *testing.T) {
	t.Parallel()
	cases := []struct {
		sample string
		want   calls.NewEvalsResult
	}{
		{"documented/run-new-evals-200.json", calls.NewEvalsResult{Message: text.New("Evaluations started successfully"), Calls: new(20)}},
		{"deployed/run-new-evals-200.json", calls.NewEvalsResult{Message: text.New("New evaluations dispatched successfully. Individual tasks will run in parallel."), Calls: new(20)}},
		{"deployed/run-new-evals-200-dispatch-failed.json", calls.NewEvalsResult{
			Message: text.New("New evaluations marked pending; async dispatch failed and can be retried."), Calls: new(20), DispatchFailed: true}},
	}
	for _, c := range cases {
		t.Run(c.sample, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"POST " + newEvalsPath: always(200, answers.Sample(t, c.sample))})
			got, err := newClient(t, w).RunNewEvals(t.Context(), answers.RunTest, RunNewEvals{
				ExecutionID: answers.Execution, EvalConfigIDs: []uuid.UUID{helpfulID, templateID, helpfulID}, EnableToolEvaluation: new(true),
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, answers.SameText); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			want := map[string]any{
				"test_execution_ids": []any{answers.Execution.String()}, "enable_tool_evaluation": true,
				"eval_config_ids": []any{helpfulID.String(), templateID.String()}, // each once
			}
			if diff := cmp.Diff(want, w.body(t, 0)); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewEvalsAnswerWithoutWordsIsAmbiguous(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{"POST " + newEvalsPath: always(200, `{}`)})
	_, err := newClient(t, w).RunNewEvals(t.Context(), answers.RunTest, RunNewEvals{ExecutionID: answers.Execution, EvalConfigIDs: []uuid.UUID{helpfulID}})
	if failure, ok := errors.AsType[*Error](err); !ok || failure.Unsent || w.count() != 1 {
		t.Errorf("got %v after %d requests", err, w.count())
	}
}

func TestNewEvalsOfNoConfigsAreNotSent(t *testing.T) {
	t.Parallel()
	w := serving(t, nil)
	_, err := newClient(t, w).RunNewEvals(t.Context(), answers.RunTest, RunNewEvals{ExecutionID: answers.Execution})
	if failure, ok := errors.AsType[*Error](err); !ok || !failure.Unsent || w.count() != 0 {
		t.Errorf("got %v after %d requests", err, w.count())
	}
}
