package html

import (
	"cmp"
	"html/template"
	"io"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// plainCalls is how many calls the page shows without its script.
const plainCalls = 50

// callView is a call as the page shows it, with or without the script.
type callView struct {
	ID       report.Figure
	Short    report.Figure
	Outcome  report.Lit
	Tone     tone
	Flaky    bool // succeeded only after a rerun
	Low      bool // succeeded, but pulled an unmet criterion down
	Scenario words
	Score    report.Figure // empty if there is none
	Duration report.Figure // seconds; empty if unknown
	Attempts report.Figure
	Remark   words
	Facts    []factView
	Evals    []evalView
	Alike    words     // why no eval has a result, if the reason is the same for all; else empty
	Talk     *talkView // nil unless transcripts were requested
	In       *linkView // the execution, if there are several
	at       int       // index of the execution
}

// asideView is a call in quarantine.
type asideView struct {
	ID, Short report.Figure
	Scenario  words
	Outcome   report.Lit
	Tone      tone
	Score     report.Figure
	Why       words
}

func showAside(c report.ShownCall) asideView {
	return asideView{
		ID: report.FullID(c.ID), Short: report.ShortID(c.ID), Scenario: named(c.Title), Outcome: c.Ending.Word(), Tone: endingTone(c.Ending),
		Score: report.Number(c.OverallScore, 2), Why: shown(report.QuarantinedWhy(c), lineLimit),
	}
}

// callsView is all calls for the script, and the worst ones for a page without it.
type callsView struct {
	Plain []callView
	Total report.Figure
	Links []linkView // where to listen to and read the calls
	data  *callData
}

// newCalls returns the calls of a page that is written to w.
func newCalls(w io.Writer, r report.Report, limit dataLimit) callsView {
	all := orderedCalls(r)
	out := callsView{Total: report.CountCalls(len(all)), Links: executionLinks(r)}
	out.data = &callData{w: w, calls: all, call: report.ByIndex(r, newCallViewer(r).call), limit: limit, words: newScriptWords(r)}
	for _, at := range all[:min(len(all), plainCalls)] {
		out.Plain = append(out.Plain, out.data.call(at))
	}
	return out
}

// Data writes the data at the current position of the page: it is much larger than the rest and
// is never held as a whole.
func (c callsView) Data() (template.JS, error) { return "", c.data.write() }

// Left is how many calls did not fit into the data, which comes before it; empty if all did.
func (c callsView) Left() report.Figure {
	if c.data.left == 0 {
		return ""
	}
	return report.Count(c.data.left)
}

// factView is an entry of a description list.
type factView struct {
	Name  report.Lit
	Value words
}

// evalView is the result of an eval on a call.
type evalView struct {
	Name   words
	Tone   tone
	Result words
	Reason words
}

// orderedCalls returns the indexes of all calls in the evidence, worst first: calls that did
// not succeed, those below the bar or that pulled a criterion down, those that could not be
// judged, flaky ones, those with failed or missing evals, then by score.
func orderedCalls(r report.Report) []int {
	out, _ := report.WorstFirst(r)
	taken := make([]bool, r.Evidence.Calls.Len())
	for _, at := range out {
		taken[at] = true
	}
	type entry struct {
		at, rank int
		score    *float64
	}
	rest := make([]entry, 0, len(taken)-len(out))
	for at, c := range r.Evidence.Calls.All() {
		if taken[at] {
			continue
		}
		e := entry{at: at, rank: 2, score: c.OverallScore}
		switch {
		case c.Flaky():
			e.rank = 0
		case slices.ContainsFunc(c.Evals, report.EvalFailed):
			e.rank = 1
		}
		rest = append(rest, e)
	}
	slices.SortStableFunc(rest, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), report.CompareValues(a.score, b.score))
	})
	for _, e := range rest {
		out = append(out, e.at)
	}
	return out
}

// callViewer converts calls to callViews.
type callViewer struct {
	deciding map[uuid.UUID]int
}

