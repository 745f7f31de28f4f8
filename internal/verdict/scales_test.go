package verdict

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
)

func TestScalesAreThoseOfResults(t *testing.T) {
	t.Parallel()
	text1 := func(c *Call) { labelled("tone", "Polite")(c) }
	late := func(c *Call) {
		passing("late")(c)
		change(&c.Evals[len(c.Evals)-1], func(e *calls.EvalResult) { e.State = calls.EvalPending })
	}
	e := runOf(
		call("A", passing("polite"), scoring("ground", 0.4), numbering("words", 12), text1, late),
		call("A", numbering("words", 0.5), numbering("odd", 3)),
		call("A", scoring("odd", 0.5)),
	)
	want := map[string]criteria.Scale{"polite": criteria.ScalePassFail, "ground": criteria.ScaleHundred, "words": criteria.ScalePlain, "odd": criteria.ScaleHundred}
	if diff := cmp.Diff(want, ScalesOf(e.Calls)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
