package brief

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

var formats = []Format{Text, Markdown, JSON}

func briefOf(t *testing.T, r report.Report, from Source, f Format) string {
	t.Helper()
	return string(reporttest.Render(t, func(w io.Writer) error { return Write(w, r, from, f) }))
}

func suiteBriefOf(t *testing.T, s report.Suite, f Format) string {
	t.Helper()
	return string(reporttest.Render(t, func(w io.Writer) error {
		return WriteSuite(w, s, Source{File: "suite.json"}, func(int) Source { return Source{File: "suite.json"} }, f)
	}))
}

// criteriaOf is a run with criteria.
func criteriaOf(t *testing.T, r report.Report) report.Report {
	t.Helper()
	var err error
	if r.Rules.Criteria, err = criteria.Parse("success_rate >= 95\noverall_score >= 7.5\nscenario \"Billing dispute\": success_rate >= 80\nsuccess_rate.change >= -1"); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBriefLooksAsItDid(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pass", "fail", "inconclusive", "error", "regression", "gaps", "reused"} {
		r := criteriaOf(t, reporttest.Cases()[name])
		from := Source{File: "agent-gate.json"}
		if b := r.Rules.Baseline; b != nil {
			from.Compared = &report.SavedBaseline{ID: b.Execution.ID}
		}
		reporttest.Golden(t, name+".txt", []byte(briefOf(t, r, from, Text)))
	}
	reporttest.Golden(t, "fail.json", []byte(briefOf(t, criteriaOf(t, reporttest.Cases()["fail"]), Source{File: "agent-gate.json"}, JSON)))
	reporttest.Golden(t, "fail.md", []byte(briefOf(t, criteriaOf(t, reporttest.Cases()["fail"]), Source{File: "agent-gate.json"}, Markdown)))
	reporttest.Golden(t, "suite.txt", []byte(suiteBriefOf(t, reporttest.Suite(), Text)))
	reporttest.Golden(t, "suite.json", []byte(suiteBriefOf(t, reporttest.Suite(), JSON)))
}

// small fails unless a brief is small, and does nothing where it is read.
func small(t *testing.T, name string, f Format, out string) {
	t.Helper()
	if len(out) > MaxBytes || len(out) == 0 {
		t.Errorf("%s as %s has %d bytes", name, f, len(out))
	}
	for _, c := range out {
		if c != '\n' && (unicode.Is(unicode.Cc, c) || unicode.Is(unicode.Cf, c) || c == '\u2028' || c == '\u2029') {
			t.Errorf("%s as %s has %U", name, f, c)
		}
	}
	for line := range strings.Lines(out) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "##vso[") {
			t.Errorf("%s as %s has the command %q", name, f, line)
		}
	}
	switch f {
	case JSON:
		if !json.Valid([]byte(out)) {
			t.Errorf("%s is no JSON: %s", name, out)
		}
	case Markdown:
		fence, rest, _ := strings.Cut(out, "text\n")
		if strings.Trim(fence, "`") != "" || strings.Count(rest, fence) != 1 || !strings.HasSuffix(rest, fence+"\n") {
			t.Errorf("%s leaves its fence:\n%s", name, out)
		}
	case Text:
	}
}

func TestBrief_isSmallAndInert(t *testing.T) {
	t.Parallel()
	all := reporttest.Cases()
	all["very large"] = reporttest.Large(3000, 300)
	for i, s := range reporttest.HostileTexts(t) {
		all[fmt.Sprint("hostile ", i)] = reporttest.Poisoned(s)
	}
	for _, c := range []string{"ä", "設", `"`, `\`, "'", "`", "#", "::", "<"} {
		all["full of "+c] = reporttest.Poisoned(strings.Repeat(c, 5000))
	}
	for name, r := range all {
		for _, f := range formats {
			small(t, name, f, briefOf(t, criteriaOf(t, r), Source{File: strings.Repeat("'", 2000), Baseline: "b.json"}, f))
		}
	}
	s := reporttest.Suite()
	for range 50 {
		s.Gates = append(s.Gates, s.Gates[0])
	}
	for _, f := range formats {
		small(t, "suite", f, suiteBriefOf(t, s, f))
		small(t, "hostile suite", f, suiteBriefOf(t, reporttest.PoisonedSuite("::error::\x1b[31m'```"), f))
		small(t, "empty suite", f, suiteBriefOf(t, report.Suite{Verdict: verdict.Verdict{Kind: verdict.Error, Reason: text.New("a mistake")}}, f))
	}
}

