package html

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// opened is the markup of all rows with open details, without white space between elements.
const opened = `(async () => {
  const all = [...document.querySelectorAll("#list details")];
  all.forEach((d) => { d.open = true; });
  while (all.some((d) => d.children.length < 2)) await new Promise(requestAnimationFrame);
  return all.map((d) => d.outerHTML.replace(/>\s+</g, "><").replace(/ open=""/, ""));
})()`

func sameWithoutScript(t *testing.T, b *browser) {
	for name, r := range map[string]report.Report{"fail": reporttest.Failing(), "flaky": reporttest.FlakyRun(), "interrupted": reporttest.Interrupted(), "transcripts": reporttest.WithTranscripts(reporttest.Failing()), "trials": reporttest.Trials(), "executions": reporttest.TextRerun()} {
		b.do(t, emulation.SetScriptExecutionDisabled(true))
		b.open(t, r, "")
		want := eval[[]string](t, b, `[...document.querySelectorAll("#list details")].map((d) => d.outerHTML.replace(/>\s+</g, "><"))`)
		if hidden := eval[bool](t, b, `getComputedStyle(document.querySelector(".tools")).display === "none"`); !hidden {
			t.Errorf("%s: controls that do nothing are shown", name)
		}
		b.do(t, emulation.SetScriptExecutionDisabled(false))
		b.open(t, r, "")
		var got []string
		b.do(t, chromedp.Evaluate(opened, &got, awaited))
		if !slices.Equal(got, want) {
			t.Errorf("%s: the script makes other rows:%s", name, firstDifference(got, want))
		}
	}
}

func filtersCalls(t *testing.T, b *browser) {
	b.open(t, reporttest.Failing(), "")
	for _, step := range []struct {
		do   chromedp.Action
		want string
	}{
		{chromedp.Click(`#outcome [value="failed"]`), "2 of 20 calls, worst first"},
		{chromedp.Click(`#outcome [value="low"]`), "3 of 20 calls, worst first"},
		{chromedp.Click(`#outcome [value="unsuccessful"]`), "3 of 20 calls, worst first"},
		{chromedp.Click(`#outcome [value="below your bar"]`), "4 of 20 calls, worst first"},
		{chromedp.Click(`#outcome [value="lost"]`), "1 of 20 calls, worst first"},
		{chromedp.Click(`#outcome [value="unpassed"]`), "7 of 20 calls, worst first"},
		{pick("scenario", "Billing dispute"), "3 of 20 calls, worst first"},
		{chromedp.Click(`#outcome [value="all"]`), "10 of 20 calls, worst first"},
		{pick("eval", "groundedness"), "1 of 20 calls, worst first"},
		{pick("scenario", "Refund for a damaged order"), "0 of 20 calls, worst first"},
		{chromedp.Evaluate(`document.querySelector("#reset").click()`, nil), "20 calls, worst first"},
	} {
		b.do(t, step.do)
		if got := b.shownCalls(t); got != step.want {
			t.Errorf("got %q, want %q", got, step.want)
		}
	}
}

// pick chooses an option as a reader does: the script is notified by an event.
func pick(id, value string) chromedp.Action {
	return chromedp.Evaluate(fmt.Sprintf(`{ const s = document.querySelector("#%s"); s.value = %q; s.dispatchEvent(new Event("change")); }`, id, value), nil)
}

func searchesCalls(t *testing.T, b *browser) {
	b.open(t, reporttest.Failing(), "")
	b.do(t, input.DispatchKeyEvent(input.KeyDown).WithKey("/").WithText("/"), chromedp.KeyEvent("CARRIER 503"))
	if got, want := b.shownCalls(t), "1 of 20 calls, worst first"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	b.do(t, chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent("no such word"))
	if got, want := b.shownCalls(t), "0 of 20 calls, worst first"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !eval[bool](t, b, `document.querySelector("#empty").checkVisibility()`) {
		t.Error("an empty list says nothing")
	}
}

