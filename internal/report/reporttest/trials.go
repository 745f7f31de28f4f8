package reporttest

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// played is what a case did, trial by trial: p passed, b below the bar, f failed, l lost, - missing.
type played struct {
	scenario string
	tries    string
}

// trials adds the calls of several trials; cases of one scenario are its rows.
func (r *Run) trials(all ...played) {
	rows := map[string]uint64{}
	for _, p := range all {
		rows[p.scenario]++
		for trial, how := range p.tries {
			var c *verdict.Call
			switch how {
			case 'p':
				c = r.Call(p.scenario, calls.Completed, float64(7+len(r.calls)%4), "customer-ended-call")
			case 'b':
				c = r.Call(p.scenario, calls.Completed, 3, "customer-ended-call")
			case 'f':
				c = r.Call(p.scenario, calls.Failed, -1, "Agent did not answer")
			case 'l':
				c = r.Call(p.scenario, calls.Failed, -1, NoBalance)
			default:
				continue
			}
			c.Execution, c.Row = trial, rows[p.scenario]
		}
	}
	for name, n := range rows {
		r.Evidence.Plan = append(r.Evidence.Plan, verdict.Planned{
			ID: ID("scenario "+name, 0), Name: text.New(name), Calls: new(int(n) * len(all[0].tries)),
		})
	}
	slices.SortFunc(r.Evidence.Plan, func(a, b verdict.Planned) int { return cmp.Compare(a.Name.Raw(), b.Name.Raw()) })
	for trial := 1; trial < len(all[0].tries); trial++ {
		r.further(trial)
	}
}

// further adds an execution.
func (r *Run) further(trial int) {
	n := len(r.Evidence.Further) + 1
	e := r.Evidence.Execution
	e.ID, e.Trial = ID(r.name+"-execution", n), trial
	e.URL = fmt.Sprintf("https://app.futureagi.com/dashboard/simulate/test/%s/%s/call-details", r.Evidence.RunTest.ID, e.ID)
	e.StartedAt, e.CompletedAt = new(e.StartedAt.Add(e.CompletedAt.Sub(*e.StartedAt)*2)), new(e.CompletedAt.Add(e.CompletedAt.Sub(*e.StartedAt)*2))
	r.Evidence.Further = append(r.Evidence.Further, e)
}

// caseList pairs the calls of trials by row.
func caseList(v verdict.Verdict, e verdict.Evidence) []verdict.Case {
	trials := e.Trials()
	if trials < 2 {
		return nil
	}
	type key struct {
		scenario uuid.UUID
		row      uint64
	}
	at, rows := map[key]int{}, map[uuid.UUID]int{}
	var all []verdict.Case
	for i, c := range e.Calls.All() {
		k := key{c.ScenarioID, c.Row}
		if _, known := at[k]; !known {
			at[k] = len(all)
			rows[c.ScenarioID]++
			all = append(all, verdict.Case{Name: c.Scenario, Scenario: c.Scenario, Calls: slices.Repeat([]int{-1}, trials)})
		}
		all[at[k]].Calls[e.TrialOf(c)-1] = i
	}
	for k, i := range at {
		c := &all[i]
		if rows[k.scenario] > 1 {
			c.Name = text.Sprintf("%s #%d", c.Scenario, k.row)
		}
		for _, call := range c.Calls {
			switch {
			case call < 0 || v.Passed[call] == verdict.PassUnknown:
				c.Unknown++
			case v.Passed[call] == verdict.Passed:
				c.Passed++
			default:
				c.Failed++
			}
		}
	}
	slices.SortFunc(all, func(a, b verdict.Case) int { return cmp.Compare(a.Name.Raw(), b.Name.Raw()) })
	verdict.SortCases(all)
	return all
}

