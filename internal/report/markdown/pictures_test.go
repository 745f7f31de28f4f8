package markdown

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/calls"
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
var drawn = regexp.MustCompile(`^xychart-beta
    title "[^"\n]+"
    x-axis \["[^"\n]+"(, "[^"\n]+")*\]
    y-axis "[^"\n]+" 0 --> [0-9]+
    bar \[[0-9.]+(, [0-9.]+)*\]
$`)

func TestPicturesKeepTheirFormWithHostileNames(t *testing.T) {
	t.Parallel()
	for _, s := range append(reporttest.HostileTexts(t), "", `"] bar [1`, "%%{init: {}}%%", "```\n# forged") {
		r := reporttest.NewRun("now", calls.AgentText)
		for i := range 6 {
			name := s
			if i >= 3 {
				name = fmt.Sprint(s, i)
			}
			r.Call(name, calls.Completed, float64(i), s)
		}
		out := r.Report(verdict.Verdict{Kind: verdict.Pass}, 0)
		all := pictures(summaryOf(t, out))
		if len(all) != 1 {
			t.Fatalf("%.80q: %d pictures, want 1", s, len(all))
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