func ordersCalls(t *testing.T, b *browser) {
	b.open(t, reporttest.Failing(), "")
	column := `#columns [value="score"]`
	b.do(t, chromedp.Click(column))
	up := b.column(t, "c-score")
	if up[0] != "0" || up[15] != "10" || up[16] != "no score" {
		t.Errorf("lowest first: %q", up)
	}
	b.do(t, chromedp.Click(column))
	down := b.column(t, "c-score")
	if down[0] != "10" || down[15] != "0" || down[16] != "no score" {
		t.Errorf("highest first: %q", down)
	}
	b.do(t, chromedp.Click(`#columns [value="scenario"]`))
	if names := b.column(t, "c-scenario"); names[0] != "Billing dispute" || names[19] != "Refund for a damaged order" {
		t.Errorf("by scenario: %q", names)
	}
	if got, want := b.shownCalls(t), "20 calls, by scenario, ascending"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func opensByKeyboard(t *testing.T, b *browser) {
	b.open(t, reporttest.Failing(), "")
	b.do(t, chromedp.Focus(`#list li:nth-child(2) summary`), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowUp),
		chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(`#list li:first-child .detail`))
	text := eval[string](t, b, `document.querySelector("#list li:first-child .detail").innerText`)
	for _, want := range []string{"is_helpful", "failed", "The agent named the order and offered a refund.", "Error processing simulation"} {
		if !strings.Contains(text, want) {
			t.Errorf("the detail does not hold %q:\n%s", want, text)
		}
	}
	b.do(t, chromedp.KeyEvent(kb.Enter))
	if eval[bool](t, b, `document.querySelector("#list li:first-child .detail").checkVisibility()`) {
		t.Error("the call did not close")
	}
}

// talkative returns a run of failed calls with long transcripts.
func talkative(n, turns int) report.Report {
	r := reporttest.Large(n, 8)
	r.Evidence.Calls = r.Evidence.Calls.With(func(i int, c *verdict.Call) {
		if c.Outcome() == verdict.Succeeded {
			return
		}
		c.Transcript = &verdict.Transcript{}
		for turn := range turns {
			role := []calls.Role{calls.RoleAgent, calls.RoleCustomer}[turn%2]
			c.Transcript.Turns = append(c.Transcript.Turns, calls.Turn{Role: role, Text: text.New(fmt.Sprintf("Turn %d of call %d, and some more words", turn, i)), StartSeconds: new(float64(turn))})
		}
	})
	return r
}

// oneCall returns a run of one failed call with a very long name and reason.
func oneCall() report.Report {
	r := reporttest.NewRun("one", calls.AgentVoice)
	r.Call(strings.Repeat("A customer who asks for one thing after the other ", 8), calls.Failed, -1, strings.Repeat("carrier-returned-503-", 40))
	return r.Report(verdict.Verdict{Kind: verdict.Fail, Reason: text.New("success_rate 0% < 95%")}, 1)
}

