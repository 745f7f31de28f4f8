package markdown

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// pictures returns the diagrams in a summary.
func pictures(s string) []string {
	var out []string
	for _, m := range regexp.MustCompile("(?s)```mermaid\n(.*?)```").FindAllStringSubmatch(s, -1) {
		out = append(out, m[1])
	}
	return out
}

// drawn matches a chart, following the part of Mermaid's XY chart grammar that is used.
var drawn = regexp.MustCompile(`^xychart-beta( horizontal)?
    title "[^"\n]+"
    x-axis \["[^"\n]+"(, "[^"\n]+")*\]
    y-axis "[^"\n]+" 0 --> [0-9]+
    bar \[[0-9.]+(, [0-9.]+)*\]
(    line \[[0-9.]+(, [0-9.]+)*\]
)?$`)

func TestPicturesKeepTheirFormWithHostileNames(t *testing.T) {
	t.Parallel()
	for _, s := range append(reporttest.HostileTexts(t), "", `"] bar [1`, "%%{init: {}}%%", "```\n# forged") {
		r := reporttest.NewRun("now", calls.AgentText)
		before := reporttest.NewRun("before", calls.AgentText)
		for i := range 6 {
			name := s
			if i >= 3 {
				name = fmt.Sprint(s, i)
			}
			r.Call(name, calls.Completed, float64(i), s)
			before.Call(name, []calls.Status{calls.Completed, calls.Failed}[i%2], -1, s)
		}
		out := r.Report(verdict.Verdict{Kind: verdict.Pass}, 0)
		out.Rules.Baseline = verdict.BaselineOf(before.Done())
		all := pictures(summaryOf(t, out))
		if len(all) != 2 {
			t.Fatalf("%.80q: %d pictures, want 2", s, len(all))
		}
		for _, p := range all {
			if !drawn.MatchString(p) || strings.ContainsAny(p, "`%#;<{") {
				t.Errorf("%.80q makes the picture\n%s", s, p)
			}
			labels := regexp.MustCompile(`"[^"]+"`).FindAllString(strings.Split(p, "\n")[2], -1)
			seen := map[string]bool{}
			for _, l := range labels {
				if seen[l] {
					t.Errorf("%.80q: two bars are called %s", s, l)
				}
				seen[l] = true
			}
		}
	}
}

func TestProgressIsDrawnWhereItSaysMoreThanNumbers(t *testing.T) {
	t.Parallel()
	run := func(name string, scenarios, failing int) report.Report {
		r := reporttest.NewRun(name, calls.AgentText)
		for i := range scenarios {
			status := calls.Completed
			if i < failing {
				status = calls.Failed
			}
			r.Call(fmt.Sprintf("scenario %02d", i), status, -1, "")
		}
		return r.Report(verdict.Verdict{Kind: verdict.Pass}, 0)
	}
	for _, c := range []struct {
		name      string
		now, then report.Report
		bars      int
		without   bool
	}{
		{name: "some changed", now: run("now", 3, 1), then: run("then", 3, 0), bars: 3},
		{name: "many", now: run("now", 40, 20), then: run("then", 40, 0), bars: drawnScenarios},
		{name: "nothing changed", now: run("now", 3, 1), then: run("then", 3, 1)},
		{name: "one scenario", now: run("now", 1, 1), then: run("then", 1, 0)},
		{name: "one in common", now: run("now", 3, 1), then: run("then", 1, 0)},
		{name: "no baseline", now: run("now", 3, 1), without: true},
	} {
		if !c.without {
			c.now.Rules.Baseline = verdict.BaselineOf(c.then.Evidence)
		}
		s := summaryOf(t, c.now)
		bars := 0
		for _, p := range pictures(s) {
			bars = strings.Count(strings.Split(p, "\n")[2], `", "`) + 1
		}
		if bars != c.bars {
			t.Errorf("%s: %d bars, want %d", c.name, bars, c.bars)
		}
		if got := strings.Contains(s, "Change in success rate"); got == c.without {
			t.Errorf("%s: the table of scenarios has changes: %v", c.name, got)
		}
	}
}
