package html

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func htmlOf(t testing.TB, r report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// assets returns the style and scripts of every page.
func assets(t testing.TB) pageAssets {
	t.Helper()
	a, err := loadAssets()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestHTMLLooksAsItDid(t *testing.T) {
	t.Parallel()
	a := assets(t)
	// The golden files leave out the style and scripts, which are files of their own.
	without := strings.NewReplacer(string(a.Style), "STYLE", string(a.Theme), "THEME", string(a.Script), "SCRIPT",
		sourceHash(string(a.Style)), "'HASH OF STYLE'", sourceHash(string(a.Theme)), "'HASH OF THEME'", sourceHash(string(a.Script)), "'HASH OF SCRIPT'")
	sources := map[string]string{"suite": suiteOf(t, reporttest.Suite())}
	for name, r := range reporttest.Cases() {
		sources[name] = htmlOf(t, r)
	}
	for name, source := range sources {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := html.Parse(strings.NewReader(source))
			if err != nil {
				t.Fatal(err)
			}
			unsort(page, source)
			var b bytes.Buffer
			if err := html.Render(&b, page); err != nil {
				t.Fatal(err)
			}
			reporttest.Golden(t, name+".html", []byte(without.Replace(b.String())+"\n"))
		})
	}
}

// unsort restores the attribute order of the source: the parser sorts the attributes of
// formatting elements.
func unsort(page *html.Node, source string) {
	var links [][]html.Attribute
	for tokens := html.NewTokenizer(strings.NewReader(source)); tokens.Next() != html.ErrorToken; {
		if token := tokens.Token(); token.Type == html.StartTagToken && token.Data == "a" {
			links = append(links, token.Attr)
		}
	}
	for node := range page.Descendants() {
		if node.Type == html.ElementNode && node.Data == "a" && len(links) > 0 {
			node.Attr, links = links[0], links[1:]
		}
	}
}

func TestHTMLOfTheSameRunIsTheSame(t *testing.T) {
	t.Parallel()
	again := reporttest.Cases()
	for name, r := range reporttest.Cases() {
		if one, two := htmlOf(t, r), htmlOf(t, again[name]); one != two {
			t.Errorf("%s: two pages of the same run differ", name)
		}
	}
}

func TestHTMLReportsAWriterThatFails(t *testing.T) {
	t.Parallel()
	for _, room := range []int{0, 5000, 100_000} {
		if err := Write(&reporttest.FailingWriter{Room: room}, reporttest.Large(200, 8)); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("room for %d bytes: error %v", room, err)
		}
	}
}

// scriptData is everything that the script reads.
type scriptData struct {
	scriptWords
	Calls []json.RawMessage `json:"calls"`
}

// embedded returns the script's data in a page.
func embedded(t testing.TB, page string) scriptData {
	t.Helper()
	m := regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("no data in the page")
	}
	var data scriptData
	if err := json.Unmarshal([]byte(m[1]), &data); err != nil {
		t.Fatalf("the data is not JSON: %v", err)
	}
	return data
}

func TestHTMLGivesTheScriptEveryCallWorstFirst(t *testing.T) {
	t.Parallel()
	r := reporttest.Failing()
	data := embedded(t, htmlOf(t, r))
	if got, want := len(data.Calls), r.Evidence.Calls.Len(); got != want {
		t.Fatalf("%d calls, want %d", got, want)
	}
	var outcomes []string
	low := 0
	for _, raw := range data.Calls {
		var c struct {
			Outcome int  `json:"o"`
			Low     bool `json:"l"`
		}
		if err := json.Unmarshal(raw, &c); err != nil {
			t.Fatal(err)
		}
		outcomes = append(outcomes, string(data.Outcomes[c.Outcome]))
		if c.Low {
			low++
		}
	}
	if got, want := strings.Join(outcomes[:6], " "), "failed failed skipped below your bar below your bar below your bar"; got != want {
		t.Errorf("outcomes begin with %q, want %q", got, want)
	}
	if got, want := low, len(r.Verdict.Deciding); got != want {
		t.Errorf("%d calls are marked as pulling a criterion down, want %d", got, want)
	}
}