func readsTranscripts(t *testing.T, b *browser) {
	b.open(t, talkative(60, 80), "")
	if !strings.Contains(eval[string](t, b, `document.querySelector("#search").placeholder`), "transcript") {
		t.Error("nothing says that transcripts can be searched")
	}
	b.do(t, chromedp.Focus(`#list li:first-child summary`), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(`#list .talk`))
	box := `document.querySelector("#list .talk ol")`
	if turns := eval[int](t, b, box+`.children.length`); turns != 80 {
		t.Errorf("%d turns, want 80", turns)
	}
	if !eval[bool](t, b, box+`.scrollHeight > `+box+`.clientHeight && `+box+`.clientHeight < innerHeight`) {
		t.Error("a long transcript does not scroll within")
	}
	b.do(t, chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.End))
	if !eval[bool](t, b, `document.activeElement === `+box) {
		t.Error("the keyboard does not get into the transcript")
	}
	sides := `(() => { const [a, c] = [...document.querySelectorAll("#list .talk li p")].map((p) => p.getBoundingClientRect()), box = document.querySelector("#list .talk ol").getBoundingClientRect();
		return [a.left - box.left, box.right - a.right, c.left - box.left, box.right - c.right, c.top - a.bottom]; })()`
	wide := eval[[]float64](t, b, sides)
	if wide[0] > 40 || wide[1] < 100 || wide[2] < 100 || wide[3] > 60 {
		t.Errorf("the agent does not stand on the left, or the customer not on the right: %v", wide)
	}
	b.do(t, b.screen(390, 900, "light"))
	if narrow := eval[[]float64](t, b, sides); narrow[4] < 0 {
		t.Errorf("on a phone turns do not stand below each other: %v", narrow)
	}
	b.do(t, b.screen(1440, 900, "light"), chromedp.SendKeys(`#search`, "turn 3 of call"))
	if got := b.shownCalls(t); strings.HasPrefix(got, "0 ") || strings.HasPrefix(got, "60 calls") {
		t.Errorf("a search for what was said gives %q", got)
	}
}

// showsWhatAReasonQuotes opens a call whose eval quotes a turn far down in a long transcript.
func showsWhatAReasonQuotes(t *testing.T, b *browser) {
	r := talkative(60, 80)
	at := report.Unsuccessful(r)[0]
	reporttest.ChangeCall(&r, at, func(c *verdict.Call) {
		words := c.Transcript.Turns[60].Text.Raw()
		c.Evals = []calls.Eval{calls.NewEval(calls.EvalResult{Name: text.New("tone"), Reason: text.New(`It said "` + words + `".`)})}
	})
	b.open(t, r, "#calls?call="+r.Evidence.Calls.ID(at).String())
	b.do(t, chromedp.WaitVisible(`#list .talk .quoted`))
	const boxes = `(() => { const [q, o, e] = [".quoted", "ol", "table"].map((s) => document.querySelector("#list details[open] .beside " + s).getBoundingClientRect());
		return [q.top - o.top, o.bottom - q.bottom, o.left - e.right, document.querySelectorAll("#list .quoted").length]; })()`
	if got := eval[[]float64](t, b, boxes); got[0] < 0 || got[1] < 0 || got[2] < 0 || got[3] != 1 {
		t.Errorf("the quoted turn is not in sight beside the reason: %v", got)
	}
	if by := eval[string](t, b, `document.querySelector("#list .quoted .by").textContent`); by != "quoted by tone" {
		t.Errorf("it is marked %q", by)
	}
}

func hidesWhatIsOfNoUse(t *testing.T, b *browser) {
	b.open(t, oneCall(), "")
	if eval[bool](t, b, `document.querySelector(".tools").checkVisibility()`) {
		t.Error("one call can be filtered")
	}
	b.open(t, reporttest.Passing(), "")
	if eval[bool](t, b, `document.querySelector("#outcome").checkVisibility()`) || !eval[bool](t, b, `document.querySelector("#search").checkVisibility()`) {
		t.Error("there is a choice of one outcome, or no search")
	}
	b.open(t, reporttest.ErrorBeforeAnyCall(), "")
	if got := eval[string](t, b, `document.querySelector("#calls").innerText`); !strings.Contains(got, "No calls to show") {
		t.Errorf("without calls it says %q", got)
	}
}

// staysFluid bounds the time per keystroke in the search by what would be too slow on any
// machine, and logs it.
func staysFluid(t *testing.T, b *browser) {
	r := talkative(5000, 20)
	page := htmlOf(t, r)
	b.open(t, r, "")
	took := eval[float64](t, b, `(() => {
		const search = document.querySelector("#search"), began = performance.now();
		for (const q of ["s", "si", "sit", "refund", "turn 3", ""]) { search.value = q; search.dispatchEvent(new Event("input")); document.body.offsetHeight; }
		return (performance.now() - began) / 6;
	})()`)
	t.Logf("5,000 calls, 13%% of them with 20 turns: %.1f MB, %.0f ms a keystroke", float64(len(page))/1e6, took)
	if took > 1000 {
		t.Errorf("%.0f ms a keystroke among 5,000 calls", took)
	}
}

