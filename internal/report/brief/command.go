package brief

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// maxScenarios is how many scenarios a command names.
const maxScenarios = 10

// Words that stand in a command for what is not known.
const (
	someReport   = "REPORT.json"
	someBaseline = "BASELINE.json"
)

// again is a command that repeats what the report tells of.
type again struct {
	command  string   // without criteria; empty if it cannot be said
	criteria []string // that it adds, those first that are not met
	left     int      // criteria that it cannot add
	notes    []string // what it needs, or does not repeat
	without  string   // why there is no command; empty if there is nothing to repeat
}

// within is the command with the criteria that fit into limit bytes, and what there is to say of it. The command is
// empty if none fits, and the note then says why.
func (a again) within(limit int) (command, note string) {
	if a.command == "" {
		return "", a.without
	}
	command, left, some := a.command, a.left, len(a.criteria) == 0
	for _, c := range a.criteria {
		if len(command)+len(c) > limit {
			left++
			continue
		}
		command += c
		some = true
	}
	if !some || len(command) > limit {
		return "", "it is too long to be told here"
	}
	notes := a.notes
	if left > 0 {
		n := report.Count(left)
		notes = append([]string{string("leaves out " + n + report.Plural(n, " criterion", " criteria") + ", for want of other scenarios, a baseline or room")}, notes...)
	}
	return command, strings.Join(notes, "; ")
}

// judgeAgain is the command that judges the report of a run again. One without criteria cannot be, nor one that
// was not started.
func judgeAgain(r report.Report, from Source) (a again) {
	if len(r.Rules.Criteria) == 0 || r.Verdict.Kind == verdict.Skip || r.Verdict.Cause == verdict.CauseConfig {
		return a
	}
	a.decide(from)
	needs, had, given := r.Rules.NeedsBaseline(), from.Compared != nil, from.Baseline != ""
	if !needs || had { // else the run was judged without one
		a.baseline(r, from, false)
	}
	alike := !needs || had == given // what was judged now is what the command judges
	if alike && from.Now != "" && from.Now != r.Verdict.Kind {
		a.notes = append(a.notes, "this version comes to another verdict: "+string(from.Now))
	}
	return a
}

// judgeSuiteAgain is the command that judges the report of a suite again: each gate as the command of its own, of
// which the first note is told.
func judgeSuiteAgain(s report.Suite, from Source, of SuiteOf) (a again) {
	a.decide(from)
	lacks := false
	for i, g := range s.Gates {
		one := of(i)
		lacks = lacks || from.Baseline == "" && one.Compared != nil && g.Rules.NeedsBaseline()
		if notes := judgeAgain(g.Report, one).notes; len(a.notes) == 0 && len(notes) > 0 {
			a.notes = []string{string(g.Name) + ": " + notes[0]}
		}
	}
	switch {
	case from.Baseline != "":
		a.command += " --baseline " + path(from.Baseline, someBaseline)
	case lacks:
		a.command += " --baseline " + someBaseline
		a.notes = []string{someBaseline + " is the JSON report of the suite that it was compared with"}
	}
	return a
}

// decide begins a command that judges the report again.
func (a *again) decide(from Source) {
	file := from.File
	if file == "-" || file == "" {
		file = someReport
	}
	a.command = "agent-gate decide " + path(file, someReport)
}

// baseline adds what a run is compared with, if something is. A run that is executed, unlike a saved report, can
// be compared with an execution.
func (a *again) baseline(r report.Report, from Source, executed bool) {
	then, given := from.Compared, from.Baseline
	needs := r.Rules.NeedsBaseline()
	switch {
	case given != "":
		a.command += " --baseline " + path(given, someBaseline)
		if now := r.Rules.Baseline; needs && then != nil && now != nil && now.Execution.ID != then.ID {
			a.notes = append(a.notes, "the run was compared with "+nameOf(then)+", not with this baseline")
		}
	case then == nil || !needs:
	case executed && then.ID != uuid.Nil:
		a.command += " --baseline " + then.ID.String()
	default:
		a.command += " --baseline " + someBaseline
		a.notes = append(a.notes, someBaseline+" is the JSON report of "+nameOf(then)+", whose calls this report does not have")
	}
}

