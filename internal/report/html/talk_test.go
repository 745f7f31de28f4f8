package html

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestTalkIsBoundedWhateverASavedReportHolds(t *testing.T) {
	t.Parallel()
	turns := func(n int, words string) *verdict.Transcript {
		out := &verdict.Transcript{}
		for range n {
			out.Turns = append(out.Turns, calls.Turn{Role: calls.RoleAgent, Text: text.New(words)})
		}
		return out
	}
	for name, c := range map[string]struct {
		transcript *verdict.Transcript
		turns      int
		note       string
	}{
		"not asked for":      {nil, 0, ""},
		"a short one":        {turns(2, "hello"), 2, ""},
		"nobody spoke":       {turns(0, ""), 0, "The server has no transcript of this call."},
		"nothing to see":     {turns(3, "\x00\u200b"), 0, "The server has no transcript of this call."},
		"not read":           {&verdict.Transcript{Missing: text.New("no answer")}, 0, "The transcript could not be read: no answer"},
		"cut by the client":  {&verdict.Transcript{Transcript: calls.Transcript{Turns: turns(1, "hello").Turns, Left: 1}}, 1, "Long transcript: 1 more turn was cut or left out."},
		"too many turns":     {turns(calls.MaxTurns+5, "x"), calls.MaxTurns, "Long transcript: 5 more turns were cut or left out."},
		"too many words":     {turns(9, strings.Repeat("é", calls.MaxTurnCharacters/4)), 4, "Long transcript: 5 more turns were cut or left out."},
		"one turn of a book": {turns(1, strings.Repeat("x", 4*calls.MaxTurnCharacters)), 1, "Long transcript: 1 more turn was cut or left out."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := talk(verdict.Call{Transcript: c.transcript})
			if got == nil {
				if c.transcript != nil {
					t.Fatal("there is none")
				}
				return
			}
			size := 0
			for _, turn := range got.Turns {
				size += utf8.RuneCountInString(string(turn.Text))
			}
			if len(got.Turns) != c.turns || string(got.Note) != c.note || size > calls.MaxTurnCharacters {
				t.Errorf("%d turns of %d characters, note %q; want %d turns, note %q", len(got.Turns), size, got.Note, c.turns, c.note)
			}
		})
	}
}

func TestEvalsWithoutAResultForOneReasonAreOneSentence(t *testing.T) {
	t.Parallel()
	missing := func(state calls.EvalState, reason string) calls.Eval {
		return calls.NewEval(calls.EvalResult{State: state, Reason: text.New(reason)})
	}
	for name, c := range map[string]struct {
		evals []calls.Eval
		want  words
	}{
		"none ran":         {nil, ""},
		"only one":         {[]calls.Eval{missing(calls.EvalSkipped, "x")}, ""},
		"one reason":       {[]calls.Eval{missing(calls.EvalSkipped, "call failed"), missing(calls.EvalSkipped, "call failed")}, "None of the 2 evals has a result (skipped): call failed"},
		"no reason":        {[]calls.Eval{missing(calls.EvalPending, ""), missing(calls.EvalPending, "")}, "None of the 2 evals has a result (pending)."},
		"another reason":   {[]calls.Eval{missing(calls.EvalSkipped, "x"), missing(calls.EvalSkipped, "y")}, ""},
		"another state":    {[]calls.Eval{missing(calls.EvalSkipped, "x"), missing(calls.EvalErrored, "x")}, ""},
		"one has a result": {[]calls.Eval{missing(calls.EvalSkipped, "x"), missing(calls.EvalScored, "x")}, ""},
	} {
		if got := alike(verdict.Call{Call: calls.Call{Evals: c.evals}}); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestATurnSaysHowLongTheAgentTookAndWhoInterrupted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second calls.Role
		end, start    *float64
		want          string
	}{
		"the agent answers":       {calls.RoleCustomer, calls.RoleAgent, new(10.0), new(12.34), " · after 2.3 s"},
		"after minutes":           {calls.RoleCustomer, calls.RoleAgent, new(10.0), new(160.0), " · after 2:30"},
		"at once":                 {calls.RoleCustomer, calls.RoleAgent, new(10.0), new(10.1), ""},
		"the agent interrupts":    {calls.RoleCustomer, calls.RoleAgent, new(10.0), new(9.0), " · interrupts"},
		"the customer answers":    {calls.RoleAgent, calls.RoleCustomer, new(10.0), new(15.0), ""},
		"the customer interrupts": {calls.RoleAgent, calls.RoleCustomer, new(10.0), new(9.0), " · interrupts"},
		"the agent goes on":       {calls.RoleAgent, calls.RoleAgent, new(10.0), new(15.0), ""},
		"no end":                  {calls.RoleCustomer, calls.RoleAgent, nil, new(15.0), ""},
		"no start":                {calls.RoleCustomer, calls.RoleAgent, new(10.0), nil, ""},
	} {
		if got := silence(&calls.Turn{Role: c.first, EndSeconds: c.end}, calls.Turn{Role: c.second, StartSeconds: c.start}); string(got) != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := silence(nil, calls.Turn{Role: calls.RoleAgent, StartSeconds: new(1.0)}); got != "" {
		t.Errorf("the first turn: %q", got)
	}
}

func TestOnlySafeRecordingsAreLinks(t *testing.T) {
	t.Parallel()
	c := verdict.Call{Transcript: &verdict.Transcript{}}
	for i, url := range []string{"https://a.example/1.wav?x=%2B", "javascript:alert(1)", "https://user:pass@a.example/", "http://a.example/\"><script>"} {
		c.Transcript.Recordings = append(c.Transcript.Recordings, calls.Recording{Track: calls.Tracks()[i], URL: text.New(url)})
	}
	want := []linkView{{"both", "https://a.example/1.wav?x=%2B"}, {"agent", "http://a.example/%22%3E%3Cscript%3E"}}
	if got := talk(c).Audio; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	for want, seconds := range map[string]*float64{
		"": nil, "0:00": new(0.64), "0:09": new(9.99), "1:05": new(65.2), "59:59": new(3599.0), "1:00:00": new(3600.0), "26:06:07": new(93967.0),
	} {
		if got := fmt.Sprint(clock(seconds)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, odd := range []float64{-1, 1e300} {
		if got := clock(&odd); got != "" {
			t.Errorf("%v gives %q", odd, got)
		}
	}
}
