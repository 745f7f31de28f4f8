package html

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
)

func suiteOf(t testing.TB, s report.Suite) string {
	t.Helper()
	var b strings.Builder
	if err := WriteSuite(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAnchorsOfASuiteAreUniqueAndLinksLeadToThem(t *testing.T) {
	t.Parallel()
	root, err := html.Parse(strings.NewReader(suiteOf(t, reporttest.Suite())))
	if err != nil {
		t.Fatal(err)
	}
	ids, links := map[string]bool{}, []string{}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			switch {
			case a.Key == "id" && ids[a.Val]:
				t.Errorf("two elements have the id %s", a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
				anchor, _, _ := strings.Cut(a.Val[1:], "?")
				links = append(links, anchor)
			case a.Key == "aria-labelledby":
				links = append(links, a.Val)
			}
		}
	}
	for _, anchor := range links {
		if !ids[anchor] {
			t.Errorf("nothing has the id %s", anchor)
		}
	}
	for _, id := range []string{"gate-support-voice", "support-voice.calls", "booking.list", "booking.data"} {
		if !ids[id] {
			t.Errorf("nothing has the id %s", id)
		}
	}
}

func TestGatesThatNeedAttentionComeFirstAndAreOpen(t *testing.T) {
	t.Parallel()
	page := suiteOf(t, reporttest.Suite())
	last := 0
	for _, part := range []string{`id="gate-support-voice" open>`, `id="gate-billing_chat" open>`, `id="gate-booking">`} {
		at := strings.Index(page, part)
		if at <= last {
			t.Errorf("%s is at %d, want it after %d", part, at, last)
		}
		last = at
	}
	if strings.Contains(page, `id="gate-outbound"`) || strings.Contains(page, `id="gate-faq"`) {
		t.Error("a gate that was skipped has a part of its own")
	}
}

func TestTheStructureOfASuiteIsOurs(t *testing.T) {
	t.Parallel()
	want := elements(t, suiteOf(t, reporttest.PoisonedSuite("Refund")))
	for _, s := range reporttest.HostileTexts(t) {
		if !plain(s) {
			continue
		}
		if got := elements(t, suiteOf(t, reporttest.PoisonedSuite(s))); !slices.Equal(got, want) {
			t.Errorf("%.80q changes the structure:%s", s, firstDifference(got, want))
		}
	}
}

func TestTheDataOfASuiteIsSharedOut(t *testing.T) {
	t.Parallel()
	gates := reporttest.ManyGates(4, reporttest.Large(100, 4))
	gates[1].Report = reporttest.Failing() // has fewer calls than its part
	var b strings.Builder
	if err := writeSuite(&b, reporttest.SuiteOf(budget.Limits{}, gates...), dataLimit{calls: 200, bytes: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(b.String(), `{"id":"`); got != 200 {
		t.Errorf("%d calls in the data, want 200", got)
	}
}

func TestAFailureToWriteASuiteIsAnError(t *testing.T) {
	t.Parallel()
	for _, room := range []int{0, 50_000, 100_000} {
		if err := WriteSuite(&reporttest.FailingWriter{Room: room}, reporttest.Suite()); err == nil {
			t.Errorf("no error after %d bytes", room)
		}
	}
}