// nameOf names a baseline.
func nameOf(b *report.SavedBaseline) string {
	if b.ID == uuid.Nil {
		return "the baseline"
	}
	return "test execution " + b.ID.String()
}

// runAgain is the command that executes just these scenarios again, the worst if they are many, and judges them as
// the run was.
func runAgain(r report.Report, from Source, scenarios []uuid.UUID) (a again) {
	all := len(scenarios)
	scenarios = scenarios[:min(all, maxScenarios)]
	switch {
	case all == 0 || len(r.Rules.Criteria) == 0:
		return a
	case report.Simulated(r):
		return again{without: "it was a demo, whose scenarios no API server has"}
	case r.Evidence.RunTest.ID == uuid.Nil:
		return again{without: "the report does not name its run test"}
	case r.Rules.IntervalFor == verdict.IntervalForPopulation && all < maxScenarios:
		return again{without: "so few scenarios do not speak for others, which interval-for population is about"}
	}
	if all > len(scenarios) {
		a.notes = append(a.notes, "the worst "+strconv.Itoa(len(scenarios))+" of "+strconv.Itoa(all)+" scenarios; without scenario-ids it runs all")
	}
	ids := make([]string, len(scenarios))
	for i, id := range scenarios {
		ids[i] = id.String()
	}
	a.command = "agent-gate --run-test-id " + r.Evidence.RunTest.ID.String() + " --scenario-ids " + strings.Join(ids, ",")
	a.settings(r)
	compared := false
	for _, c := range ordered(r) {
		word, whole := quote(c.String())
		if !whole || !about(c, r, scenarios) || c.Change && from.Compared == nil && from.Baseline == "" {
			a.left++
			continue
		}
		a.criteria = append(a.criteria, " --criteria "+word)
		compared = compared || c.Change
	}
	if len(a.criteria) == 0 {
		return again{without: "no criterion can be judged by these scenarios alone"}
	}
	if compared {
		a.baseline(r, from, true)
	}
	for _, c := range r.Rules.PassWhen {
		word, whole := quote(c.String())
		if !whole || len(a.command) > MaxBytes {
			return again{without: "a condition of pass-when cannot be said in it"} // other calls would pass
		}
		a.command += " --pass-when " + word
	}
	// A forged report must not name where the keys go, so the command does not.
	if base := r.Evidence.API.BaseURL.LineMax(150); base != "" && base != calls.DefaultBaseURL {
		a.notes = append(a.notes, "the run was on "+base+": set base-url to that if you know it")
	}
	if r.Evidence.Execution.AgentType == calls.AgentText {
		a.notes = append(a.notes, "add the agent-command or agent-url of the agent, and turn-timeout and max-turns if they were set")
	}
	return a
}

// settings adds the inputs that decide the verdict and are not the default, and the limits, which only protect.
func (a *again) settings(r report.Report) {
	flag := func(name report.Lit, value string) { a.command += " --" + string(name) + " " + value }
	rules, policy := r.Rules, r.Policy
	if n, most := trials(r.Evidence); most > 1 {
		flag("trials", strconv.Itoa(n))
		if most > n {
			flag("max-trials", strconv.Itoa(most))
		}
	}
	if rules.PlatformFails {
		flag("platform-failures", "failed")
	}
	if level := report.Level(r); level != report.Level(report.Report{}) {
		flag("confidence", strconv.FormatFloat(level, 'f', -1, 64))
	}
	if rules.DecideOn == verdict.DecideOnInterval {
		flag("decide-on", string(verdict.DecideOnInterval))
	}
	if rules.IntervalFor == verdict.IntervalForPopulation {
		flag("interval-for", string(verdict.IntervalForPopulation))
	}
	a.reruns(r)
	a.limits(r)
	if policy.WarnOnOperationalError {
		flag("on-operational-error", "warn")
	}
	if policy.AllowInconclusive {
		flag("on-inconclusive", "warn")
	}
	if policy.SoftFail {
		a.command += " --soft-fail"
	}
	if r.Evidence.FailFast != nil {
		a.command += " --fail-fast"
	}
}