// Trials is a run of three trials with mixed cases, one that never passed, a lost and a missing call.
func Trials() report.Report {
	r := NewRun("trials", calls.AgentVoice)
	r.trials(
		played{"Refund for a damaged order", "ppp"}, played{"Refund for a damaged order", "pfp"}, played{"Refund for a damaged order", "pbp"},
		played{"Billing dispute", "ppp"}, played{"Billing dispute", "bfb"}, played{"Billing dispute", "ppp"},
		played{"Book a table", "plp"}, played{"Move a booking", "pp-"}, played{"Cancel a subscription", "bbp"},
	)
	out := r.Report(verdict.Verdict{
		Kind:   verdict.Fail,
		Reason: text.New("pass^3 is 42.86%, below 80%: 7 cases in 3 trials"),
		Flip:   text.New("3 more cases that pass in every trial needed"),
	}, 1)
	all := check("pass^3 >= 80", verdict.Estimate{Value: new(100 * 3.0 / 7), Low: new(9.9), High: new(81.6), N: 7, Unit: "%"}, 80)
	all.Unknown = 2
	some := check("pass@3 >= 80", verdict.Estimate{Value: new(800.0 / 9), Low: new(51.8), High: new(99.7), N: 9, Unit: "%"}, 80)
	rate := check("success_rate >= 85 tolerance 10", out.Verdict.Metrics.SuccessRate, 80)
	rate.Tolerance, rate.Detail = 10, text.New("23 of 25 calls succeeded, shown not to be below 75%")
	out.Verdict.Checks = []verdict.Check{all, some, rate}
	return out
}

// ManyCases is a run of three trials with n cases, some of them mixed.
func ManyCases(n int) report.Report {
	r := NewRun("many-cases", calls.AgentText)
	var all []played
	for i := range n {
		tries := "ppp"
		switch {
		case i%9 == 4:
			tries = []string{"pbp", "bpp", "ppf"}[i%3]
		case i%23 == 7:
			tries = "bbb"
		}
		all = append(all, played{fmt.Sprintf("Situation %02d: a customer who wants help", i%40+1), tries})
	}
	r.trials(all...)
	out := r.Report(verdict.Verdict{Kind: verdict.Pass, Reason: text.New("the only criterion is met")}, 0)
	out.Verdict.Checks = []verdict.Check{check("pass_rate >= 80", out.Verdict.Metrics.PassRate, 80)}
	return out
}

// WideTrials is a run of twenty trials.
func WideTrials() report.Report {
	r := NewRun("wide-trials", calls.AgentVoice)
	r.trials(
		played{"Refund for a damaged order", "pppppppbppppppppfppp"}, played{"Billing dispute", "bbbbbbbbbbbbbbbbbbbb"},
		played{"Book a table", "pppppppppppppppppppp"}, played{"Move a booking", "ppppppppppplpppppp-p"},
	)
	out := r.Report(verdict.Verdict{Kind: verdict.Pass, Reason: text.New("the only criterion is met")}, 0)
	out.Verdict.Checks = []verdict.Check{check("pass_rate >= 70", out.Verdict.Metrics.PassRate, 70)}
	return out
}

// looked is a run that went on while it was undecided; tries are the cases, trial by trial.
func looked(name string, looks verdict.Looks, all ...played) *Run {
	r := NewRun(name, calls.AgentVoice)
	r.trials(all...)
	r.Evidence.Looks = &looks
	return r
}