func FuzzBrief(f *testing.F) {
	f.Add("described a policy that does not exist", "report.json")
	f.Add("::error::\x1b[31m```", "'; rm -rf / #")
	f.Fuzz(func(t *testing.T, s, file string) {
		r := reporttest.Poisoned(s)
		for _, format := range formats {
			var b bytes.Buffer
			if err := Write(&b, r, Source{File: file, Compared: &report.SavedBaseline{NewlyFailing: []text.Untrusted{text.New(s)}}}, format); err != nil {
				t.Fatal(err)
			}
			small(t, "it", format, b.String())
		}
	})
}

func TestBrief_namesTheCommandsThatComeNext(t *testing.T) {
	t.Parallel()
	r := criteriaOf(t, reporttest.Cases()["fail"])
	out := briefOf(t, r, Source{File: "my report.json"}, Text)
	for _, want := range []string{
		"Judge again:      agent-gate decide 'my report.json'\n",
		"Run these again:  agent-gate --run-test-id " + r.Evidence.RunTest.ID.String() + " --scenario-ids ",
		` --rerun-attempts 1 --criteria 'success_rate >= 95' --criteria 'overall_score >= 7.5' --criteria 'scenario "Billing dispute": success_rate >= 80'` + "\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "--criteria 'success_rate.change") || !strings.Contains(out, "(leaves out 1 criterion, ") {
		t.Errorf("it names a criterion that needs a baseline, or does not say that it leaves it out:\n%s", out)
	}
	r.Evidence.RunTest = verdict.RunTest{}
	if out := briefOf(t, r, Source{File: "-"}, Text); strings.Contains(out, "--run-test-id") || !strings.Contains(out, "agent-gate decide REPORT.json\n") {
		t.Errorf("without a run test:\n%s", out)
	}
}

func TestBrief_tellsWhatTheReportSaysOfItsBaseline(t *testing.T) {
	t.Parallel()
	r := reporttest.Passing()
	from := Source{File: "r.json", Compared: &report.SavedBaseline{NewlyFailing: []text.Untrusted{text.New("Refund")}, NewlyPassing: []text.Untrusted{text.New("Billing")}}}
	if out := briefOf(t, r, from, Text); !strings.Contains(out, "\nAgainst the baseline\n  worse   Refund\n  better  Billing\n") {
		t.Errorf("it is not told:\n%s", out)
	}
}

func TestBrief_countsTheCasesThatItDoesNotTell(t *testing.T) {
	t.Parallel()
	names := make([]text.Untrusted, 7)
	for i := range names {
		names[i] = text.New(fmt.Sprintf("Scenario %d", i))
	}
	from := Source{File: "r.json", Compared: &report.SavedBaseline{NewlyFailing: names, NewlyPassing: names[:6]}}
	out := briefOf(t, reporttest.Passing(), from, Text)
	for _, want := range []string{"\n  worse   Scenario 4\n  and 2 more cases worse\n", "\n  better  Scenario 4\n  and 1 more case better\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if out := briefOf(t, reporttest.Passing(), from, JSON); !strings.Contains(out, `"more_worse": 2`) || !strings.Contains(out, `"more_better": 1`) {
		t.Errorf("got:\n%s", out)
	}
}

func TestBrief_tellsThreeNumbersAgainstTheBaseline(t *testing.T) {
	t.Parallel()
	r := reporttest.Cases()["regression"]
	got := measure(r, Source{}).cut(sizes[0])
	if len(got.Metrics) != 3 || !strings.HasPrefix(got.Metrics[0], "pass rate 94% → 88% (-6 points)") || got.MoreMetrics == 0 {
		t.Errorf("got %q and %d more", got.Metrics, got.MoreMetrics)
	}
}

func TestBrief_countsOneInTheSingular(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "", 1: "  and 1 more cause\n", 2: "  and 2 more causes\n"} {
		var l lines
		if l.more(n, "cause", "causes"); l.String() != want {
			t.Errorf("%d: got %q", n, l.String())
		}
	}
}

