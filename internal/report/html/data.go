package html

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"strconv"

	"github.com/agent-gate/agent-gate/internal/report"
)

// Limits of the calls in an HTML report: more would slow down the browser, and the JSON report
// has all of them.
const (
	// dataCalls is the maximum number of calls.
	dataCalls = 20_000
	// dataBytes is a size in bytes; the call that exceeds it is the last one.
	dataBytes = 24 << 20
)

// dataLimit bounds the data.
type dataLimit struct{ calls, bytes int }

// scriptWords is what the script reads before the calls.
type scriptWords struct {
	Outcomes []report.Lit  `json:"outcomes"`
	Tones    []tone        `json:"tones"`
	Of       []tone        `json:"of"` // tones of the outcomes
	Groups   []scriptGroup `json:"groups"`
	Sides    []side        `json:"sides"`
	Who      []report.Lit  `json:"who"` // labels of the sides
	// Executions are those of the run with their links; empty if there is one.
	Executions [][2]report.Figure `json:"executions"`
}

// scriptGroup is a set of outcomes to filter the list of calls by.
type scriptGroup struct {
	Key  report.Lit `json:"key"`
	Name report.Lit `json:"name"`
	Of   []int      `json:"of"` // indexes of outcomes
}

// Keys of the groups, also used in links to the list of calls.
const (
	groupUnpassed     report.Lit = "unpassed"
	groupUnsuccessful report.Lit = "unsuccessful"
	groupUnknown      report.Lit = "unknown"
)

// newScriptWords returns the script's words.
func newScriptWords(r report.Report) scriptWords {
	words := scriptWords{Tones: []tone{good, bad, warning, neutral}, Executions: [][2]report.Figure{}}
	for _, x := range report.ExecutionLinks(r.Evidence) {
		if x.Name != "" {
			words.Executions = append(words.Executions, [2]report.Figure{x.Name, x.URL})
		}
	}
	words.Sides, words.Who = sides()
	groups := []struct {
		scriptGroup
		has func(report.Ending) bool
	}{
		{scriptGroup{Key: groupUnpassed, Name: "Did not pass"}, func(e report.Ending) bool { return e.Unsuccessful() || e == report.EndBelowBar }},
		{scriptGroup{Key: groupUnsuccessful, Name: "Failed or skipped"}, report.Ending.Unsuccessful},
		{scriptGroup{Key: groupUnknown, Name: "Not judged"}, report.Ending.Unknown},
	}
	for e := range report.EndMissing {
		words.Outcomes = append(words.Outcomes, e.Word())
		words.Of = append(words.Of, endingTone(e))
		for i := range groups {
			if g := &groups[i]; g.has(e) {
				g.Of = append(g.Of, int(e))
			}
		}
	}
	for _, g := range groups {
		words.Groups = append(words.Groups, g.scriptGroup)
	}
	return words
}

// callData writes the calls for the script, worst first.
type callData struct {
	w     io.Writer
	calls []int // indexes in the evidence
	call  func(at int) callView
	words scriptWords
	limit dataLimit
	left  int       // calls that did not fit; set by write
	used  dataLimit // what was written; set by write
}

// write writes the data call by call, as JSON that escapes <, > and &, so nothing in it can end
// the surrounding element.
func (d *callData) write() error {
	head, err := json.Marshal(d.words)
	if err != nil {
		return err
	}
	if _, err := d.w.Write(append(head[:len(head)-1], `,"calls":[`...)); err != nil {
		return err
	}
	script := scriptWriter{words: d.words}
	n, size := 0, 0
	for _, at := range d.calls {
		if n == d.limit.calls || size > d.limit.bytes {
			break
		}
		script.b = script.b[:0]
		if n > 0 {
			script.b = append(script.b, ",\n"...)
		}
		script.call(d.call(at))
		if script.err != nil {
			return script.err
		}
		if _, err := d.w.Write(script.b); err != nil {
			return err
		}
		size += len(script.b)
		n++
	}
	d.left, d.used = len(d.calls)-n, dataLimit{calls: n, bytes: size}
	_, err = io.WriteString(d.w, "]}")
	return err
}

