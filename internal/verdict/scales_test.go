package verdict

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/client"
)

func TestScalesAreThoseOfResults(t *testing.T) {
	t.Parallel()
	text1 := func(c *Call) { labelled("tone", "Polite")(c) }
	late := func(c *Call) {
		passing("late")(c)
		change(&c.Evals[len(c.Evals)-1], func(e *client.EvalResult) { e.State = client.EvalPending })
	}
	e := runOf(
		call("A", passing("polite"), scoring("ground", 0.4), numbering("words", 12), text1, late),
		call("A", numbering("words", 0.5), numbering("odd", 3)),
		call("A", scoring("odd", 0.5)),
	)
	want := map[string]Scale{"polite": ScalePassFail, "ground": ScaleHundred, "words": ScalePlain, "odd": ScaleHundred}
	if diff := cmp.Diff(want, ScalesOf(e.Calls)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
