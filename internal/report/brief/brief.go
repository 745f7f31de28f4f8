// Package brief writes what a person in a hurry, or a coding agent, needs to know of a run or a suite: what
// decided, the worst calls with their reasons, what changed against the baseline, and which commands come
// next. It never exceeds [MaxBytes]. brief.go measures and cuts it, command.go makes the commands, write.go puts it
// into words.
package brief

import (
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Source is where a brief comes from, for its commands.
type Source struct {
	// File is the path of the JSON report; "-" for standard input.
	File string
	// Baseline is the path of the baseline's JSON report; empty without one.
	Baseline string
	// Compared is what the report says of its baseline; nil if it was compared with nothing. It counts where
	// there is no baseline to compare with.
	Compared *report.SavedBaseline
	// Now is what this version makes of the report, with the baseline that there is; empty if unknown.
	Now verdict.Kind
}

// brief is what is worth saying of a run. All its texts have gone through the door for one line.
type brief struct {
	Gate     string `json:"gate,omitempty"`
	Verdict  string `json:"verdict"`
	Reason   string `json:"reason"`
	ExitCode int    `json:"exit_code"`
	// Policy says that the verdict does not fail the job although it should, or never would.
	Policy string `json:"policy,omitempty"`
	// Reused says whose calls were judged again, and how old they are.
	Reused string `json:"reused,omitempty"`
	// Count counts all checks.
	Count report.CheckCounts `json:"checks"`
	// Unmet are those that are not met: failed, undecided or not judged.
	Unmet      []unmet `json:"unmet_checks"`
	MoreUnmet  int     `json:"more_unmet_checks,omitempty"`
	Calls      []call  `json:"worst_calls"`
	MoreCalls  int     `json:"more_calls,omitempty"`
	Causes     []cause `json:"causes"`
	MoreCauses int     `json:"more_causes,omitempty"`
	// Metrics, Worse and Better are against the baseline: the numbers of the run, and the cases that changed.
	Metrics     []string `json:"metrics,omitempty"`
	MoreMetrics int      `json:"more_metrics,omitempty"`
	Worse       []string `json:"worse,omitempty"`
	MoreWorse   int      `json:"more_worse,omitempty"`
	Better      []string `json:"better,omitempty"`
	MoreBetter  int      `json:"more_better,omitempty"`
	Gap         string   `json:"what_would_change_it,omitempty"`
	Next        string   `json:"next,omitempty"`
	// What the commands cannot repeat, or need, is said in notes, or why there is none.
	JudgeAgain     string `json:"judge_again,omitempty"`
	JudgeAgainNote string `json:"judge_again_note,omitempty"`
	RunAgain       string `json:"run_again,omitempty"`
	RunAgainNote   string `json:"run_again_note,omitempty"`
}

// unmet is a check that is not met, or a criterion on each scenario or eval with the worst of its checks.
type unmet struct {
	Check string   `json:"check"`
	Worst []string `json:"worst,omitempty"`
	More  int      `json:"more,omitempty"` // checks of the criterion that are not met either
}

type call struct {
	ID       string `json:"id"`
	Scenario string `json:"scenario"`
	// Trial is that of a run of several; else 0.
	Trial int    `json:"trial,omitempty"`
	Score string `json:"score,omitempty"`
	Why   string `json:"why"`
}

type cause struct {
	Calls int    `json:"calls"`
	Why   string `json:"why"`
}

// limits say how much of each list is told, and how long a text may be, in characters.
type limits struct{ checks, each, calls, causes, metrics, cases, reused, letters, command int }

// facts are what is worth saying of a run, measured once; how much of it fits is seen by cutting it.
type facts struct {
	report        report.Report
	from          Source
	next          text.Untrusted
	unmet         []unmetFacts // the first checks that are not met
	allUnmet      int          // how many are not met
	calls         []toldCall   // the worst
	allCalls      int          // how many are worth a look
	causes        []report.Cause
	metrics       several // against the baseline
	worse, better several
	judge, run    again
}

// several are lines of which the first may be told.
type several struct {
	first []text.Untrusted
	all   int
}

// severalOf puts the first of some things into words, at most so many.
func severalOf[T any](things []T, most int, say func(T) text.Untrusted) several {
	s := several{all: len(things)}
	for _, x := range things[:min(len(things), most)] {
		s.first = append(s.first, say(x))
	}
	return s
}

// within are the lines that are told, of so many letters, and how many are not.
func (s several) within(most, letters int) (told []string, more int) {
	for _, t := range s.first[:min(len(s.first), most)] {
		told = append(told, t.LineMax(letters))
	}
	return told, s.all - len(told)
}

// unmetFacts are a check that is not met, or a criterion on each scenario or eval and its checks that are not.
type unmetFacts struct {
	check text.Untrusted
	each  several
}

// checks is how many checks they are.
func (u unmetFacts) checks() int { return max(u.each.all, 1) }

// toldCall is a call with all of its words.
type toldCall struct {
	report.ShownCall
	trial int // 0 if the run has one
	why   text.Untrusted
}

// measure finds out what is worth saying of a run: as much as the largest size tells.
func measure(r report.Report, from Source) facts {
	most := sizes[0]
	f := facts{report: r, from: from, causes: report.Causes(r), judge: judgeAgain(r, from), run: runAgain(r, from, failing(r))}
	if k := r.Verdict.Kind; k == verdict.Error || k == verdict.Inconclusive {
		judged := r
		judged.Rules.Baseline = nil // unless there was one
		if from.Compared != nil {
			judged.Rules.Baseline = &verdict.Baseline{}
		}
		f.next = report.Next(judged)
	}
	for _, g := range report.CheckGroups(r) {
		if g.Met == g.Of {
			continue
		}
		u := unmetFacts{check: check(g.Check)}
		if g.Several() {
			u = unmetFacts{check: text.Sprintf("%s, %s", g.Title(), string(g.Tally())), each: severalOf(g.Open, most.each, check)}
		}
		f.allUnmet += u.checks()
		if len(f.unmet) < most.checks {
			f.unmet = append(f.unmet, u)
		}
	}
	worst, all := report.WorstCalls(r, most.calls)
	f.allCalls = all
	for _, c := range worst {
		trial := 0
		if r.Evidence.Trials() > 1 {
			trial = r.Evidence.ExecutionOf(c.Call).Trial + 1
		}
		f.calls = append(f.calls, toldCall{c, trial, report.CallStory(c)})
	}
	before := report.Before(r)
	numbers := report.Versus(r, before)
	slices.SortStableFunc(numbers, func(a, b report.MetricChange) int { return worseFirst(a) - worseFirst(b) })
	f.metrics = severalOf(numbers, most.metrics, number)
	worse, better := report.CaseChanges(r, before)
	if then := from.Compared; r.Rules.Baseline == nil && then != nil { // only names are known
		name := func(t text.Untrusted) text.Untrusted { return text.New(t.LineMax(80)) }
		f.worse, f.better = severalOf(then.NewlyFailing, most.cases, name), severalOf(then.NewlyPassing, most.cases, name)
	} else {
		f.worse, f.better = severalOf(worse, most.cases, change), severalOf(better, most.cases, change)
	}
	return f
}

// cut makes the brief of a size.
func (f facts) cut(most limits) brief {
	v := f.report.Verdict
	b := brief{
		Verdict: string(v.Kind), Reason: v.Reason.LineMax(2 * most.letters), ExitCode: f.report.ExitCode,
		Policy: string(report.Disarmed(f.report)), Reused: report.ReuseNote(f.report).LineMax(2 * most.letters), Count: report.CountChecks(f.report),
		Gap: v.Flip.LineMax(2 * most.letters), Next: f.next.LineMax(2 * most.letters),
		Unmet: []unmet{}, Calls: []call{}, Causes: []cause{},
	}
	b.JudgeAgain, b.JudgeAgainNote = f.judge.within(most.command)
	b.RunAgain, b.RunAgainNote = f.run.within(most.command)
	b.MoreUnmet = f.allUnmet
	for _, u := range f.unmet[:min(len(f.unmet), most.checks)] {
		told := unmet{Check: u.check.LineMax(most.letters)}
		told.Worst, told.More = u.each.within(most.each, most.letters)
		b.Unmet = append(b.Unmet, told)
		b.MoreUnmet -= u.checks()
	}
	for _, c := range f.calls[:min(len(f.calls), most.calls)] {
		b.Calls = append(b.Calls, call{ID: c.ID.String(), Scenario: c.Title.LineMax(60), Trial: c.trial, Score: string(report.ScoreOf(c.ShownCall)), Why: c.why.LineMax(most.letters)})
	}
	b.MoreCalls = f.allCalls - len(b.Calls)
	for _, c := range f.causes[:min(len(f.causes), most.causes)] {
		b.Causes = append(b.Causes, cause{Calls: c.Calls, Why: c.Sentence(most.letters).LineMax(most.letters + 60)})
	}
	b.MoreCauses = len(f.causes) - len(b.Causes)
	b.Metrics, b.MoreMetrics = f.metrics.within(most.metrics, most.letters)
	b.Worse, b.MoreWorse = f.worse.within(most.cases, most.letters+60)
	b.Better, b.MoreBetter = f.better.within(most.cases, most.letters+60)
	return b
}

// check says a check in one line.
func check(c verdict.Check) text.Untrusted {
	t := report.CheckSubject(c)
	if c.Value.Value != nil {
		t = text.Sprintf("%s %s", t, string(report.CheckValue(c)))
	}
	if need := report.CheckNeed(c); need != "" {
		t = text.Sprintf("%s (need %s)", t, string(need))
	}
	if n := report.CheckCount(c); n != "" {
		t = text.Sprintf("%s, %s", t, string(n))
	}
	if c.Outcome != verdict.NotMet {
		t = text.Sprintf("%s: %s", t, string(report.CheckWord(c.Outcome)))
	}
	return t
}

// worseFirst ranks a number by where it went.
func worseFirst(m report.MetricChange) int {
	if m.Trend == report.Worse {
		return 0
	}
	return 1
}

// number says how a number of the run changed: "pass rate 95% → 63.2% (-31.8 points), worse".
func number(m report.MetricChange) text.Untrusted {
	t := text.Sprintf("%s %s → %s", text.New(m.Name.LineMax(60)), string(m.Then), string(m.Now))
	if m.Change != "" {
		t = text.Sprintf("%s (%s)", t, string(m.Change))
	}
	switch m.Trend {
	case report.Worse:
		t = text.Sprintf("%s, worse", t)
	case report.Better:
		t = text.Sprintf("%s, better", t)
	case report.Steady:
	}
	return t
}

// change says how a case changed, with both scores and the reason now.
func change(c report.CaseChange) text.Untrusted {
	side := func(s report.CaseSide) text.Untrusted {
		t := text.New(string(s.Tally()))
		if s.Score != nil {
			t = text.Sprintf("%s, score %s", t, string(report.Number(s.Score, 1)))
		}
		return t
	}
	t := text.Sprintf("%s: %s → %s", text.New(c.Name.LineMax(80)), side(c.Then), side(c.Now))
	if !report.Blank(c.Now.Why) {
		t = text.Sprintf("%s: %s", t, c.Now.Why)
	}
	return t
}

// failing are the scenarios of the calls that are worth a look, worst first, and of those that are missing.
func failing(r report.Report) (all []uuid.UUID) {
	known := map[uuid.UUID]bool{uuid.Nil: true}
	add := func(id uuid.UUID) {
		if !known[id] {
			known[id] = true
			all = append(all, id)
		}
	}
	worst, _ := report.WorstFirst(r)
	for _, at := range worst {
		add(r.Evidence.Calls.Brief(at).ScenarioID)
	}
	for _, s := range r.Verdict.Scenarios {
		if s.Counts.Missing > 0 {
			add(s.ID)
		}
	}
	return all
}