// scriptWriter writes calls in the script's format. Keys are short because there are many
// calls. Most calls share texts, so a text is a string where it first occurs and from then on
// the number of that string, counting from 1; 0 is the empty text.
type scriptWriter struct {
	b     []byte
	err   error
	words scriptWords
	n     int // strings written so far
	// last caches recent texts by hash; of texts with the same hash, the latest is kept. A
	// repeated text that was evicted is written as a string again, which costs space but bounds
	// memory: reasons rarely repeat, however many calls there are.
	last [1 << 12]struct {
		text   words
		number int
	}
}

// call writes a call. The script reads its texts in the order they are written here.
func (s *scriptWriter) call(c callView) {
	s.put(`{"id":"` + string(c.ID) + `","o":`).int(slices.Index(s.words.Outcomes, c.Outcome))
	if c.Flaky {
		s.put(`,"f":true`)
	}
	if c.Low {
		s.put(`,"l":true`)
	}
	if c.Score != "" {
		s.put(`,"n":`).put(string(c.Score))
	}
	if c.Duration != "" {
		s.put(`,"d":`).put(string(c.Duration))
	}
	s.put(`,"a":`).put(string(c.Attempts))
	if c.at > 0 {
		s.put(`,"x":`).int(c.at)
	}
	s.put(`,"s":`).text(c.Scenario).put(`,"r":`).text(c.Remark)
	if c.Alike != "" {
		s.put(`,"m":`).text(c.Alike)
	}
	s.list("i", len(c.Facts), func(i int) {
		s.text(own(c.Facts[i].Name)).put(",").text(c.Facts[i].Value)
	})
	s.list("e", len(c.Evals), func(i int) {
		e := c.Evals[i]
		s.text(e.Name).put(",").int(slices.Index(s.words.Tones, e.Tone)).put(",").text(e.Result).put(",").text(e.Reason)
	})
	if c.Talk != nil {
		s.put(`,"t":{"x":`).text(c.Talk.Note).put(`,"m":`).text(c.Talk.Measured)
		s.list("t", len(c.Talk.Turns), func(i int) {
			turn := c.Talk.Turns[i]
			s.int(slices.Index(s.words.Sides, turn.Side)).put(",").text(turn.Text).put(",").text(printed(turn.Time)).put(",").text(turn.Quoted)
		})
		s.list("a", len(c.Talk.Audio), func(i int) {
			s.text(printed(c.Talk.Audio[i].Name)).put(",").text(printed(c.Talk.Audio[i].URL))
		})
		s.put("}")
	}
	s.put("}")
}

// list writes a list of lists; nothing if it is empty.
func (s *scriptWriter) list(key string, n int, item func(i int)) {
	for i := range n {
		if i == 0 {
			s.put(`,"` + key + `":[[`)
		} else {
			s.put("],[")
		}
		item(i)
	}
	if n > 0 {
		s.put("]]")
	}
}

func (s *scriptWriter) put(raw string) *scriptWriter {
	s.b = append(s.b, raw...)
	return s
}

func (s *scriptWriter) int(n int) *scriptWriter {
	s.b = strconv.AppendInt(s.b, int64(n), 10)
	return s
}

// text writes a text, or its number if it was written before.
func (s *scriptWriter) text(w words) *scriptWriter {
	if w == "" {
		return s.int(0)
	}
	h := uint64(14695981039346656037) // FNV-1a
	for i := range len(w) {
		h = (h ^ uint64(w[i])) * 1099511628211
	}
	last := &s.last[h%uint64(len(s.last))]
	if last.text == w {
		return s.int(last.number)
	}
	s.n++
	last.text, last.number = w, s.n
	if report.NeedsNoEscape(string(w)) {
		return s.put(`"` + string(w) + `"`)
	}
	encoded, err := json.Marshal(w)
	s.err = cmp.Or(s.err, err)
	s.b = append(s.b, encoded...)
	return s
}
