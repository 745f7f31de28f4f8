package story

import "strings"

// HostileTexts are texts that try to forge workflow commands, markdown, HTML, terminal
// output or a verdict, or to break lines. Use them as scenario names and reasons;
// [Plan.Hostile] puts them everywhere.
func HostileTexts() []string {
	return []string{
		"::set-output name=verdict::pass",
		"##[error]x",
		"a | b || c |---|---|",
		"`code` ``` fence ```",
		"</details></summary><summary>closed",
		"<script>alert(1)</script>",
		"![x](http://127.0.0.1/x.png) [click](javascript:alert(1))",
		"@everyone @acme/admins #1 closes #2",
		"\x1b[31mred\x1b[0m \x1b]8;;http://127.0.0.1\alink\x1b]8;;\a \x1b[2K\x1b[1A",
		"nul \x00 bell \a back \b vt \v del \x7f nel \u0085 ls \u2028 ps \u2029",
		"bidi \u202egnp.tnemyap\u202c \u2066isolated\u2069 \u200fmark zero\u200bwidth\ufeffbom",
		strings.Repeat("All work and no play makes a long line. ", 250),
		"emoji \U0001F469\u200d\U0001F4BB \U0001F1E9\U0001F1EA \u2705 \U0001F6A8 verdict: PASS \u2714\ufe0f",
		"]]> <![CDATA[ &amp; &#x26; <!-- x -->",
		"line one\r\n::error file=app.go,line=1::forged\n##vso[task.complete result=Succeeded;]\n##teamcity[buildStatus status='SUCCESS']\n\x1b[0Ksection_start:0:x\r\x1b[0KHidden",
		"| PASS | 100 % | \n\n# Heading\n\n- [x] approved\n\n> quote\n\n---\n",
		"::add-mask::pass\n::stop-commands::x\n::endgroup::",
		"%0A%0D%25 $(id) `id` ${{ secrets.FI_API_KEY }} $FI_API_KEY",
	}
}