func jumpsToCalls(t *testing.T, b *browser) {
	b.open(t, reporttest.Failing(), "")
	b.do(t, chromedp.Click(`.checks tbody tr.under .jump`))
	if got, want := b.shownCalls(t), "3 of 20 calls, worst first"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if names := b.column(t, "c-scenario"); slices.Contains(names, "Billing dispute") {
		t.Errorf("calls of another scenario: %q", names)
	}
	if !eval[bool](t, b, `document.activeElement.matches("#list summary")`) {
		t.Error("the keyboard did not come along")
	}
}

func leadsFromCaseToCall(t *testing.T, b *browser) {
	b.open(t, reporttest.ManyCases(400), "")
	count := `[...document.querySelectorAll(".cases tbody tr")].filter((e) => e.checkVisibility()).length`
	if got := eval[int](t, b, count); got != openCases {
		t.Errorf("%d of 400 cases are open, want %d", got, openCases)
	}
	b.do(t, chromedp.Evaluate(`document.querySelectorAll("#cases details").forEach((d) => { d.open = true; })`, nil))
	if got := eval[int](t, b, count); got != 400 {
		t.Errorf("%d of 400 cases can be seen", got)
	}
	b.do(t, chromedp.Click(`.cases a.try.bad`))
	want := eval[string](t, b, `document.querySelector(".cases a.try.bad").hash.split("call=")[1]`)
	b.do(t, chromedp.WaitReady(`#list details[open] .detail`))
	if got := eval[string](t, b, `document.querySelector("#list details[open]").dataset.id`); got != want {
		t.Errorf("call %s is open, want %s", got, want)
	}
	// The execution of a call is a link to its own page in the dashboard.
	trial := eval[string](t, b, `document.querySelector("#list details[open] .detail a").textContent`)
	if title := eval[string](t, b, `document.querySelector(".cases a.try.bad").title`); !strings.HasPrefix(title, trial+": ") {
		t.Errorf("a cell of %q leads to a call of %q", title, trial)
	}
}

func restoresAddress(t *testing.T, b *browser) {
	r := reporttest.Failing()
	open := r.Evidence.Calls.ID(3).String()
	b.open(t, r, "#calls?q=billing&call="+open)
	b.do(t, chromedp.WaitVisible(`details[data-id="`+open+`"] .detail`))
	if got, want := b.shownCalls(t), "10 of 20 calls, worst first"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	b.open(t, r, "#calls?call="+open[:8])
	b.do(t, chromedp.WaitVisible(`details[data-id="`+open+`"] .detail`))
	b.open(t, r, "#calls?call=12345678-0000-4000-8000-000000000000")
	if got := b.shownCalls(t); got != "Call 12345678 is not among these" {
		t.Errorf("a call that is not there: %q", got)
	}
	b.open(t, r, "#calls?q=billing&call="+open)
	b.do(t, chromedp.Click(`#outcome [value="failed"]`))
	if got, want := eval[string](t, b, `location.hash`), "#calls?outcome=failed&q=billing"; got != want {
		t.Errorf("address %q, want %q", got, want)
	}
}

