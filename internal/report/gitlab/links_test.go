package gitlab

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestLinksLookAsTheyDid(t *testing.T) {
	t.Parallel()
	for name, r := range reporttest.Cases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reporttest.Golden(t, name+".links.json", reporttest.Written(t, Links, r))
		})
	}
}

// gitlabLinks parses links as GitLab does: an object of sections, each a list of at most 1000
// objects with only an external_link of only label and url.
func gitlabLinks(t *testing.T, r report.Report) []externalLink {
	t.Helper()
	written := reporttest.Written(t, Links, r)
	if len(written) > 80<<10 {
		t.Errorf("%d bytes, and GitLab takes 80 KB", len(written))
	}
	d := json.NewDecoder(strings.NewReader(string(written)))
	d.DisallowUnknownFields()
	var sections map[string][]externalLink
	if err := d.Decode(&sections); err != nil {
		t.Fatal(err)
	}
	if len(sections) > 1 {
		t.Errorf("%d sections", len(sections))
	}
	return sections["agent-gate"]
}

func TestLinksLeadToTheRun(t *testing.T) {
	t.Parallel()
	all := reporttest.Cases()
	for i, s := range reporttest.HostileTexts(t) {
		all[fmt.Sprintf("hostile-%d", i)] = reporttest.Poisoned(s)
	}
	for name, r := range all {
		got := gitlabLinks(t, r)
		worst, n := report.WorstCalls(r, linkedCalls)
		want := 0
		if r.Evidence.Execution.URL != "" {
			want = 1 + len(worst)
		}
		if want > 0 && n > len(worst) {
			want++ // the count of the others
		}
		if want > 0 && r.Evidence.Reused != nil {
			want++ // whose calls they are
		}
		if len(got) != want {
			t.Errorf("%s: %d links, want %d", name, len(got), want)
		}
		for _, l := range got {
			if !slices.ContainsFunc(r.Evidence.Executions(), func(x verdict.Execution) bool { return x.URL == string(l.External.URL) }) || l.External.Label == "" || strings.ContainsAny(l.External.Label, "\n\x1b") {
				t.Errorf("%s: %+v", name, l)
			}
		}
	}
}

func TestLinksAreSafeAddresses(t *testing.T) {
	t.Parallel()
	for _, u := range []string{"", "ftp://app.example.com/x", "javascript:alert(1)", "https://user:secret@app.example.com/", "/relative", "https://"} {
		r := reporttest.Failing()
		r.Evidence.Execution.URL = u
		if got := gitlabLinks(t, r); len(got) != 0 {
			t.Errorf("%q is linked: %+v", u, got)
		}
	}
}
