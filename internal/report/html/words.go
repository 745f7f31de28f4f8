package html

import (
	"cmp"
	"strings"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// words are a stranger's words behind the door of HTML. html/template, or encoding/json
// in the data, escapes them.
type words string

// How many characters a page shows of a name, of a reason in a list, and of a text that
// somebody opened to read.
const (
	nameLimit   = 200
	lineLimit   = 300
	reasonLimit = 2000
)

func shown(t text.Untrusted, limit int) words { return words(t.HTMLMax(limit)) }

// own are words of ours among those of others.
func own(l report.Lit) words { return words(l) }

// printed is a figure among the words of others.
func printed(f report.Figure) words { return words(f) }

// named is a name that may be missing.
func named(t text.Untrusted) words {
	return shown(report.Titled(t), nameLimit)
}

// A tone is the colour of a judgement, and a class of the style sheet. It never stands
// without a word or a sign that says the same.
type tone report.Lit

// The tones.
const (
	good    tone = "good"
	bad     tone = "bad"
	warning tone = "warning"
	neutral tone = "neutral"
	away    tone = "away" // lost or missing: nobody's failure, and nothing known
)

// endingLooks are how the page shows each ending. They are never changed.
var endingLooks = [...]struct {
	class report.Lit // in the style sheet, for the parts of a bar
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

// evalTone is how an eval's result on one call is to be taken.
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
		number = report.Decimal(100*e.Value().Number, 1) // on 0 to 100, as criteria take it
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

// remark is what a list says of a call: why it did not succeed, else which of its evals
// say no or are missing, else how it ended.
func remark(c report.ShownCall) text.Untrusted {
	if !c.Ending.Succeeded() {
		return report.Reason(c.Call)
	}
	var evals []text.Untrusted
	for _, e := range report.FailedEvals(c.Call) {
		evals = append(evals, text.Sprintf("%s %s", e.Name(), string(report.EvalStateWord(e))))
	}
	if len(evals) > 0 {
		return text.Join(", ", evals...)
	}
	return c.EndedReason
}

// criterionWords are a criterion as the user wrote it, in what is measured and what is
// asked of it, such as ">= 95", so that no line breaks inside of the latter.
func criterionWords(c verdict.Check) (subject, asked words) {
	whole := c.Criterion
	if p, ok := parsed(c); ok {
		if at := strings.LastIndex(whole, " "+p.Op+" "); at > 0 {
			return shown(text.New(whole[:at]), reasonLimit), shown(text.New(whole[at+1:]), nameLimit)
		}
	}
	return shown(text.New(whole), reasonLimit), ""
}

// scopeWords are on what a criterion was measured, when it says only "each" itself.
func scopeWords(c verdict.Check) words {
	if report.NamesScope(c) {
		return ""
	}
	return shown(c.Scope, nameLimit)
}

// parsed is the criterion of a check, when it can be read.
func parsed(c verdict.Check) (criteria.Criterion, bool) {
	all, err := criteria.Parse(c.Criterion)
	if err != nil || len(all) != 1 {
		return criteria.Criterion{}, false
	}
	return all[0], true
}

// firstOutcome is the outcome before any rerun.
func firstOutcome(c verdict.Call) verdict.Outcome { return cmp.Or(c.FirstOutcome, c.Outcome()) }
