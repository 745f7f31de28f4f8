package terminal

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
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
		for _, width := range []int{0, 80, 160} {
			if out := suiteVerdictOf(t, s, Options{Width: width}); strings.Count(out, "\n") > 24 {
				t.Errorf("%d gates at %d columns: %d rows\n%s", gates, width, strings.Count(out, "\n"), out)
			}
		}
	}
}

func TestTerminalSuiteLooksAsItDid(t *testing.T) {
	t.Parallel()
	reporttest.Golden(t, "suite.txt", []byte(suiteOf(t, reporttest.Suite(), Options{Width: 100})))
	reporttest.Golden(t, "suite-40.txt", []byte(suiteOf(t, reporttest.Suite(), Options{Width: 40})))
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