func TestHTMLPutsTheWorstCallsInThePageItself(t *testing.T) {
	t.Parallel()
	page := htmlOf(t, reporttest.Large(200, 8))
	if got := strings.Count(page, "<li><details data-id="); got != plainCalls {
		t.Errorf("%d calls without the script, want %d", got, plainCalls)
	}
	rank := 0
	for _, m := range regexp.MustCompile(`class="c-outcome">.*?</svg>(\w+)`).FindAllStringSubmatch(page, -1) {
		next := slices.Index([]string{"failed", "skipped", "below", "cancelled", "passed"}, m[1])
		if next < rank {
			t.Errorf("a call that %s stands too low", m[1])
		}
		rank = next
	}
	if rank == 0 {
		t.Error("no call succeeded")
	}
}

func TestHTMLCountsTheCallsThatItLeavesOut(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]dataLimit{
		"too many calls": {calls: 7, bytes: 1 << 20},
		"too many bytes": {calls: 100, bytes: 4 << 10},
	} {
		var b bytes.Buffer
		if err := writeUpTo(&b, reporttest.Large(40, 4), limit); err != nil {
			t.Fatal(err)
		}
		data := embedded(t, b.String())
		left := 40 - len(data.Calls)
		if left == 0 || len(data.Calls) > limit.calls {
			t.Errorf("%s: %d calls", name, len(data.Calls))
		}
		if size := len(bytes.Join(rawCalls(data), nil)); size > limit.bytes+1<<10 {
			t.Errorf("%s: %d bytes of calls", name, size)
		}
		if want := fmt.Sprintf("%d more are in the JSON report", left); !strings.Contains(b.String(), want) {
			t.Errorf("%s: the page does not say %q", name, want)
		}
	}
}

func rawCalls(data scriptData) [][]byte {
	var all [][]byte
	for _, c := range data.Calls {
		all = append(all, c)
	}
	return all
}

func BenchmarkHTML(b *testing.B) {
	for name, r := range map[string]report.Report{"20": reporttest.Failing(), "5000": reporttest.Large(5000, 40)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := Write(io.Discard, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestHTMLBoundsWhatAStrangerCanBlowUp(t *testing.T) {
	t.Parallel()
	// Every character takes six bytes in JSON and four in HTML.
	page := htmlOf(t, reporttest.Poisoned(strings.Repeat("<", 100_000)))
	if len(page) > 1<<20 {
		t.Errorf("%d bytes of 10 calls", len(page))
	}
}

func TestHTMLPolicyAllowsExactlyWhatIsInThePage(t *testing.T) {
	t.Parallel()
	page := htmlOf(t, reporttest.Failing())
	m := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("no policy")
	}
	policy := html.UnescapeString(m[1])
	if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %s", policy)
	}
	for _, inline := range regexp.MustCompile(`(?s)<(?:style|script)>(.*?)</(?:style|script)>`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(policy, sourceHash(inline[1])) {
			t.Errorf("the policy forbids %.60q", inline[1])
		}
	}
}

func TestHTMLScriptsWriteOnlyText(t *testing.T) {
	t.Parallel()
	a := assets(t)
	for _, word := range []string{
		"innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Function(", "setTimeout(",
		"fetch", "XMLHttp", "WebSocket", "import", "sendBeacon", ".src", "cookie", "postMessage", "window.open",
	} {
		if strings.Contains(string(a.Script)+string(a.Theme), word) {
			t.Errorf("a script holds %q", word)
		}
	}
	if strings.Contains(string(a.Style), "url(") || strings.Contains(string(a.Style), "@import") {
		t.Error("the style loads something")
	}
}

func TestHTMLShowsEveryDisarmedGateLoudly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		policy verdict.Policy
		kind   verdict.Kind
		exit   int
		want   string
	}{
		"soft fail that saved the job":  {verdict.Policy{SoftFail: true}, verdict.Fail, 0, "Soft fail: this gate would have failed the job, but"},
		"soft fail that was not needed": {verdict.Policy{SoftFail: true}, verdict.Pass, 0, "Soft fail is on: this gate never fails the job"},
		"operational error":             {verdict.Policy{WarnOnOperationalError: true}, verdict.Error, 0, "but on-operational-error is warn, so the job continues"},
		"inconclusive":                  {verdict.Policy{AllowInconclusive: true}, verdict.Inconclusive, 0, "but on-inconclusive allows it, so the job continues"},
		"an armed gate":                 {verdict.Policy{}, verdict.Fail, 1, ""},
	} {
		r := reporttest.Failing()
		r.Policy, r.Verdict.Kind, r.ExitCode = c.policy, c.kind, c.exit
		_, said, loud := strings.Cut(htmlOf(t, r), `class="disarmed"`)
		said, _, _ = strings.Cut(said, "</p>")
		if loud != (c.want != "") || !strings.Contains(said, c.want) {
			t.Errorf("%s: %q, want %q", name, said, c.want)
		}
	}
}

