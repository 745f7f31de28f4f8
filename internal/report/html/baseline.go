package html

import (
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/report"
)

// baselineView compares the run with its baseline.
type baselineView struct {
	Name   words // of what it is compared with
	ID     report.Figure
	URL    report.Figure
	When   report.Figure
	Calls  report.Figure
	Counts report.Figure // of what got worse and better
	Rows   []comparisonView
	Worse  listView[caseChangeView]
	Better listView[caseChangeView]
}

// comparisonView is one number, now and in the baseline.
type comparisonView struct {
	Name              words
	Now, Then, Change report.Figure
	Tone              tone
	Trend             report.Lit // better, worse, or empty
	// Better and Worse are in how many of what is compared; Over says what that is, and All what the number is over
	// everything, if that is another one.
	Better, Worse, Over, All report.Figure
}

// caseChangeView is a case that got better or worse.
type caseChangeView struct {
	Name      words
	Now, Then caseSideView
}

// caseSideView is a case in one run.
type caseSideView struct {
	Tally report.Figure
	Score report.Figure // empty if there is none
	Why   words         // of its worst call
	Call  report.Figure // id of that call; empty in the baseline
	Short report.Figure
}

// openChanges is how many changed cases are shown before the rest is folded.
const openChanges = 10

func showBaseline(r report.Report, before *report.Report) *baselineView {
	if before == nil {
		return nil
	}
	b := r.Evidence.Against(r.Rules.Baseline)
	v := &baselineView{Name: shown(report.BaselineName(r), nameLimit), ID: report.FullID(b.Execution.ID), URL: report.Link(b.Execution.URL), Calls: report.CountCalls(b.Calls.Len())}
	if b.Execution.CompletedAt != nil {
		v.When = report.Moment(*b.Execution.CompletedAt)
	}
	all := report.Versus(r, before)
	for _, m := range all {
		row := comparisonView{
			Name: named(m.Name), Now: m.Now, Then: m.Then, Change: m.Change, Tone: trendTone(m.Trend),
			Better: m.Better, Worse: m.Worse, Over: m.Over, All: m.All,
		}
		switch m.Trend {
		case report.Better:
			row.Trend = "better"
		case report.Worse:
			row.Trend = "worse"
		case report.Steady:
		}
		v.Rows = append(v.Rows, row)
	}
	for _, s := range report.Spendings(r) {
		if s.Change != "" { // more calls cost more, which is neither good nor bad
			v.Rows = append(v.Rows, comparisonView{Name: own("cost of all calls"), Now: s.Used, Then: s.Then, Change: s.Change, Tone: neutral, Over: "all calls"})
		}
	}
	show := func(c report.CaseChange) caseChangeView {
		now := showSide(c.Now)
		if id := c.Now.Call.ID; id != uuid.Nil {
			now.Call, now.Short = report.FullID(id), report.ShortID(id)
		}
		return caseChangeView{Name: named(c.Name), Now: now, Then: showSide(c.Then)}
	}
	worse, better := report.CaseChanges(r, before)
	v.Counts = report.CountChanges(all, worse, better)
	v.Worse, v.Better = listed(worse, openChanges, show), listed(better, 0, show)
	return v
}

func showSide(s report.CaseSide) caseSideView {
	return caseSideView{Tally: s.Tally(), Score: known(s.Score, 2), Why: shown(s.Why, lineLimit)}
}
