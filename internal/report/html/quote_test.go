package html

import (
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestTheTurnThatAReasonQuotesIsFound(t *testing.T) {
	t.Parallel()
	turns := []string{
		"How can I help?", "My order arrived broken, it's order 4400.",
		"You can't return it after 14 days; that is our policy.", "退款政策是十四天内可以退货", "How can I help?",
	}
	for name, c := range map[string]struct {
		reason string
		want   int // index of the turn; -1 for none
	}{
		"no quotation":               {"It was not helpful.", -1},
		"straight marks":             {`It said "that is our policy", which is wrong.`, 2},
		"typographic marks":          {"It said “That is our policy.”", 2},
		"German marks":               {"Er sagte „that is our policy“.", 2},
		"single marks":               {"It said 'that is our policy' to the customer's question.", 2},
		"an apostrophe within":       {"It said 'You can't return it' twice.", 2},
		"other case and punctuation": {`"MY ORDER arrived -- broken"`, 1},
		"only its beginning":         {`"You can't return it…"`, 2},
		"left out in the middle":     {`"nobody ever said this ... after 14 days"`, 2},
		"no blanks between words":    {"代理说「政策是十四天内可以退」", 3},
		"said twice: the first":      {`"How can I help"`, 0},
		"a part of a word":           {`"rder arrived bro"`, -1},
		"one short word":             {`"order"`, -1},
		"not said":                   {`"I will call the police"`, -1},
		"a mark without an end":      {`It said "that is our policy`, -1},
		"an apostrophe alone":        {"The customer's order wasn't found.", -1},
		"the second quotation":       {`Asked "where is it today", it said "that is our policy".`, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			call := verdict.Call{Transcript: &verdict.Transcript{}}
			for _, words := range turns {
				call.Transcript.Turns = append(call.Transcript.Turns, calls.Turn{Text: text.New(words)})
			}
			call.Evals = []calls.Eval{calls.NewEval(calls.EvalResult{Name: text.New("is_helpful"), Reason: text.New(c.reason)})}
			for i, by := range quotedBy(call) {
				if got := len(by) == 1 && by[0].Raw() == "is_helpful"; got != (i == c.want) || len(by) > 1 {
					t.Errorf("turn %d is quoted by %v", i, by)
				}
			}
		})
	}
	if got := quotedBy(verdict.Call{}); got != nil {
		t.Errorf("without a transcript %v", got)
	}
}

func FuzzQuotedBy(f *testing.F) {
	f.Add(`It said "that is our policy"`, "that is our policy")
	f.Add("'a' “b„ «c", strings.Repeat("x ", 30))
	f.Add("\xff\"\xff", "\xff")
	f.Fuzz(func(t *testing.T, reason, said string) {
		call := verdict.Call{Transcript: &verdict.Transcript{Transcript: calls.Transcript{Turns: []calls.Turn{{Text: text.New(said)}}}}}
		call.Evals = []calls.Eval{calls.NewEval(calls.EvalResult{Reason: text.New(reason)})}
		if got := quotedBy(call); len(got) != 1 || len(got[0]) > 1 {
			t.Errorf("%v", got)
		}
	})
}