func TestHTMLShowsTheBaseline(t *testing.T) {
	t.Parallel()
	r := reporttest.Cases()["regression"]
	page := htmlOf(t, r)
	for _, want := range []string{`id="baseline"`, "-6 points", "5 scenarios <small>all calls: 94% → 88.3%", r.Rules.Baseline.Execution.ID.String()[:8]} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not hold %q", want)
		}
	}
	if strings.Contains(htmlOf(t, reporttest.Failing()), `id="baseline"`) {
		t.Error("a page without a baseline has its section")
	}
}

func TestIntervalBars(t *testing.T) {
	t.Parallel()
	percent := func(v, low, high float64) verdict.Estimate {
		return verdict.Estimate{Value: &v, Low: &low, High: &high, N: 20, Unit: criteria.UnitPercent}
	}
	plain := func(v float64, unit criteria.Unit) verdict.Estimate {
		return verdict.Estimate{Value: &v, N: 3, Unit: unit}
	}
	scales := ranges{score: scale{1, 10}, own: map[text.Untrusted]bool{text.New("words"): true}}
	for _, c := range []struct {
		name, criterion string
		value           verdict.Estimate
		want            string // value, threshold, zone, interval, axis
	}{
		{"a rate stands on 0 to 100", "success_rate >= 95", percent(80, 60, 90), "80% 95% 95%+5% 60%+30% 0..100%"},
		{"high rates are seen from near", "success_rate >= 99.5", percent(99.2, 98, 99.9), "84% 90% 90%+10% 60%+38% 95..100%"},
		{"low rates too", "flaky_rate <= 4", percent(3, 1, 5), "60% 80% 0%+80% 20%+80% 0..5%"},
		{"an overall score stands on its scale", "overall_score >= 7.75", plain(5.5, criteria.UnitNone), "50% 75% 75%+25% none 1..10"},
		{"a sum of scores does not", "overall_score.sum >= 60", plain(75, criteria.UnitNone), "100% 80% 80%+20% none 0..75"},
		{"an eval in its own unit has no known end", `eval "words": score < 40`, plain(30, criteria.UnitNone), "60% 80% 0%+80% none 0..50"},
		{"an eval's score is a percentage", `eval "x": score < 70`, plain(60, criteria.UnitNone), "60% 70% 0%+70% none 0..100"},
		{"seconds stand on a round scale", "duration.p95 <= 180", plain(120, criteria.UnitSeconds), "60% 90% 0%+90% none 0..200 s"},
		{"a change has its zero in the middle", "success_rate.change >= -5", percent(-10, -20, 5), "25% 37.5% 37.5%+62.5% 0%+62.5% -20..20%"},
		{"one number has no zone", "total_calls == 4", plain(3, criteria.UnitCalls), "60% 80% none none 0..5"},
		{"a criterion of nobody has no bound", "as you like it", percent(80, 60, 90), "80%  none 60%+30% 0..100%"},
	} {
		b := checkBar(verdict.Check{Criterion: c.criterion, Value: c.value, Outcome: verdict.Met}, scales)
		show := func(e *extent) string {
			if e == nil {
				return "none"
			}
			return fmt.Sprintf("%s+%s", e.X, e.Width)
		}
		got := fmt.Sprintf("%s %s %s %s %s..%s", b.Value, b.Bound, show(b.Zone), show(b.Interval), b.From, b.To)
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if checkBar(verdict.Check{Criterion: "success_rate >= 95", Outcome: verdict.NoData}, scales) != nil {
		t.Error("a bar of nothing")
	}
}

func TestABarOfTheHistogramIsRedOnlyWhereTheBoundIsOnCalls(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		criterion, passWhen string
		red                 bool
	}{
		"a bound on the mean":   {"overall_score >= 7.5", "", false},
		"a bound on a low one":  {"overall_score.p10 >= 5", "", false},
		"a bound on the lowest": {"overall_score.min >= 5", "", true},
		"what calls need":       {"success_rate >= 90", "overall_score >= 5", true},
	} {
		r := reporttest.Failing()
		r.Verdict.Checks = []verdict.Check{{Criterion: c.criterion, Outcome: verdict.NotMet}}
		if c.passWhen != "" {
			var err error
			if r.Rules.PassWhen, err = criteria.ParseConditions(c.passWhen); err != nil {
				t.Fatal(err)
			}
		}
		red := false
		for _, b := range scores(r).Bars {
			red = red || b.Tone == bad
		}
		if red != c.red {
			t.Errorf("%s: red is %v", name, red)
		}
	}
}