func TestBrief_foldsTheChecksOfOneCriterion(t *testing.T) {
	t.Parallel()
	r := reporttest.Failing()
	r.Verdict.Checks = nil
	for i := range 100 {
		c := verdict.Check{Criterion: "each scenario: success_rate >= 80", Scope: text.New(fmt.Sprintf("Scenario %d", i)), Outcome: verdict.Met, Value: verdict.Estimate{Value: new(float64(i))}}
		if i < 19 {
			c.Outcome = verdict.NotMet
		}
		r.Verdict.Checks = append(r.Verdict.Checks, c)
	}
	out := briefOf(t, r, Source{File: "r.json"}, Text)
	want := "\n  - each scenario: success_rate >= 80, 81 of 100 met\n    - Scenario 0: success_rate 0 (need 80)\n"
	if !strings.Contains(out, want) || !strings.Contains(out, "\n    and 15 more\n") || strings.Contains(out, "more check") {
		t.Errorf("got:\n%s", out)
	}
	r.Verdict.Checks = append(r.Verdict.Checks, verdict.Check{Criterion: "success_rate >= 95", Outcome: verdict.NoData})
	few := sizes[0]
	few.checks = 1
	if b := measure(r, Source{}).cut(few); len(b.Unmet) != 1 || b.MoreUnmet != 1 || b.Unmet[0].More != 15 {
		t.Errorf("got %+v and %d more", b.Unmet, b.MoreUnmet)
	}
}

// TestBrief_callsNoCheckFailedThatHasNoData is about readers of the JSON.
func TestBrief_callsNoCheckFailedThatHasNoData(t *testing.T) {
	t.Parallel()
	out := briefOf(t, reporttest.Failing(), Source{File: "r.json"}, JSON)
	if strings.Contains(out, "failed_checks") || !strings.Contains(out, `"check": "sentiment: score (need 70): no data"`) {
		t.Errorf("got:\n%s", out)
	}
}

func TestBrief_tellsTheTrialOfACall(t *testing.T) {
	t.Parallel()
	r := reporttest.Trials()
	b := measure(r, Source{}).cut(sizes[0])
	if !slices.ContainsFunc(b.Calls, func(c call) bool { return c.Trial > 1 }) {
		t.Errorf("no call is of a further trial: %+v", b.Calls)
	}
	if out := briefOf(t, r, Source{}, Text); !strings.Contains(out, fmt.Sprintf("  %s (trial %d)  ", b.Calls[0].Scenario, b.Calls[0].Trial)) {
		t.Errorf("got:\n%s", out)
	}
	if out := briefOf(t, reporttest.Failing(), Source{}, JSON); strings.Contains(out, `"trial"`) {
		t.Errorf("a run without trials has some:\n%s", out)
	}
}

// TestBrief_namesFilesThatLookLikeFlags is about files that a command would take for a flag.
func TestBrief_namesFilesThatLookLikeFlags(t *testing.T) {
	t.Parallel()
	from := Source{File: "-x.json", Baseline: "--base line.json", Compared: &report.SavedBaseline{}}
	r := criteriaOf(t, reporttest.Failing())
	if judge, _ := commandOf(briefOf(t, r, from, Text), "Judge again:"); judge != "agent-gate decide ./-x.json --baseline './--base line.json'" {
		t.Errorf("got %s", judge)
	}
}

// commandOf returns the command after a label, and what is said of it.
func commandOf(out, label string) (command, note string) {
	_, rest, _ := strings.Cut(out, "\n"+label)
	command, rest, _ = strings.Cut(rest, "\n")
	if said, _, _ := strings.Cut(rest, "\n"); strings.HasPrefix(said, "      ") {
		note = strings.TrimSpace(said)
	}
	return strings.TrimSpace(command), note
}

