package terminal

import (
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func suiteOf(t *testing.T, s report.Suite, o Options) string {
	t.Helper()
	return string(reporttest.Render(t, func(w io.Writer) error {
		return errors.Join(SuiteDetails(w, s, o), Warnings(w, s.AllWarnings(), o))
	})) + "\n" + suiteVerdictOf(t, s, o)
}

func suiteVerdictOf(t *testing.T, s report.Suite, o Options) string {
	t.Helper()
	return string(reporttest.Render(t, func(w io.Writer) error { return SuiteVerdict(w, s, o) }))
}

func TestSuiteVerdict_fitsAScreen(t *testing.T) {
	t.Parallel()
	for _, gates := range []int{1, 3, 20, 100} {
		s := reporttest.Suite()
		first := s.Gates[0]
		for len(s.Gates) < gates {
			s.Gates = append(s.Gates, first)
		}
		for _, s.Places = range []report.Places{s.Places, farPlaces()} {
			for _, width := range []int{0, 80, 160} {
				if out := suiteVerdictOf(t, s, Options{Width: width}); rowsOf(out, width) > screenful {
					t.Errorf("%d gates at %d columns: %d rows\n%s", gates, width, rowsOf(out, width), out)
				}
			}
		}
	}
}

func TestSuiteVerdict_leadsToTheFirstCallThatItShows(t *testing.T) {
	t.Parallel()
	soft := reporttest.Failing()
	soft.Policy.SoftFail, soft.ExitCode = true, 0
	for _, r := range []report.Report{reporttest.Failing(), soft, judged(t, "each scenario: pass_rate >= 90\neach eval: pass_rate >= 95", played{"Refund", 1, strings.Repeat("was rude ", 20), ""})} {
		for _, gates := range []int{1, 2, 5, 10, 40} {
			s := reporttest.SuiteOf(reporttest.Suite().Budget.Limits, reporttest.ManyGates(gates, r)...)
			for _, width := range []int{0, 80, 160} {
				out := suiteVerdictOf(t, s, Options{Width: width})
				next := regexp.MustCompile(`(?m)^Next .*call ([0-9a-f]{8})`).FindStringSubmatch(out)
				first := regexp.MustCompile(`(?m)^ {8}([0-9a-f]{8})\b`).FindStringSubmatch(out)
				if next == nil || first == nil || next[1] != first[1] || rowsOf(out, width) > screenful {
					t.Errorf("%d gates at %d columns, in %d rows:\n%s", gates, width, rowsOf(out, width), out)
				}
			}
		}
	}
}

func TestSuiteVerdict_tellsOfCallsThatNeverReachedTheAgent(t *testing.T) {
	t.Parallel()
	lost := judged(t, "success_rate >= 90", played{"Refund", -1, reporttest.NoBalance, ""}, played{"Refund", -1, "no-answer", ""}, played{"Refund", 9, "", ""})
	lost.ExitCode = 1
	s := reporttest.SuiteOf(reporttest.Suite().Budget.Limits, report.Gate{Name: "support", Report: lost}, report.Gate{Name: "sales", Report: lost})
	for _, width := range []int{0, 80} {
		out := suiteVerdictOf(t, s, Options{Width: width})
		if n := strings.Count(out, "\n    1× never reached your agent: no balance left (top up and run again)\n"); n != 2 {
			t.Errorf("it is said of %d of 2 gates:\n%s", n, out)
		}
	}
}

func TestTerminalSuiteLooksAsItDid(t *testing.T) {
	t.Parallel()
	reporttest.Golden(t, "suite.txt", []byte(suiteOf(t, reporttest.Suite(), Options{Width: 100})))
	reporttest.Golden(t, "suite-40.txt", []byte(suiteOf(t, reporttest.Suite(), Options{Width: 40})))
}

func TestSuiteVerdict_marksEachGateByWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	soft, warns := verdict.Policy{SoftFail: true}, verdict.Policy{WarnOnOperationalError: true}
	under := func(p verdict.Policy, name report.Figure, r report.Report) report.Gate {
		r.Policy, r.ExitCode = p, r.Verdict.ExitCode(p)
		return report.Gate{Name: name, Report: r}
	}
	noRoom := reporttest.SkippedRun()
	noRoom.Verdict.Kind, noRoom.Verdict.Cause, noRoom.Verdict.Reason = verdict.Skip, verdict.CauseBudget, text.New("no room for its 5 calls")
	for _, c := range []struct {
		name     string
		gates    []report.Gate
		headline string
		want     []string
	}{
		{"soft-fail, and no room for one", []report.Gate{under(soft, "one", reporttest.Passing()), under(soft, "big", noRoom)}, "ERROR  1 of 2 gates not started, 1 passed", []string{
			"  ✗ big  SKIPPED  no room for its 5 calls\n  ✓ one  PASS  ", "\n    ! Soft fail is on: this gate never fails the job, whatever it finds.\n",
		}},
		{"soft-fail, and one failed", []report.Gate{under(soft, "one", reporttest.Passing()), under(soft, "two", reporttest.Failing())}, "FAIL  1 of 2 gates failed, 1 passed", []string{
			"  ✗ two  FAIL  ", "    ! Soft fail: this gate would have failed the job", "  ✓ one  PASS  ",
		}},
		{"an error that only warns", []report.Gate{under(warns, "one", reporttest.ErrorBeforeAnyCall())}, "ERROR  1 of 1 gate not judged", []string{
			"  ✗ one  ERROR  ", "    ! This gate would have failed the job, but on-operational-error is warn",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out := suiteVerdictOf(t, reporttest.SuiteOf(budget.Limits{}, c.gates...), Options{})
			if !strings.HasPrefix(out, c.headline) {
				t.Errorf("it does not begin with %q", c.headline)
			}
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("%q is missing", want)
				}
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
}

func TestTerminalSuiteShowsOnlyGatesThatNeedAttention(t *testing.T) {
	t.Parallel()
	out := suiteOf(t, reporttest.Suite(), Options{})
	for name, want := range map[string]bool{"support-voice": true, "billing_chat": true, "booking": false, "outbound": false, "faq": false} {
		if got := strings.Contains(out, "\n=== "+name+"\n"); got != want {
			t.Errorf("the report of %s is shown: %v, want %v", name, got, want)
		}
		if !strings.Contains(out, name) {
			t.Errorf("%s has no line", name)
		}
	}
}

func TestTerminalSuiteOfHostileTextHasNoCommandsAndNoControlCharacters(t *testing.T) {
	t.Parallel()
	for _, s := range reporttest.HostileTexts(t) {
		for line := range strings.Lines(suiteOf(t, reporttest.PoisonedSuite(s), Options{Width: 60})) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.ContainsAny(line, "\x1b\r\x00") {
				t.Errorf("%.60q: the line %q", s, line)
			}
		}
	}
}