// limits adds what the run was allowed to spend.
func (a *again) limits(r report.Report) {
	l := r.Evidence.Budget.Limits
	for _, limit := range []struct {
		flag report.Lit
		most float64
	}{{"max-calls", float64(l.Calls)}, {"max-cost", l.Cents / 100}, {"max-minutes", l.Minutes}} {
		if limit.most > 0 {
			a.command += " --" + string(limit.flag) + " " + strconv.FormatFloat(report.Round(limit.most), 'f', -1, 64)
		}
	}
}

// reruns adds what was asked besides.
func (a *again) reruns(r report.Report) {
	s := r.Settings
	if s == nil {
		a.notes = append(a.notes, "the report does not say what rerun-attempts and new-eval-config-ids were")
		return
	}
	if s.RerunAttempts > 0 {
		a.command += " --rerun-attempts " + strconv.Itoa(s.RerunAttempts)
		if s.RerunType != "" {
			a.command += " --rerun-type " + string(s.RerunType)
		}
		if most := s.RerunMaxCalls; most != "" && most != calls.DefaultRerunMax {
			a.command += " --rerun-max-calls " + orElse(most, calls.DefaultRerunMax)
		}
	}
	for i, id := range s.NewEvals {
		sep := ","
		if i == 0 {
			sep = " --new-eval-config-ids "
		}
		a.command += sep + id.String()
	}
}

// trials are how many trials were to run at first, and at most.
func trials(e verdict.Evidence) (first, most int) {
	if l := e.Looks; l != nil {
		return l.First, max(l.Max, l.First)
	}
	n := max(e.PlannedTrials, e.Trials())
	return n, n
}

// ordered are the criteria, those first that are not met.
func ordered(r report.Report) []criteria.Criterion {
	rank := map[string]int{}
	for i, c := range report.Checks(r) {
		if _, known := rank[c.Criterion]; !known {
			rank[c.Criterion] = i
		}
	}
	all := slices.Clone(r.Rules.Criteria)
	of := func(c criteria.Criterion) int {
		if at, judged := rank[c.String()]; judged {
			return at
		}
		return len(rank)
	}
	slices.SortStableFunc(all, func(a, b criteria.Criterion) int { return of(a) - of(b) })
	return all
}

// about reports whether a criterion can be judged by these scenarios alone.
func about(c criteria.Criterion, r report.Report, scenarios []uuid.UUID) bool {
	if c.Scope.Kind == criteria.ScopeScenario {
		return slices.ContainsFunc(r.Verdict.Scenarios, func(s verdict.ScenarioSummary) bool {
			return s.Name.Raw() == c.Scope.Name && slices.Contains(scenarios, s.ID)
		})
	}
	m, _ := c.Lookup()
	sums := m.Family == criteria.Count || c.Stat == criteria.StatSum
	if !sums || c.Scope.Kind == criteria.ScopeEachScenario || c.Change {
		return true
	}
	// Fewer scenarios have fewer calls: only a bound that they must not exceed makes sense for them.
	whole := !slices.ContainsFunc(r.Verdict.Scenarios, func(s verdict.ScenarioSummary) bool { return !slices.Contains(scenarios, s.ID) })
	return whole || c.Op == criteria.OpAtMost || c.Op == criteria.OpBelow
}

// quote quotes a word for a POSIX shell; whole is false if it is not the same word any more, since what cannot
// be seen is dropped.
func quote(word string) (quoted string, whole bool) {
	shown := text.New(word).LineMax(1000)
	whole = shown == word
	if shown != "" && strings.Trim(shown, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:%") == "" {
		return shown, whole
	}
	return "'" + strings.ReplaceAll(shown, "'", `'\''`) + "'", whole
}

// path is the path of a file as a word for a shell that no command takes for a flag, or another word.
func path(file, other string) string {
	if strings.HasPrefix(file, "-") {
		file = "./" + file
	}
	return orElse(file, other)
}

// orElse is a word for a shell, or another one if it cannot be shown as it is.
func orElse(word, other string) string {
	if quoted, whole := quote(word); whole {
		return quoted
	}
	return other
}
