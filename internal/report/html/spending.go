package html

import "github.com/agent-gate/agent-gate/internal/report"

// spendingStats are the totals of money and minutes among the headline numbers.
func spendingStats(r report.Report) (out []statView) {
	for _, s := range report.Spendings(r) {
		if s.Name == "calls" {
			continue // they are counted above
		}
		v := statView{Name: s.Title, Value: s.Used, Note: s.Note}
		for _, part := range []struct{ before, number, after report.Figure }{{"limit ", s.Limit, ""}, {"", s.Expected, " expected"}} {
			if part.number == "" {
				continue
			}
			if v.Note != "" {
				v.Note += " · "
			}
			v.Note += part.before + part.number + part.after
		}
		if s.Change != "" {
			v.Change = &changeView{Text: s.Change, Then: s.Then, Tone: neutral}
		}
		out = append(out, v)
	}
	return out
}
