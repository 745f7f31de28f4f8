package html

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
)

// elements lists the elements of a page in order, each with its attributes and the values of
// those that browsers act on. It parses the page as a browser does.
func elements(t testing.TB, page string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	// Their values are only shown or looked up; browsers do not act on them.
	words := []string{"data-scenario", "data-eval", "aria-label"}
	var out []string
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("a comment: %.80q", n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		var line strings.Builder
		line.WriteString(n.Data)
		for _, a := range n.Attr {
			line.WriteString(" " + a.Key)
			if !slices.Contains(words, a.Key) {
				line.WriteString("=" + a.Val)
			}
		}
		if n.Data == "style" || n.Data == "script" && len(n.Attr) == 0 {
			line.WriteString(" " + sourceHash(n.FirstChild.Data))
		}
		out = append(out, line.String())
	}
	return out
}

// plain matches texts that change no structure: they are visible, and not among the words of
// the harmless run.
func plain(s string) bool {
	return !report.Blank(text.New(s)) && !strings.Contains("each scenario: success_rate >= 95", s) && s != "Polite"
}

func TestHTMLStructureIsOurs(t *testing.T) {
	t.Parallel()
	want := elements(t, htmlOf(t, reporttest.Harmless()))
	for _, s := range reporttest.HostileTexts(t) {
		if !plain(s) {
			continue
		}
		r := reporttest.Poisoned(s)
		got := elements(t, htmlOf(t, r))
		if !slices.Equal(got, want) {
			t.Errorf("%.80q changes the structure:%s", s, firstDifference(got, want))
		}
	}
}

func firstDifference(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return "\n got " + got[i] + "\nwant " + want[i]
		}
	}
	return " another number of elements"
}

func TestHTMLNeedsNothingFromAnywhere(t *testing.T) {
	t.Parallel()
	for name, r := range reporttest.Cases() {
		root, err := html.Parse(strings.NewReader(htmlOf(t, r)))
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		for n := range root.Descendants() {
			for _, a := range n.Attr {
				switch {
				case a.Key == "id" && ids[a.Val]:
					t.Errorf("%s: two elements have the id %s", name, a.Val)
				case a.Key == "id":
					ids[a.Val] = true
				case a.Key == "href" && n.Data == "a":
					if !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "https://") {
						t.Errorf("%s: a link to %s", name, a.Val)
					}
				case a.Key == "href" && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "data:image/svg+xml,"):
					t.Errorf("%s: <%s> loads %s", name, n.Data, a.Val)
				case a.Key == "src" || a.Key == "style" || strings.HasPrefix(a.Key, "on"):
					t.Errorf("%s: <%s> has %s", name, n.Data, a.Key)
				}
			}
		}
	}
}

func FuzzHTML(f *testing.F) {
	for _, s := range reporttest.HostileTexts(f) {
		f.Add(s)
	}
	known := map[string]bool{}
	for _, element := range elements(f, htmlOf(f, reporttest.Harmless())) {
		known[element] = true
	}
	f.Fuzz(func(t *testing.T, s string) {
		page := htmlOf(t, reporttest.Poisoned(s))
		if !utf8.ValidString(page) {
			t.Error("the page is not UTF-8")
		}
		if data := embedded(t, page); len(data.Calls) != 9 {
			t.Errorf("%d calls in the data, want 9", len(data.Calls))
		}
		found := map[string]bool{}
		for _, element := range elements(t, page) {
			found[element] = true
		}
		for _, element := range slices.Sorted(maps.Keys(found)) {
			// Bar sizes and the number of labels depend on which texts are equal.
			if !known[element] && !strings.HasPrefix(element, "rect class=share ") && !strings.HasPrefix(element, "th role=columnheader") {
				t.Errorf("%.80q makes <%s>", s, element)
			}
		}
	})
}