func TestCriteriaForEachScenarioAreOneRowWithTheFailingOnesBelow(t *testing.T) {
	t.Parallel()
	r := reporttest.Failing()
	r.Verdict.Checks = []verdict.Check{{Criterion: "success_rate >= 90", Outcome: verdict.Met}}
	for i := range 400 {
		c := verdict.Check{Criterion: "each scenario: success_rate >= 80", Scope: text.New(fmt.Sprintf("Scenario %d", i)), Outcome: verdict.Met, Margin: 5}
		if i < 50 {
			c.Outcome, c.Margin = verdict.NotMet, -float64(i)
		}
		r.Verdict.Checks = append(r.Verdict.Checks, c)
	}
	v := criteriaList(r)
	if len(v.Open) != 1+openMember || !v.Open[0].Each || v.Open[0].Value != "350 of 400 met" || v.Open[0].Tone != bad {
		t.Errorf("%d rows are open, the first is %+v", len(v.Open), v.Open[0])
	}
	for _, row := range v.Open[1:] {
		if !row.Under || row.Outcome != "not met" || row.Scope == "" {
			t.Errorf("below it is %+v", row)
		}
	}
	if v.Tally != "351 of 401 met" || v.Folds != "351 met, 40 not met" {
		t.Errorf("tally %q, folded %q", v.Tally, v.Folds)
	}
	for i := range r.Verdict.Checks {
		r.Verdict.Checks[i].Outcome = verdict.Met
	}
	if v = criteriaList(r); len(v.Open) != 2 || v.Folds != "400 met" {
		t.Errorf("all met: %d rows are open, folded %q", len(v.Open), v.Folds)
	}
}

func TestACallIsNotPaintedAsPassedWhereNothingTells(t *testing.T) {
	t.Parallel()
	if endingTone(report.EndSucceeded) == good {
		t.Errorf("a call that is only known to have %s has the tone of a good one", report.EndSucceeded.Word())
	}
}