// TestBrief_repeatsWhatDecides is about inputs without which the commands would judge otherwise than the run did.
func TestBrief_repeatsWhatDecides(t *testing.T) {
	t.Parallel()
	baseline := uuid.MustParse("6e13268a-3020-4e94-b7b7-172c41f7e48c")
	compared := &report.SavedBaseline{ID: baseline}
	for name, c := range map[string]struct {
		change     func(*report.Report, *Source)
		judge, run string // what the commands have
		not        string // what neither has
		note       string // what is said below one of them
	}{
		"trials": {
			change: func(r *report.Report, _ *Source) { r.Evidence.PlannedTrials = 3 }, run: " --trials 3", not: "--max-trials",
		},
		"further trials": {
			change: func(r *report.Report, _ *Source) {
				r.Evidence.Looks = &verdict.Looks{First: 1, Max: 5}
				r.Rules.DecideOn = verdict.DecideOnInterval
			},
			run: " --trials 1 --max-trials 5 --decide-on interval",
		},
		"confidence":        {change: func(r *report.Report, _ *Source) { r.Rules.Confidence = 99.5 }, run: " --confidence 99.5"},
		"platform failures": {change: func(r *report.Report, _ *Source) { r.Rules.PlatformFails = true }, run: " --platform-failures failed"},
		"policy": {
			change: func(r *report.Report, _ *Source) {
				r.Policy = verdict.Policy{WarnOnOperationalError: true, AllowInconclusive: true, SoftFail: true}
			},
			run: " --on-operational-error warn --on-inconclusive warn --soft-fail",
		},
		"reruns": {
			change: func(r *report.Report, _ *Source) {
				r.Settings = &report.Settings{RerunAttempts: 3, RerunType: calls.RerunEvalOnly, RerunMaxCalls: "7.5%", NewEvals: []uuid.UUID{baseline, uuid.Max}}
			},
			run: " --rerun-attempts 3 --rerun-type eval_only --rerun-max-calls 7.5% --new-eval-config-ids " + baseline.String() + "," + uuid.Max.String(),
		},
		"no reruns":                   {change: func(r *report.Report, _ *Source) { r.Settings = &report.Settings{RerunMaxCalls: "10%"} }, not: "--rerun"},
		"a report that does not tell": {change: func(r *report.Report, _ *Source) { r.Settings = nil }, not: "--rerun", note: "does not say what rerun-attempts"},
		"a baseline that is not at hand": {
			change: func(_ *report.Report, from *Source) { from.Compared = compared },
			judge:  " --baseline BASELINE.json", run: " --baseline " + baseline.String() + " --criteria", note: "BASELINE.json is the JSON report of test execution " + baseline.String(),
		},
		"a baseline without an id": {
			change: func(_ *report.Report, from *Source) { from.Compared = &report.SavedBaseline{} },
			judge:  " --baseline BASELINE.json", run: " --baseline BASELINE.json", note: "BASELINE.json is the JSON report of the baseline",
		},
		"a baseline that is given": {
			change: func(_ *report.Report, from *Source) { from.Compared, from.Baseline = compared, "my base.json" },
			judge:  " --baseline 'my base.json'", run: " --baseline 'my base.json'", not: "BASELINE.json",
		},
		"another baseline": {
			change: func(r *report.Report, from *Source) {
				from.Compared, from.Baseline = compared, "b.json"
				r.Rules.Baseline = &verdict.Baseline{}
			},
			judge: " --baseline b.json", note: "the run was compared with test execution " + baseline.String() + ", not with this baseline",
		},
		"no baseline then": {change: func(_ *report.Report, from *Source) { from.Baseline = "b.json"; from.Now = verdict.Error }, run: " --baseline b.json", not: "comes to another"},
		"a baseline that decides nothing": {
			change: func(r *report.Report, from *Source) {
				from.Compared = compared
				r.Rules.Criteria = r.Rules.Criteria[:1]
			}, not: "--baseline",
		},
		"another version": {
			change: func(r *report.Report, from *Source) { from.Now = verdict.Pass; r.Rules.Criteria = r.Rules.Criteria[:1] },
			note:   "this version comes to another verdict: pass",
		},
		"a bar": {
			change: func(r *report.Report, _ *Source) {
				r.Rules.PassWhen, _ = criteria.ParseConditions(`eval "is_helpful" passed`)
			},
			run: ` --pass-when 'eval "is_helpful" passed'`,
		},
		"counts of the whole": {
			change: func(r *report.Report, _ *Source) {
				r.Rules.Criteria, _ = criteria.Parse("success_rate >= 95\ntotal_calls >= 20\nfailed_calls <= 2\ncost.sum <= 5")
				r.Verdict.Scenarios = append(slices.Clip(r.Verdict.Scenarios), verdict.ScenarioSummary{ID: uuid.Max})
			},
			run: " --criteria 'success_rate >= 95' --criteria 'failed_calls <= 2' --criteria 'cost.sum <= 5'", note: "leaves out 1 criterion",
		},
		"a text agent": {change: func(r *report.Report, _ *Source) { r.Evidence.Execution.AgentType = calls.AgentText }, note: "add the agent-command or agent-url"},
		"a population": {
			change: func(r *report.Report, _ *Source) { r.Rules.IntervalFor = verdict.IntervalForPopulation },
			run:    "no command: so few scenarios do not speak for others", not: "--run-test-id",
		},
		"a demo": {
			change: func(r *report.Report, _ *Source) { r.Evidence.API.BaseURL = text.New("https://simulated.invalid") },
			run:    "no command: it was a demo", not: "--run-test-id",
		},
		"limits": {
			change: func(r *report.Report, _ *Source) {
				r.Evidence.Budget.Limits = budget.Limits{Calls: 40, Cents: 1250, Minutes: 33.3}
			},
			run: " --max-calls 40 --max-cost 12.5 --max-minutes 33.3",
		},
		"no limits":          {change: func(*report.Report, *Source) {}, not: "--max-c"},
		"the default server": {change: func(r *report.Report, _ *Source) { r.Evidence.API.BaseURL = text.New("https://api.futureagi.com") }, not: "base-url"},
		"another server": {
			change: func(r *report.Report, _ *Source) {
				r.Evidence.API.BaseURL = text.New("http://10.0.0.7:8080\n::error::x")
			},
			not: "--base-url", note: "the run was on http://10.0.0.7:8080 ",
		},
		"many scenarios": {
			change: func(r *report.Report, _ *Source) {
				for i := range 17 {
					r.Verdict.Scenarios = append(slices.Clip(r.Verdict.Scenarios), verdict.ScenarioSummary{ID: reporttest.ID("silent", i), Counts: verdict.Counts{Missing: 1}})
				}
			},
			run: reporttest.ID("silent", 7).String() + " --rerun-attempts", not: reporttest.ID("silent", 8).String(), note: "the worst 10 of 19 scenarios",
		},
		"no criterion": {
			change: func(r *report.Report, _ *Source) {
				r.Rules.Criteria, _ = criteria.Parse(`scenario "Another": success_rate >= 80`)
			},
			run: "no command: no criterion can be judged by these scenarios alone",
		},
		"a name that cannot be typed": {
			change: func(r *report.Report, _ *Source) {
				r.Rules.Criteria[2].Scope.Name += "\u200b"
			},
			not: "Billing dispute", note: "leaves out 2 criteria",
		},
	} {
		r, from := criteriaOf(t, reporttest.Failing()), Source{File: "r.json"}
		c.change(&r, &from)
		out := briefOf(t, r, from, Text)
		judge, judgeNote := commandOf(out, "Judge again:")
		run, runNote := commandOf(out, "Run these again:")
		if !strings.Contains(judge, c.judge) || !strings.Contains(run, c.run) || !strings.Contains(judgeNote+runNote, c.note) ||
			c.not != "" && strings.Contains(judge+run+judgeNote+runNote, c.not) {
			t.Errorf("%s:\n%s\n%s\n%s\n%s", name, judge, judgeNote, run, runNote)
		}
	}
}

