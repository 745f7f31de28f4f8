package report

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/agent-gate/agent-gate/internal/text"
)

// A Cause is why calls were not good, for all calls that say the same.
type Cause struct {
	Ending Ending
	// Eval is the eval that they failed; empty if they did not succeed.
	Eval text.Untrusted
	// Words are the reason that most of them give; empty if none does. Alike is false if some give another.
	Words text.Untrusted
	Alike bool
	Calls int
}

// Causes groups the calls that did not pass by why, most calls first: by the failed eval of those that
// succeeded, and by what the server says of the others. Numbers and ids do not tell reasons apart.
func Causes(r Report) []Cause {
	type group struct {
		Cause
		words map[string]int // by the pattern of the words
		texts map[string]text.Untrusted
	}
	groups := map[string]*group{}
	var order []string
	add := func(key string, c Cause, words text.Untrusted) {
		g, ok := groups[key]
		if !ok {
			g = &group{Cause: c, words: map[string]int{}, texts: map[string]text.Untrusted{}}
			groups[key] = g
			order = append(order, key)
		}
		g.Calls++
		p := pattern(words.Raw())
		if g.words[p]++; g.words[p] == 1 {
			g.texts[p] = words
		}
	}
	worst, _ := WorstFirst(r)
	v := NewViewer(r)
	for _, at := range worst {
		c := v.At(at)
		if !c.Ending.Succeeded() {
			words := Reason(c.Call)
			add(string(c.Ending.Word())+"\x00"+pattern(words.Raw()), Cause{Ending: c.Ending}, words)
			continue
		}
		failed := FailedEvals(c.Call)
		if len(failed) == 0 {
			add("score", Cause{Ending: c.Ending}, text.New("low score"))
			continue
		}
		add("eval\x00"+failed[0].Name().Raw(), Cause{Ending: c.Ending, Eval: failed[0].Name()}, failed[0].Reason)
	}
	var all []Cause
	for _, key := range order {
		g := groups[key]
		best := ""
		for p, n := range g.words {
			if n > g.words[best] || n == g.words[best] && (best == "" || p < best) {
				best = p
			}
		}
		g.Words, g.Alike = g.texts[best], len(g.words) == 1
		all = append(all, g.Cause)
	}
	slices.SortStableFunc(all, func(a, b Cause) int { return cmp.Compare(b.Calls, a.Calls) })
	return all
}

// Sentence says what the calls of a cause have in common, without their number.
func (c Cause) Sentence() text.Untrusted {
	words := text.New(c.Words.LineMax(200))
	switch {
	case c.Eval.IsEmpty():
		return text.Sprintf("%s: %s", string(c.Ending.Word()), words)
	case c.Words.IsEmpty():
		return text.Sprintf("%s failed", c.Eval)
	case c.Alike:
		return text.Sprintf("%s: %q", c.Eval, words)
	}
	return text.Sprintf("%s, such as %q", c.Eval, words)
}

// pattern is a reason without what differs from call to call: numbers, ids, spacing, and letter case.
func pattern(words string) string {
	var b strings.Builder
	for word := range strings.FieldsSeq(strings.ToLower(words)) {
		if strings.ContainsFunc(word, unicode.IsDigit) {
			word = "#"
		}
		b.WriteString(word)
		b.WriteByte(' ')
		if b.Len() > 300 {
			break
		}
	}
	return b.String()
}
