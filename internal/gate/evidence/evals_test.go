package evidence

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

func TestEvalsOfSeveralReadsAreMerged(t *testing.T) {
	t.Parallel()
	one, two := uuid.UUID{1}, uuid.UUID{2}
	runTest := []calls.EvalConfig{
		{ID: one, TemplateID: uuid.UUID{9}, Name: text.New("tone"), Definition: json.RawMessage(`{}`)},
		{Name: text.New("without an id")},
	}
	execution := []calls.EvalConfig{
		{ID: one, Name: text.New("renamed"), Type: text.New("choices")},
		{ID: two, Name: text.New("polite"), Type: text.New("Pass/Fail")},
		{Name: text.New("another"), Type: text.New("score")},
	}
	want := []calls.EvalConfig{
		{ID: one, TemplateID: uuid.UUID{9}, Name: text.New("tone"), Type: text.New("choices"), Definition: json.RawMessage(`{}`)},
		{Name: text.New("without an id")},
		{ID: two, Name: text.New("polite"), Type: text.New("Pass/Fail")},
	}
	sameText := cmp.Comparer(func(a, b text.Untrusted) bool { return a == b })
	if diff := cmp.Diff(want, MergeEvals(runTest, execution), sameText); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !runTest[0].Type.IsEmpty() {
		t.Error("the list that was there was changed")
	}
}