func TestBrief_runsScenariosAgainWhoseCallsAreMissing(t *testing.T) {
	t.Parallel()
	r := criteriaOf(t, reporttest.Passing())
	r.Verdict.Scenarios = []verdict.ScenarioSummary{{ID: uuid.Max, Counts: verdict.Counts{Missing: 2}}}
	if run, _ := commandOf(briefOf(t, r, Source{File: "r.json"}, Text), "Run these again:"); !strings.Contains(run, " --scenario-ids "+uuid.Max.String()+" ") {
		t.Errorf("got %s", run)
	}
}

func TestBrief_tellsEachCriterionOfARunThatWasStopped(t *testing.T) {
	t.Parallel()
	r := reporttest.Cases()["interrupted"]
	r.Verdict.Checks = nil
	r.Rules.Criteria, _ = criteria.Parse("success_rate >= 90\neach scenario: success_rate >= 80")
	out := briefOf(t, r, Source{File: "r.json"}, Text)
	if want := "\n  - success_rate (need 90): no data\n  - each scenario: success_rate (need 80): no data\n"; !strings.Contains(out, want) {
		t.Errorf("it does not say %q:\n%s", want, out)
	}
}

func TestBrief_judgesASuiteAgain(t *testing.T) {
	t.Parallel()
	s := reporttest.Suite()
	s.Gates[0].Rules.Criteria, _ = criteria.Parse("success_rate.change >= -1")
	base := &report.SavedBaseline{ID: uuid.Max}
	for name, c := range map[string]struct {
		from Source
		want string
	}{
		"without its baseline": {Source{File: "s.json", Compared: base}, "agent-gate decide s.json --baseline BASELINE.json (BASELINE.json is the JSON report of the suite that it was compared with)"},
		"with its baseline":    {Source{File: "s.json", Compared: base, Baseline: "b.json"}, "agent-gate decide s.json --baseline b.json "},
		"without any":          {Source{File: "s.json"}, "agent-gate decide s.json "},
		"to another verdict":   {Source{File: "s.json", Now: verdict.Skip}, "agent-gate decide s.json (" + string(s.Gates[0].Name) + ": this version comes to another verdict: skipped)"},
	} {
		if command, note := judgeSuiteAgain(s, c.from, func(int) Source { return c.from }).within(1000); command+" "+note != c.want && command+" ("+note+")" != c.want {
			t.Errorf("%s: got %s, %s", name, command, note)
		}
	}
}

