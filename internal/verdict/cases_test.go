package verdict

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// played is the evidence of trials: outcomes[case][trial] is p for passed, f for failed, l for lost . for
// a call that never came, and n for passed, without its row.
func played(rows bool, outcomes ...string) Evidence {
	e := Evidence{Execution: Execution{ID: uuid.New(), Status: calls.ExecutionCompleted}}
	trials := len(outcomes[0])
	for t := 1; t < trials; t++ {
		e.Further = append(e.Further, Execution{ID: uuid.New(), Status: calls.ExecutionCompleted, Trial: t})
	}
	scenario := uuid.UUID{1}
	e.Plan = []Planned{{ID: scenario, Name: text.New("refunds"), Calls: new(len(outcomes) * trials)}}
	var p CallPacker
	order := rand.New(rand.NewPCG(1, uint64(trials)))
	for i, tries := range outcomes {
		for t, o := range tries {
			c := Call{Call: calls.Call{ID: uuid.UUID{byte(order.Uint32()), byte(i), byte(t)}, Scenario: text.New("refunds"), ScenarioID: scenario, Status: calls.Completed, Execution: t}, Attempts: 1, FirstOutcome: Succeeded}
			if rows && o != 'n' {
				c.Row = uint64(1 + i)
			}
			switch o {
			case 'f':
				c.Status, c.FirstOutcome = calls.Failed, Failed
			case 'l':
				c.Status, c.FirstOutcome, c.EndedReason = calls.Failed, Lost, text.New("Activity task failed")
			case '.':
				continue
			}
			p.Add(c)
		}
	}
	p.Sort()
	e.Calls = p.Calls()
	return e
}

func byCriteria(t *testing.T, lines string) Rules {
	t.Helper()
	all, err := criteria.Parse(lines)
	if err != nil {
		t.Fatal(err)
	}
	return Rules{Set: criteria.Set{Criteria: all}}
}

func TestCasesArePairedByWhatTheyPlay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		evidence Evidence
		line     string
		outcome  CheckOutcome
		value    string // empty for none
		unknown  int
	}{
		{"every trial passes", played(true, "ppp", "ppp"), "pass^3 >= 100", Met, "100", 0},
		{"one trial of six fails", played(true, "ppp", "ppf"), "pass^3 >= 60", NotMet, "50", 0},
		{"two of three: pass^2 is 1/3", played(true, "ppf"), "pass^2 >= 33.4", NotMet, "33.3333", 0},
		{"two of three: pass^1 is the pass rate", played(true, "ppf"), "pass^1 >= 66.6", Met, "66.6667", 0},
		{"one of three: pass@2 is 2/3", played(true, "pff"), "pass@2 >= 66.6", Met, "66.6667", 0},
		{"one of three: pass@3 is 1", played(true, "pff", "ppp"), "pass@3 >= 100", Met, "100", 0},
		{"a lost call could decide", played(true, "ppp", "ppl"), "pass^3 >= 60", NoData, "", 1},
		{"a lost call cannot decide", played(true, "ppp", "fpl"), "pass^3 >= 60", NotMet, "50", 0},
		{"a missing call could decide", played(true, "ppp", "pp."), "pass^3 >= 60", NoData, "", 1},
		{"a case that never came", played(true, "ppp", "..."), "pass^3 >= 60", NoData, "", 1},
		{"no row, one call a trial", played(false, "ppf"), "pass^3 >= 50", NotMet, "0", 0},
		{"no rows", played(false, "ppp", "ppp"), "pass^3 >= 50", NoData, "", 0},
		{"no row of one call", played(true, "ppp", "pnp"), "pass^3 >= 50", NoData, "", 0},
		{"no row, and one call a trial came", played(true, "n..", ".n.", "..n"), "pass^3 >= 50", NoData, "", 6},
		{"too few trials", played(true, "pp"), "pass^3 >= 50", NoData, "", 0},
	} {
		v := Judge(c.evidence, byCriteria(t, c.line))
		check := v.Checks[0]
		if check.Outcome != c.outcome || check.Unknown != c.unknown {
			t.Errorf("%s: %s with %d unknown (%s), want %s with %d", c.name, check.Outcome, check.Unknown, check.Detail.Line(), c.outcome, c.unknown)
		}
		if c.value != "" && (check.Value.Value == nil || fmt.Sprintf("%.6g", *check.Value.Value) != c.value) {
			t.Errorf("%s: value %v, want %s", c.name, check.Value.Value, c.value)
		}
	}
}

func TestCasesThatNeverPassedComeFirst(t *testing.T) {
	t.Parallel()
	v := Judge(played(true, "ppp", "fff", "ppf", "pff", "pl."), byCriteria(t, "success_rate >= 10"))
	type row struct{ passed, failed, unknown int }
	var got []row
	for _, c := range v.Cases {
		got = append(got, row{c.Passed, c.Failed, c.Unknown})
		if len(c.Calls) != 3 {
			t.Errorf("%s has %d tries", c.Name.Line(), len(c.Calls))
		}
	}
	if diff := cmp.Diff([]row{{0, 3, 0}, {1, 2, 0}, {2, 1, 0}, {1, 0, 2}, {3, 0, 0}}, got, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if one := Judge(played(true, "p", "f"), byCriteria(t, "success_rate >= 10")); len(one.Cases) != 0 {
		t.Errorf("one trial has %d cases", len(one.Cases))
	}
}

// Whatever unknown calls turn out to be, a decided pass^K stays decided.
func TestNoFillingOfUnknownCallsContradictsACaseMetric(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		cases := make([]string, 1+r.IntN(4))
		for i := range cases {
			for range 3 {
				cases[i] += string("pfl"[r.IntN(3)])
			}
		}
		line := fmt.Sprintf("pass%c%d %s %d", "^@"[r.IntN(2)], 1+r.IntN(3), []string{">=", "<=", ">", "<"}[r.IntN(4)], 1+r.IntN(98))
		rules := byCriteria(t, line)
		open := Judge(played(true, cases...), rules).Checks[0].Outcome
		if open == NoData {
			continue
		}
		for range 5 {
			filled := make([]string, len(cases))
			for i, c := range cases {
				for _, o := range c {
					if o == 'l' {
						o = rune("pf"[r.IntN(2)])
					}
					filled[i] += string(o)
				}
			}
			if got := Judge(played(true, filled...), rules).Checks[0].Outcome; got != open {
				t.Errorf("%s over %v is %s, but over %v it is %s", line, cases, open, filled, got)
			}
		}
	}
}