func newCallViewer(r report.Report) callViewer { return callViewer{deciding: report.Deciding(r)} }

func (v callViewer) call(c report.ShownCall) callView {
	_, decided := v.deciding[c.ID]
	view := callView{
		ID:       report.FullID(c.ID),
		Short:    report.ShortID(c.ID),
		Outcome:  c.Ending.Word(),
		Tone:     endingTone(c.Ending),
		Flaky:    c.Flaky(),
		Low:      decided && c.Ending.Succeeded(),
		Scenario: named(c.Title),
		Score:    known(c.OverallScore, 2),
		Duration: known(c.DurationSeconds, 1),
		Attempts: report.Count(max(c.Attempts, 1)),
		Remark:   shown(remark(c), lineLimit),
		Facts:    detailFacts(c.Call),
		Evals:    callEvals(c.Call),
		Alike:    alike(c.Call),
		Talk:     talk(c.Call),
	}
	if c.In.Name != "" {
		view.In, view.at = &linkView{c.In.Name, c.In.URL}, c.Execution
	}
	return view
}

// known formats an optional number; empty if it is nil.
func known(v *float64, places int) report.Figure {
	if report.Finite(v) == nil {
		return ""
	}
	return report.Decimal(*v, places)
}

func detailFacts(c verdict.Call) []factView {
	var facts []factView
	add := func(name report.Lit, value text.Untrusted) {
		if !report.Blank(value) {
			facts = append(facts, factView{Name: name, Value: shown(value, reasonLimit)})
		}
	}
	add("Status", text.New(string(c.Status)))
	if c.Attempts > 1 {
		add("First outcome", text.New(string(report.OutcomeWord(firstOutcome(c)))))
	}
	add("End reason", c.EndedReason)
	if o := c.Outcome(); o == verdict.Skipped || o != verdict.Succeeded && report.Blank(c.EndedReason) {
		add("Skip reason", c.SkipReason) // for other outcomes it repeats the end reason
	}
	if f := known(c.ResponseSeconds, 2); f != "" {
		add("Response time", text.Sprintf("%s s", string(f)))
	}
	if f := known(c.CostCents, 2); f != "" {
		add("Cost", text.Sprintf("%s ¢", string(f)))
	}
	if c.StartedAt != nil {
		add("Started", text.New(string(report.Moment(*c.StartedAt))))
	}
	return facts
}

// callEvals returns the eval results of a call, failed and missing ones first.
func callEvals(c verdict.Call) []evalView {
	evals := slices.Clone(c.Evals)
	slices.SortStableFunc(evals, func(a, b calls.Eval) int {
		return cmp.Compare(badness(a), badness(b))
	})
	out := make([]evalView, 0, len(evals))
	for _, e := range evals {
		out = append(out, evalView{
			Name:   named(e.Name()),
			Tone:   evalTone(e),
			Result: shown(evalResult(e), lineLimit),
			Reason: shown(e.Reason, reasonLimit),
		})
	}
	return out
}

// alike says why no eval of a call has a result, if the reason is the same for all: the
// deployed server gives every eval of a failed call the same reason (contract, section 4.5).
func alike(c verdict.Call) words {
	if len(c.Evals) < 2 {
		return ""
	}
	first := c.Evals[0]
	for _, e := range c.Evals {
		if e.State() == calls.EvalScored || e.State() != first.State() || e.Reason != first.Reason {
			return ""
		}
	}
	said := text.Sprintf("None of the %d evals has a result (%s)", len(c.Evals), string(report.EvalStateWord(first)))
	if report.Blank(first.Reason) {
		return shown(text.Sprintf("%s.", said), reasonLimit)
	}
	return shown(text.Sprintf("%s: %s", said, first.Reason), reasonLimit)
}

func badness(e calls.Eval) int {
	return slices.Index([]tone{bad, warning, neutral, good}, evalTone(e))
}
