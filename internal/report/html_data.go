package report

import (
	"encoding/json"
	"html/template"
	"slices"

	"github.com/agent-gate/agent-gate/internal/verdict"
)

// What an HTML report holds of calls at most: more makes a browser slow, and the JSON
// report has them all.
const (
	// HTMLCalls is a number of calls.
	HTMLCalls = 20_000
	// HTMLDataLimit is a size in bytes; the call that goes beyond it is the last one.
	HTMLDataLimit = 24 << 20
)

// dataLimit is how much the data may hold.
type dataLimit struct{ calls, bytes int }

// scriptCall is a call as the script reads it. The keys are short since there are many.
// Texts are places in the list of strings.
type scriptCall struct {
	ID       figure      `json:"id"`
	Outcome  int         `json:"o"` // place in the list of outcomes
	Flaky    bool        `json:"f,omitempty"`
	Low      bool        `json:"l,omitempty"`
	Scenario int         `json:"s"`
	Score    json.Number `json:"n,omitempty"`
	Duration json.Number `json:"d,omitempty"`
	Attempts json.Number `json:"a"`
	Remark   int         `json:"r"`
	Facts    [][2]int    `json:"i,omitempty"` // name, value
	Evals    [][4]int    `json:"e,omitempty"` // name, place in the list of tones, result, reason
	Alike    int         `json:"m,omitempty"`
	Talk     *scriptTalk `json:"t,omitempty"`
}

// scriptTalk is what was said in a call as the script reads it.
type scriptTalk struct {
	Turns [][3]int `json:"t,omitempty"` // place in the list of sides, text, time
	Note  int      `json:"x,omitempty"`
}

// scriptData is everything that the script reads.
type scriptData struct {
	Outcomes []lit             `json:"outcomes"`
	Tones    []tone            `json:"tones"`
	Of       []tone            `json:"of"` // the tones of the outcomes
	Sides    []side            `json:"sides"`
	Who      []lit             `json:"who"` // the sides are
	Calls    []json.RawMessage `json:"calls"`
	Left     int               `json:"left"` // calls that are not here
	Strings  []json.RawMessage `json:"strings"`
}

// outcomes are the outcomes of a call, worst first.
func outcomes() []verdict.Outcome {
	return []verdict.Outcome{verdict.Failed, verdict.Cancelled, verdict.Skipped, verdict.Succeeded}
}

// callData encodes the calls for the script, worst first, and counts those for which
// there is no room. encoding/json escapes <, > and &, so that nothing in it can end the
// element that it stands in.
func callData(r Report, all []int, view callView, limit dataLimit) (template.JS, int, error) {
	texts := newTexts()
	data := scriptData{Tones: []tone{good, bad, warning, neutral}, Calls: []json.RawMessage{}}
	data.Sides, data.Who = sides()
	for _, o := range outcomes() {
		data.Outcomes = append(data.Outcomes, outcomeWord(o))
		data.Of = append(data.Of, outcomeTone(o))
	}
	size := 0
	for _, at := range all {
		if len(data.Calls) == limit.calls || size+texts.size > limit.bytes {
			break
		}
		encoded, err := json.Marshal(texts.call(view.call(r.Evidence.Calls.At(at)), data))
		if err != nil {
			return "", 0, err
		}
		size += len(encoded)
		data.Calls = append(data.Calls, encoded)
	}
	if texts.err != nil {
		return "", 0, texts.err
	}
	data.Left, data.Strings = len(all)-len(data.Calls), texts.all
	encoded, err := json.Marshal(data)
	if err != nil {
		return "", 0, err
	}
	return template.JS(encoded), data.Left, nil
}

// texts holds each text once, encoded, since most calls share their words with others.
type texts struct {
	all   []json.RawMessage
	place map[words]int
	size  int // bytes
	err   error
}

// newTexts holds the empty text at place 0.
func newTexts() *texts {
	return &texts{all: []json.RawMessage{json.RawMessage(`""`)}, place: map[words]int{"": 0}}
}

// add returns the place of a text.
func (t *texts) add(w words) int {
	if i, ok := t.place[w]; ok {
		return i
	}
	encoded, err := json.Marshal(w)
	if err != nil {
		t.err = err
	}
	t.place[w] = len(t.all)
	t.all = append(t.all, encoded)
	t.size += len(encoded)
	return len(t.all) - 1
}

func (t *texts) call(c htmlCall, data scriptData) scriptCall {
	out := scriptCall{
		ID: c.ID, Flaky: c.Flaky, Low: c.Low,
		Outcome:  slices.Index(data.Outcomes, c.Outcome),
		Scenario: t.add(c.Scenario), Remark: t.add(c.Remark), Alike: t.add(c.Alike),
		Score: json.Number(c.Score), Duration: json.Number(c.Duration), Attempts: json.Number(c.Attempts),
	}
	for _, f := range c.Facts {
		out.Facts = append(out.Facts, [2]int{t.add(own(f.Name)), t.add(f.Value)})
	}
	for _, e := range c.Evals {
		out.Evals = append(out.Evals, [4]int{t.add(e.Name), slices.Index(data.Tones, e.Tone), t.add(e.Result), t.add(e.Reason)})
	}
	if c.Talk != nil {
		out.Talk = &scriptTalk{Note: t.add(c.Talk.Note)}
		for _, turn := range c.Talk.Turns {
			out.Talk.Turns = append(out.Talk.Turns, [3]int{slices.Index(data.Sides, turn.Side), t.add(turn.Text), t.add(printed(turn.Time))})
		}
	}
	return out
}
