package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/test/answers"
)

func TestRunTestsAreWalkedPageByPageAndOnlyAsFarAsNeeded(t *testing.T) {
	t.Parallel()
	first, second, third := uuid.New(), uuid.New(), uuid.New()
	page := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("page") {
		case "":
			reply(w, 200, fmt.Sprintf(`{"count": 4, "total_pages": 2, "results": [
				{"id": %q, "name": "one", "agent_definition": %q, "scenarios": [%q]}, {"id": %q, "name": "gone", "deleted": true}, {"name": "no id"}]}`, first, agentID, refundID, uuid.New()))
		default:
			// The first has moved to the second page in the meantime.
			reply(w, 200, fmt.Sprintf(`{"count": 4, "total_pages": 2, "results": [{"id": %q, "name": "one"}, {"id": %q, "name": "two"}, {"id": %q}]}`, first, second, third))
		}
	}
	for _, c := range []struct {
		name  string
		stop  int // after this many; 0 for never
		want  []uuid.UUID
		pages int
	}{
		{"to the end", 0, []uuid.UUID{first, second, third}, 2},
		{"as far as the first", 1, []uuid.UUID{first}, 1},
		{"as far as the second", 2, []uuid.UUID{first, second}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"GET " + listPath: page})
			var got []uuid.UUID
			for found, err := range newClient(t, w).RunTests(t.Context(), "gate") {
				if err != nil {
					t.Fatal(err)
				}
				if found.ID == first && (found.AgentID != agentID || len(found.Scenarios) != 1) {
					t.Errorf("got agent %s and scenarios %v", found.AgentID, found.Scenarios)
				}
				if got = append(got, found.ID); len(got) == c.stop {
					break
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got, want := w.lines()[0], "GET "+listPath+"?limit=25&search=gate"; got != want {
				t.Errorf("got first request %q, want %q", got, want)
			}
			if w.count() != c.pages {
				t.Errorf("got requests %q, want %d", w.lines(), c.pages)
			}
		})
	}
}

func TestAFaultEndsTheWalkThroughRunTests(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{"GET " + listPath: always(401, answers.Sample(t, "deployed/401-bad.json"))})
	var errs []error
	for _, err := range newClient(t, w).RunTests(t.Context(), "") {
		errs = append(errs, err)
	}
	if failure, ok := errors.AsType[*Error](errors.Join(errs...)); len(errs) != 1 || !ok || failure.Kind != KindUnauthorized {
		t.Errorf("got %v, want one refusal of the keys", errs)
	}
}

func TestAnEvalConfigIsCopiedWithoutWhatBelongsToTheOriginal(t *testing.T) {
	t.Parallel()
	original := calls.EvalConfig{ID: helpfulID, TemplateID: templateID, Definition: json.RawMessage(`{"id": "x", "name": "is_helpful", "template_id": "` + templateID.String() + `",
		"config": {"a": [1]}, "mapping": {"conversation": "transcript"}, "filters": [], "error_localizer": false, "model": null, "status": "Completed", "eval_group": "g"}`)}
	copied, err := CopyOf(original)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(copied, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"name": "is_helpful", "template_id": templateID.String(), "config": map[string]any{"a": []any{1.0}},
		"mapping": map[string]any{"conversation": "transcript"}, "filters": []any{}, "error_localizer": false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, e := range map[string]calls.EvalConfig{"no definition": {ID: helpfulID, TemplateID: templateID}, "no template": {ID: helpfulID, Definition: json.RawMessage(`{}`)}} {
		if copied, err := CopyOf(e); err == nil {
			t.Errorf("%s: got %s, want an error", name, copied)
		}
	}
}

func TestAddEvalConfigs(t *testing.T) {
	t.Parallel()
	path := runTestPath + "eval-configs/"
	entries := []json.RawMessage{json.RawMessage(`{"template_id":"` + templateID.String() + `","name":"tone"}`)}
	t.Run("sends the entries and reads the ids", func(t *testing.T) {
		t.Parallel()
		w := serving(t, map[string]http.HandlerFunc{"POST " + path: always(201, fmt.Sprintf(`{"message": "m", "created_eval_configs": [{"id": %q}]}`, helpfulID))})
		made, err := newClient(t, w).AddEvalConfigs(t.Context(), answers.RunTest, entries)
		if err != nil || len(made) != 1 || made[0] != helpfulID {
			t.Errorf("got %v, %v", made, err)
		}
		want := map[string]any{"evaluations_config": []any{map[string]any{"template_id": templateID.String(), "name": "tone"}}}
		if diff := cmp.Diff(want, w.body(t, 0)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	for name, c := range map[string]struct {
		status int
		body   string
		unsent bool
	}{
		"a refusal has done nothing":            {400, `{"detail": "An evaluation config with the name 'tone' already exists in this run test."}`, true},
		"an answer without the evals is a loss": {201, `{"message": "m"}`, false},
		"a fault is a loss":                     {500, `{}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"POST " + path: always(c.status, c.body)})
			_, err := newClient(t, w).AddEvalConfigs(t.Context(), answers.RunTest, entries)
			failure, ok := errors.AsType[*Error](err)
			if !ok || failure.Unsent != c.unsent || w.count() != 1 {
				t.Errorf("got %v after %d requests, want one with Unsent %t", err, w.count(), c.unsent)
			}
		})
	}
}