// listsCallsOfGates opens a page with two gates whose calls have the same scenarios.
func listsCallsOfGates(t *testing.T, b *browser) {
	page := suiteOf(t, reporttest.SuiteOf(budget.Limits{},
		report.Gate{Name: "voice", Report: reporttest.Failing()}, report.Gate{Name: "chat_2", Report: reporttest.Passing()}))
	shown := func(gate string) string {
		return eval[string](t, b, `document.getElementById("`+gate+`.shown").textContent`)
	}
	isOpen := func(gate string) bool {
		return eval[bool](t, b, `document.getElementById("gate-`+gate+`").open`)
	}
	b.openPage(t, page, "")
	if !isOpen("voice") || isOpen("chat_2") {
		t.Error("not only the gate that failed is open")
	}
	b.do(t, chromedp.Click(`[id="voice.outcome"] [value="failed"]`))
	if got, want := shown("voice")+"; "+shown("chat_2"), "2 of 20 calls, worst first; 3 calls, worst first"; got != want {
		t.Errorf("a filter of one gate: %q, want %q", got, want)
	}
	if got, want := eval[string](t, b, `location.hash`), "#voice.calls?outcome=failed"; got != want {
		t.Errorf("address %q, want %q", got, want)
	}
	b.do(t, chromedp.Click(`[id="voice.criteria"] a.jump`))
	if got := shown("voice"); got == "2 of 20 calls, worst first" {
		t.Error("a criterion does not lead to its calls")
	}
	call := reporttest.Passing().Evidence.Calls.ID(1).String()
	for _, hash := range []string{"#chat_2.calls?call=" + call, "#calls?call=" + call} {
		b.openPage(t, page, hash)
		if !isOpen("chat_2") || !eval[bool](t, b, `document.querySelector('[data-id="`+call+`"]').open`) {
			t.Errorf("%s does not open the call", hash)
		}
	}
	b.openPage(t, page, "#chat_2.calls?outcome=passed")
	if !isOpen("chat_2") {
		t.Error("an address within a folded gate does not open it")
	}
	b.openPage(t, page, "")
	b.do(t, chromedp.Click(`#gates a[href="#gate-chat_2"]`), chromedp.WaitReady(`#gate-chat_2[open]`))
}

func choosesTheme(t *testing.T, b *browser) {
	b.open(t, reporttest.Passing(), "")
	colour := `getComputedStyle(document.body).backgroundColor`
	light := eval[string](t, b, colour)
	b.do(t, chromedp.Click(`#theme`))
	dark := eval[string](t, b, colour)
	if light == dark {
		t.Errorf("both are %s", light)
	}
	b.do(t, chromedp.Reload(), chromedp.WaitReady("footer"))
	if got := eval[string](t, b, colour); got != dark {
		t.Errorf("after a reload %s, want %s", got, dark)
	}
	b.do(t, chromedp.Click(`#theme`), chromedp.Evaluate(`localStorage.clear()`, nil))
}

func showsManyCalls(t *testing.T, b *browser) {
	b.open(t, reporttest.Large(2000, 40), "")
	rendered := func() int { return eval[int](t, b, `document.querySelector("#list").children.length`) }
	if got := rendered(); got != plainCalls {
		t.Errorf("%d rows at first, want %d", got, plainCalls)
	}
	b.do(t, chromedp.Evaluate(`document.querySelector("#next").click()`, nil))
	if got, want := rendered(), plainCalls+100; got != want {
		t.Errorf("%d rows after a click, want %d", got, want)
	}
	b.do(t, chromedp.Click(`#outcome [value="passed"]`), chromedp.SendKeys(`#search`, "situation 07"))
	if got := b.shownCalls(t); !strings.Contains(got, "of 2000 calls") || strings.HasPrefix(got, "0 ") {
		t.Errorf("got %q", got)
	}
}