func TestBrief_saysWhoseCallsAreJudgedAgain(t *testing.T) {
	t.Parallel()
	const note = "Judged again: no new calls were placed (run-key run). The execution was started 3 h 12 min before"
	for _, f := range formats {
		if out := briefOf(t, reporttest.Reused(), Source{File: "r.json"}, f); strings.Count(out, note) != 1 {
			t.Errorf("a run as %s:\n%s", f, out)
		}
		bad := reporttest.Reused()
		bad.Verdict.Kind, bad.ExitCode = verdict.Fail, verdict.ExitFail
		gates := []report.Gate{{Name: "own", Report: reporttest.Passing()}, {Name: "good", Report: reporttest.Reused()}, {Name: "bad", Report: bad}}
		out := suiteBriefOf(t, reporttest.SuiteOf(budget.Limits{}, gates...), f)
		if strings.Count(out, note) != 2 || !strings.Contains(out, "good: "+note) || !strings.Contains(out, "bad: "+note) {
			t.Errorf("a suite as %s:\n%s", f, out)
		}
	}
	out := suiteBriefOf(t, reporttest.SuiteOf(budget.Limits{}, reporttest.ManyGates(50, reporttest.Reused())...), Text)
	small(t, "many", Text, out)
	if !strings.Contains(out, "and 46 more gates whose calls were judged again") {
		t.Errorf("many gates:\n%s", out)
	}
}

func TestBrief_saysWhatAPolicyLetsPass(t *testing.T) {
	t.Parallel()
	r := reporttest.Failing()
	r.Policy.SoftFail, r.ExitCode = true, verdict.ExitOK
	const soft = "Soft fail: this gate would have failed the job, but soft-fail is on, so the job continues."
	if out := briefOf(t, r, Source{File: "r.json"}, Text); !strings.Contains(out, "(exit code 0)\n  ! "+soft+"\n") {
		t.Errorf("got:\n%s", out)
	}
	if out := briefOf(t, r, Source{File: "r.json"}, JSON); !strings.Contains(out, `"policy": "`+soft+`"`) {
		t.Errorf("got:\n%s", out)
	}
}

func TestBrief_saysWhatIsNextByWhatDecided(t *testing.T) {
	t.Parallel()
	gaps := reporttest.Cases()["gaps"] // calls are lost
	for name, c := range map[string]struct {
		checks string // the first has no data
		change func(*report.Report, *Source)
		want   string
	}{
		"lost calls":  {checks: "success_rate >= 95", want: "top up and run again"},
		"no baseline": {checks: "success_rate.change >= -1\nsuccess_rate >= 95", want: "set baseline to a run to compare with, which .change needs"},
		"a baseline": {
			checks: "success_rate.change >= -1", change: func(_ *report.Report, from *Source) { from.Compared = &report.SavedBaseline{} },
			want: "top up and run again",
		},
		"no results": {
			checks: `eval "tone": score >= 50`, change: func(r *report.Report, _ *Source) { r.Verdict.Checks[0].Unknown = 0 },
			want: "add rerun-attempts, which runs evals again that gave no result",
		},
		"no time": {
			checks: "success_rate >= 95", change: func(r *report.Report, _ *Source) { r.Verdict.Cause = verdict.CauseTimeout },
			want: "raise timeout, or run fewer calls",
		},
		"no money": {
			checks: "success_rate >= 95", change: func(r *report.Report, _ *Source) { r.Verdict.Cause = verdict.CauseBudget },
			want: "raise the limit, or run fewer calls",
		},
	} {
		r, from := gaps, Source{File: "r.json"}
		r.Verdict.Checks = nil
		all, err := criteria.Parse(c.checks)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range all {
			r.Verdict.Checks = append(r.Verdict.Checks, verdict.Check{Criterion: one.String(), Outcome: verdict.NoData, Unknown: 3})
		}
		if c.change != nil {
			c.change(&r, &from)
		}
		if out := briefOf(t, r, from, Text); !strings.Contains(out, "\nNext: "+c.want+"\n") {
			t.Errorf("%s: it does not say %q:\n%s", name, c.want, out)
		}
	}
}
