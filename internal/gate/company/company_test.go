package company_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/company"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// planned is a gate that is ready after a while, or fails before.
type planned struct {
	after    time.Duration
	calls    int
	estimate *budget.Estimate
	fails    verdict.Cause // empty for ready
}

func cost(calls int, cents float64) *budget.Estimate {
	return &budget.Estimate{Calls: calls, Executions: 2, Cents: &cents}
}

// begin lets gates get ready, and returns why each is refused; "started" if it is not.
func begin(t *testing.T, limits budget.Limits, gates ...planned) (said []string, members []*company.Member) {
	t.Helper()
	names := []string{"a", "b", "c", "d"}[:len(gates)]
	members = company.New(names, limits, 0).Members()
	said = make([]string, len(gates))
	for i, g := range gates {
		go func() {
			time.Sleep(g.after)
			if g.fails != "" {
				members[i].Over(verdict.Verdict{Kind: verdict.Error, Cause: g.fails, Reason: text.New("wrong")}, budget.Spent{})
				said[i] = string(g.fails)
				return
			}
			err := members[i].Ready(t.Context(), g.calls, g.estimate)
			said[i] = "started"
			if refused, ok := errors.AsType[gate.NotStartedError](err); ok {
				said[i] = string(refused.Cause) + ": " + refused.Error()
			}
		}()
	}
	time.Sleep(time.Hour)
	synctest.Wait()
	return said, members
}

func TestGatesStartTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	minutes := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	for _, c := range []struct {
		name   string
		limits budget.Limits
		gates  []planned
		want   []string
	}{
		{"no limit", budget.Limits{}, []planned{{calls: 1000}, {after: minutes(3), calls: 1}}, []string{"started", "started"}},
		{"room for two", budget.Limits{Calls: 10}, []planned{{calls: 5}, {calls: 5}, {calls: 5}},
			[]string{"started", "started", "budget: no room for its 5 calls in the budget of 10 calls (0 left)"}},
		{"in the order of the file, whoever is ready first", budget.Limits{Calls: 10}, []planned{{after: minutes(5), calls: 8}, {calls: 5}},
			[]string{"started", "budget: no room for its 5 calls in the budget of 10 calls (2 left)"}},
		{"a later, smaller one may still fit", budget.Limits{Calls: 10}, []planned{{calls: 8}, {calls: 5}, {calls: 2}},
			[]string{"started", "budget: no room for its 5 calls in the budget of 10 calls (2 left)", "started"}},
		{"unknown counts reserve nothing", budget.Limits{Calls: 10}, []planned{{}, {calls: 10}}, []string{"started", "started"}},
		{"one that fails reserves nothing", budget.Limits{Calls: 10}, []planned{{calls: 6, fails: verdict.CauseOperational}, {calls: 6}}, []string{"operational", "started"}},
		{"a mistake keeps all from starting", budget.Limits{}, []planned{{calls: 5}, {after: minutes(9), fails: verdict.CauseConfig}, {calls: 5}},
			[]string{"config: gate b cannot run, so none is started", "config", "config: gate b cannot run, so none is started"}},
		{"two mistakes", budget.Limits{}, []planned{{fails: verdict.CauseConfig}, {fails: verdict.CauseConfig}, {calls: 5}},
			[]string{"config", "config", "config: 2 gates cannot run (a, b), so none is started"}},
		{"money", budget.Limits{Cents: 1000}, []planned{{calls: 5, estimate: cost(5, 700)}, {calls: 5, estimate: cost(5, 400)}, {calls: 5, estimate: cost(5, 300)}, {calls: 5}},
			[]string{"started", "budget: it would cost about $4.00 (median of 2 earlier executions), which does not fit into the budget of $10.00 ($3.00 left)", "started", "started"}},
		{"minutes", budget.Limits{Minutes: 20}, []planned{{calls: 5, estimate: &budget.Estimate{Calls: 5, Executions: 1, Minutes: new(30.0)}}},
			[]string{"budget: its calls would take about 30 minutes (as in 1 earlier execution), which does not fit into the budget of 20 minutes (20 minutes left)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				said, members := begin(t, c.limits, c.gates...)
				var plans []company.Plan
				for i, want := range c.want {
					if said[i] != want {
						t.Errorf("gate %d: %q, want %q", i, said[i], want)
					}
					if refused := members[i].Refusal() != nil; refused != (want != "started" && c.gates[i].fails == "") {
						t.Errorf("gate %d is refused: %v", i, refused)
					}
					if c.gates[i].fails == "" {
						plans = append(plans, company.Plan{Calls: c.gates[i].calls, Estimate: c.gates[i].estimate})
					}
				}
				if len(plans) < len(c.gates) {
					return
				}
				for i, why := range company.Fit(c.limits, plans) { // a dry run says the same
					if got := "budget: " + why.Line(); why.IsEmpty() != (said[i] == "started") || !why.IsEmpty() && got != said[i] {
						t.Errorf("gate %d fits: %q, want %q", i, got, said[i])
					}
				}
			})
		})
	}
}

