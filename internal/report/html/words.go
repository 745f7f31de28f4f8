package html

import (
	"cmp"
	"strings"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// words are untrusted text that went through the door of HTML. html/template, or encoding/json
// in the data, escapes them.
type words string

// How many characters the page shows of a name, of a reason in a list, and of a text opened for
// reading.
const (
	nameLimit   = 200
	lineLimit   = 300
	reasonLimit = 2000
)

func shown(t text.Untrusted, limit int) words { return words(t.HTMLMax(limit)) }

// own converts a literal to words.
func own(l report.Lit) words { return words(l) }

// printed converts a figure to words.
func printed(f report.Figure) words { return words(f) }

// named returns a name that may be missing.
func named(t text.Untrusted) words {
	return shown(report.Titled(t), nameLimit)
}

// A tone is the colour of a judgement, and a class in the style sheet. It always comes with a
// word or sign that says the same.
type tone report.Lit

// The tones.
const (
	good    tone = "good"
	bad     tone = "bad"
	warning tone = "warning"
	neutral tone = "neutral"
	away    tone = "away" // lost or missing: not the agent's fault
)

// endingLooks are the looks of the endings.
var endingLooks = [...]struct {
	class report.Lit // in the style sheet, for parts of a bar
	tone  tone
}{
	report.EndFailed:    {"failed", bad},
	report.EndSkipped:   {"skipped", warning},
	report.EndBelowBar:  {"below", bad},
	report.EndLost:      {"lost", away},
	report.EndOpen:      {"open", neutral},
	report.EndCancelled: {"cancelled", neutral},
	report.EndSucceeded: {"succeeded", neutral},
	report.EndPassed:    {"passed", good},
	report.EndMissing:   {"missing", away},
}

func endingTone(e report.Ending) tone { return endingLooks[e].tone }

func verdictTone(k verdict.Kind) tone {
	switch k {
	case verdict.Pass:
		return good
	case verdict.Inconclusive, verdict.Skip:
		return warning
	}
	return bad
}

func checkTone(o verdict.CheckOutcome) tone {
	switch o {
	case verdict.Met:
		return good
	case verdict.NotMet:
		return bad
	}
	return warning
}

// evalTone is the tone of an eval's result on one call.
func evalTone(e calls.Eval) tone {
	switch {
	case e.State() != calls.EvalScored:
		return warning
	case e.Value().Kind != calls.ValuePass:
		return neutral
	case e.Value().Passed:
		return good
	}
	return bad
}

// evalResult is an eval's value on one call, or why it has none.
func evalResult(e calls.Eval) text.Untrusted {
	if e.State() != calls.EvalScored {
		return text.Sprintf("no result (%s)", string(report.EvalStateWord(e)))
	}
	labels := text.Join(", ", e.Value().Labels...)
	var number report.Figure
	switch e.Value().Kind {
	case calls.ValuePass:
		if e.Value().Passed {
			return text.New("passed")
		}
		return text.New("failed")
	case calls.ValueScore:
		number = report.Decimal(100*e.Value().Number, 1) // 0 to 100, as in criteria
	case calls.ValueNumeric:
		number = report.Decimal(e.Value().Number, 2)
	default:
		return labels
	}
	if report.Blank(labels) {
		return text.New(string(number))
	}
	return text.Sprintf("%s (%s)", string(number), labels)
}

// remark is the list's remark on a call: why it did not succeed, else what speaks against it, else how it
// ended.
func remark(c report.ShownCall) text.Untrusted {
	if c.Ending.Succeeded() && len(c.Faults) == 0 {
		return c.EndedReason
	}
	return report.CallWhy(c)
}

// criterionWords splits a criterion as the user wrote it into what is measured and the
// requirement, such as ">= 95", which must not be broken across lines.
func criterionWords(c verdict.Check) (subject, asked words) {
	whole := c.Criterion
	if p, ok := report.Criterion(c); ok {
		if at := strings.LastIndex(whole, " "+p.Op+" "); at > 0 {
			return shown(text.New(whole[:at]), reasonLimit), shown(text.New(whole[at+1:]), nameLimit)
		}
	}
	return shown(text.New(whole), reasonLimit), ""
}

// scopeWords is what a criterion was measured on, if the criterion itself only says "each".
func scopeWords(c verdict.Check) words {
	if report.NamesScope(c) {
		return ""
	}
	return shown(c.Scope, nameLimit)
}

// firstOutcome is the outcome before any rerun.
func firstOutcome(c verdict.Call) verdict.Outcome { return cmp.Or(c.FirstOutcome, c.Outcome()) }