// DecidedLate is a run that was undecided after one and two trials, and passed after three.
func DecidedLate() report.Report {
	open := "pass_rate is %s%%, but its interval at look %d of 10 (%s%%) includes the threshold 80%%: a further trial may decide"
	var all []played
	for i := range 20 {
		tries := "ppp"
		if i == 3 {
			tries = "pbp"
		}
		all = append(all, played{[]string{"Refund for a damaged order", "Billing dispute", "Book a table", "Cancel a subscription"}[i%4], tries})
	}
	out := looked("decided-late", verdict.Looks{First: 1, Max: 10, Past: []verdict.Look{
		{Trials: 1, Calls: 20, Kind: verdict.Inconclusive, Reason: text.New(fmt.Sprintf(open, "100", 1, "74.3–100"))},
		{Trials: 2, Calls: 40, Kind: verdict.Inconclusive, Reason: text.New(fmt.Sprintf(open, "97.5", 2, "78.9–99.97"))},
	}}, all...).Report(verdict.Verdict{
		Kind: verdict.Pass, Reason: text.New("the only criterion is met: pass_rate 98.33% (59 of 60)"),
		Flip: text.New("pass_rate 98.33% (need 80): 3 fewer passed calls would no longer meet it"),
	}, 0)
	rate := out.Verdict.Metrics.PassRate
	rate.Low, rate.High = new(84.6), new(99.99)
	c := check("pass_rate >= 80", rate, 80)
	c.Detail = text.New("59 of 60 calls passed, interval at look 3 of 10 84.6–99.99%")
	out.Verdict.Checks = []verdict.Check{c}
	out.Rules.DecideOn = verdict.DecideOnInterval
	return out
}

// GaveUp is a run that was still undecided after as many trials as max-trials allowed.
func GaveUp() report.Report {
	why := text.New("max-trials 4 is reached")
	var all []played
	for i := range 10 {
		all = append(all, played{[]string{"Refund for a damaged order", "Billing dispute"}[i%2], []string{"pppp", "pbpp", "ppbp", "pppp", "bppp"}[i%5]})
	}
	open := "pass_rate is %s%%, but its interval at look %d of 3 (%s%%) includes the threshold 80%%: a further trial may decide"
	out := looked("gave-up", verdict.Looks{First: 2, Max: 4, Stopped: why, Past: []verdict.Look{
		{Trials: 2, Calls: 20, Kind: verdict.Inconclusive, Reason: text.New(fmt.Sprintf(open, "80", 1, "46.5–97"))},
		{Trials: 3, Calls: 30, Kind: verdict.Inconclusive, Reason: text.New(fmt.Sprintf(open, "80", 2, "57.7–93.8"))},
	}}, all...).Report(verdict.Verdict{
		Kind:   verdict.Inconclusive,
		Reason: text.Sprintf("pass_rate is 85%%, but its interval at look 3 of 3 (70.2–94.3%%) includes the threshold 80%%: no further trial, because %s", why),
	}, 5)
	rate := out.Verdict.Metrics.PassRate
	rate.Low, rate.High = new(70.2), new(94.3)
	c := check("pass_rate >= 80", rate, 80)
	c.Outcome, c.Detail = verdict.Undecided, text.Sprintf("34 of 40 calls passed, interval at look 3 of 3 70.2–94.3%%; no further trial, because %s", why)
	out.Verdict.Checks = []verdict.Check{c}
	out.Rules.DecideOn = verdict.DecideOnInterval
	return out
}

// TextRerun is a text agent's run whose failed conversations were held again in a further execution.
func TextRerun() report.Report {
	r := NewRun("text-rerun", calls.AgentText)
	r.trials(
		played{"Refund for a damaged order", "p"}, played{"Refund for a damaged order", "p"}, played{"Billing dispute", "p"}, played{"Billing dispute", "f"},
	)
	r.further(0)
	for i, again := range []bool{false, true, false, true} {
		if !again {
			continue
		}
		c := r.calls[i]
		c.Execution, c.Attempts, c.FirstOutcome = 1, 2, verdict.Failed
		if c.Status == calls.Failed {
			c.EndedReason = text.New("agent: no answer within 60s")
		}
	}
	r.Evidence.Reruns = []verdict.Rerun{{Attempt: 1, Type: calls.RerunCallAndEval, Requested: 2, Accepted: 2, Rescued: 1}}
	out := r.Report(verdict.Verdict{
		Kind: verdict.Fail, Reason: text.New("success_rate is 75%, below 90%: 1 of 4 calls failed"),
	}, 1)
	out.Verdict.Checks = []verdict.Check{check("success_rate >= 90", out.Verdict.Metrics.SuccessRate, 90)}
	return out
}