func defusesText(t *testing.T, b *browser) {
	tags := `[...new Set([...document.querySelectorAll("*")].map((e) => e.localName))].sort()`
	b.open(t, reporttest.Harmless(), "")
	b.do(t, chromedp.Evaluate(opened, nil, awaited))
	want := eval[[]string](t, b, tags)
	var all report.Report
	for i, s := range append(reporttest.HostileTexts(t), `</script><script>document.title = "owned"</script>`, `"><img src=x onerror=alert(1)>`) {
		r := reporttest.Poisoned(s)
		if i == 0 {
			all = r
			continue
		}
		all.Evidence.Calls = reporttest.Packed(append(reporttest.Unpacked(all), reporttest.Unpacked(r)...)...)
		all.Verdict.Checks = append(all.Verdict.Checks, r.Verdict.Checks...)
		all.Verdict.Scenarios = append(all.Verdict.Scenarios, r.Verdict.Scenarios...)
		all.Verdict.Evals = append(all.Verdict.Evals, r.Verdict.Evals...)
		all.Verdict.Warnings = append(all.Verdict.Warnings, r.Verdict.Warnings...)
	}
	b.open(t, all, "")
	b.do(t, chromedp.Evaluate(`document.querySelector("#rest").click(); document.querySelector("#next").click()`, nil))
	b.do(t, chromedp.Evaluate(opened, nil, awaited))
	if got := eval[[]string](t, b, tags); !slices.Equal(got, want) {
		t.Errorf("elements %q, want %q", got, want)
	}
	if title := eval[string](t, b, `document.title`); !strings.HasPrefix(title, "FAIL") {
		t.Errorf("the title is %q", title)
	}
}

func fitsAndContrasts(t *testing.T, b *browser) {
	pages := map[string]string{
		"suite": suiteOf(t, reporttest.Suite()), "suite of long words": suiteOf(t, reporttest.PoisonedSuite(strings.Repeat("w", 3000))),
	}
	for name, r := range map[string]report.Report{
		"pass": reporttest.Passing(), "soft fail": reporttest.Cases()["soft-fail"], "inconclusive": reporttest.Inconclusive(),
		"large": reporttest.Large(100, 8), "long words": reporttest.Poisoned(strings.Repeat("w", 3000)), "transcripts": reporttest.WithTranscripts(reporttest.Failing()),
		"no calls": reporttest.ErrorBeforeAnyCall(), "one call": oneCall(), "gaps": reporttest.Gaps(),
		"regression": reporttest.Cases()["regression"], "trials": reporttest.Trials(), "twenty trials": reporttest.WideTrials(), "looks": reporttest.GaveUp(),
	} {
		pages[name] = htmlOf(t, r)
	}
	for name, page := range pages {
		b.openPage(t, page, "")
		b.do(t, chromedp.Evaluate(opened, nil, awaited))
		for _, width := range []int64{390, 900, 1440} {
			b.do(t, b.screen(width, 900, "light"))
			if got := eval[int64](t, b, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s: on a screen of %d the page is %d wide", name, width, got)
			}
		}
		for _, scheme := range []string{"light", "dark"} {
			b.do(t, b.screen(1440, 900, scheme))
			for _, fault := range eval[[]string](t, b, lowContrast) {
				t.Errorf("%s, %s: %s", name, scheme, fault)
			}
		}
	}
	b.do(t, b.screen(1440, 900, "light"), chromedp.Evaluate(`document.querySelector("h2").style.color = "#999"`, nil))
	if faults := eval[[]string](t, b, lowContrast); len(faults) != 1 {
		t.Errorf("a heading of little contrast gives %q", faults)
	}
}

// lowContrast lists texts with less contrast than WCAG 2 level AA requires: 4.5, or 3 for large
// text.
const lowContrast = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = {};
  const rgba = (colour) => known[colour] ??= draw(colour);
  const draw = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const luminance = (c) => {
    const [r, g, b] = [...c].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgba(getComputedStyle(e).backgroundColor);
      if (c[3] === 255) return c;
    }
    return [255, 255, 255];
  };
  const found = new Set();
  for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility() || /^(SCRIPT|TITLE|NOSCRIPT|OPTION)$/i.test(e.tagName)) continue;
    const style = getComputedStyle(e);
    const a = luminance(rgba(e instanceof SVGElement ? style.fill : style.color)), z = luminance(behind(e));
    const ratio = (Math.max(a, z) + 0.05) / (Math.min(a, z) + 0.05);
    const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
    if (ratio < (large ? 3 : 4.5)) found.add(e.localName + "." + e.getAttribute("class") + " has a contrast of " + ratio.toFixed(2));
  }
  return [...found];
})()`