func TestAGateThatIsStoppedDoesNotWaitForOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		members := company.New([]string{"a", "b"}, budget.Limits{}, 0).Members()
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(gate.ErrInterrupted) })
		if err := members[0].Ready(ctx, 5, nil); !errors.Is(err, gate.ErrInterrupted) {
			t.Errorf("error %v", err)
		}
		members[0].Over(verdict.Verdict{Kind: verdict.Error, Cause: verdict.CauseInterrupted}, budget.Spent{})
		if err := members[1].Ready(t.Context(), 5, nil); err != nil {
			t.Errorf("the other one: %v", err)
		}
	})
}

func TestWhatIsLeftOfTheBudgetIsCommon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, members := begin(t, budget.Limits{Calls: 20}, planned{calls: 8}, planned{calls: 5}, planned{})
		none := budget.Spent{}
		for i, c := range []struct{ got, want string }{
			{members[0].More(4, none).Line(), ""},
			{members[1].More(4, none).Line(), "4 more calls would pass the budget of 20 calls (3 left)"},
			{members[1].More(1, none).Line(), ""},
			{members[0].Placed(12).Line(), ""},
			{members[2].Placed(2).Line(), ""}, // what was not known is taken when it is
			{members[2].Placed(2).Line(), ""},
			{members[2].Placed(5).Line(), "the gate places 5 calls, 3 more than planned, for which the budget of 20 calls has no room (0 left)"},
			{members[0].More(1, none).Line(), "1 more call would pass the budget of 20 calls (0 left)"},
		} {
			if c.got != c.want {
				t.Errorf("step %d: %q, want %q", i, c.got, c.want)
			}
		}
	})
}

func TestMoneyIsSpentTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, members := begin(t, budget.Limits{Cents: 1000, Minutes: 60}, planned{calls: 5, estimate: cost(5, 400)}, planned{calls: 5})
		spent := func(cents, minutes float64) budget.Spent {
			return budget.Spent{Calls: 5, Priced: 5, Timed: 5, Cents: cents, Seconds: 60 * minutes}
		}
		if l := members[1].Leaves(); l.Cents != 1000 || l.Minutes != 60 {
			t.Errorf("at first %+v is left", l)
		}
		if why := members[0].Passed(spent(300, 10)); !why.IsEmpty() {
			t.Error(why)
		}
		if l := members[1].Leaves(); l.Cents != 700 || l.Minutes != 50 {
			t.Errorf("%+v is left for the other", l)
		}
		// What the first was expected to cost is not there for the reruns of the second.
		if why := members[1].More(2, spent(2000, 1)).Line(); why != "2 more calls, at about $8.00, would make $12.00, over the budget of $10.00" {
			t.Errorf("%q", why)
		}
		if why := members[1].More(1, spent(2000, 1)); !why.IsEmpty() {
			t.Error(why)
		}
		if why := members[1].Passed(spent(701, 1)).Line(); why != "the calls of all gates so far cost $10.01, more than the budget of $10.00" {
			t.Errorf("%q", why)
		}
		if l := members[0].Leaves(); l.Cents != 299 {
			t.Errorf("%+v is left for the first", l)
		}
		members[1].Over(verdict.Verdict{}, spent(2000, 1))
		if l := members[0].Leaves(); l.Cents <= 0 || l.Cents > 1e-6 {
			t.Errorf("%+v is left when everything is spent: 0 would be no limit", l)
		}
	})
}

// Whoever spends it, and whenever that becomes known: all are told once the budget is used up.
func TestAllAreToldWhenTheBudgetIsUsedUp(t *testing.T) {
	t.Parallel()
	minutes := func(n float64) budget.Spent { return budget.Spent{Calls: 1, Timed: 1, Seconds: 60 * n} }
	for name, spend := range map[string]func(*company.Member){
		"by a gate that runs":       func(m *company.Member) { m.Passed(minutes(4.5)) },
		"by a gate that has ended":  func(m *company.Member) { m.Over(verdict.Verdict{}, minutes(4.5)) },
		"by more than one of them":  func(m *company.Member) { m.Passed(minutes(2)) },
		"by more than it was asked": func(m *company.Member) { m.Passed(minutes(1)); m.Passed(minutes(9)); m.Passed(minutes(2)) },
	} {
		members := company.New([]string{"a", "b"}, budget.Limits{Minutes: 4}, 0).Members()
		gone := func() bool {
			select {
			case <-members[1].Gone():
				return true
			default:
				return false
			}
		}
		if members[1].Passed(minutes(2.5)); gone() {
			t.Errorf("%s: gone at once", name)
		}
		if spend(members[0]); !gone() {
			t.Errorf("%s: not gone", name)
		}
	}
}

// What a gate still had planned is not counted twice, and what others are expected to take is not there for it.
func TestFurtherTrialsAreRefusedThatWouldPassTheCommonBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, members := begin(t, budget.Limits{Cents: 1000}, planned{calls: 10, estimate: cost(10, 500)}, planned{calls: 5, estimate: cost(5, 300)})
		spent := budget.Spent{Calls: 5, Priced: 5, Cents: 300}
		members[0].Passed(spent)
		if why := members[0].Refuses(5, spent); !why.IsEmpty() {
			t.Error(why)
		}
		members[1].Passed(budget.Spent{Calls: 5, Priced: 5, Cents: 450})
		if why := members[0].Refuses(5, spent).Line(); why != "5 more calls, at about $3.00, would make $10.50, over the budget of $10.00" {
			t.Errorf("%q", why)
		}
	})
}
