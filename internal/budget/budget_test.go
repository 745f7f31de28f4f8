package budget

import (
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
)

func TestWhatACallTookIsThatOfAllItsTries(t *testing.T) {
	t.Parallel()
	began := time.Now()
	for _, c := range []struct {
		name string
		call calls.Call
		want Spent
	}{
		{"one try", calls.Call{Status: calls.Completed, CostCents: new(12.0), DurationSeconds: new(61.0)},
			Spent{Calls: 1, Priced: 1, Timed: 1, Cents: 12, Seconds: 61}},
		{"a rerun", calls.Call{Status: calls.Completed, Reruns: 1, CostCents: new(32.0), DurationSeconds: new(61.0), Earlier: calls.Took{Cents: 20, Seconds: 9, Priced: 1, Timed: 1}},
			Spent{Calls: 2, Priced: 2, Timed: 2, Cents: 32, Seconds: 70}},
		{"a rerun that has not ended", calls.Call{Status: calls.Ongoing, Reruns: 1, Earlier: calls.Took{Cents: 20, Seconds: 9, Priced: 1, Timed: 1}},
			Spent{Calls: 2, Priced: 1, Timed: 1, Cents: 20, Seconds: 9}},
		{"one that waits", calls.Call{Status: calls.Pending}, Spent{Calls: 1, Idle: 1}},
		{"one that failed before it began", calls.Call{Status: calls.Failed}, Spent{Calls: 1, Idle: 1}},
		{"one that failed", calls.Call{Status: calls.Failed, StartedAt: &began}, Spent{Calls: 1}},
		{"one that was cancelled while it went on", calls.Call{Status: calls.Cancelled, StartedAt: &began}, Spent{Calls: 1}},
		{"one that completed", calls.Call{Status: calls.Completed}, Spent{Calls: 1}},
	} {
		if got := Of(c.call); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestTheEstimateTakesTheMedianOfEach(t *testing.T) {
	t.Parallel()
	run := func(calls int, cents, minutes float64) Spent {
		s := Spent{Calls: calls, Cents: cents * float64(calls), Seconds: 60 * minutes * float64(calls)}
		if cents > 0 {
			s.Priced = calls
		}
		if minutes > 0 {
			s.Timed = calls
		}
		return s
	}
	for _, c := range []struct {
		name         string
		each, trials int
		earlier      []Spent
		want         string
	}{
		{"no earlier execution", 20, 1, nil, ""},
		{"one that tells nothing", 20, 1, []Spent{run(20, 0, 0)}, ""},
		{"one without calls", 20, 1, []Spent{{}}, ""},
		{"one", 20, 1, []Spent{run(4, 10, 2)}, "$2.00, 40 minutes; as in 1 earlier execution"},
		{"two", 20, 1, []Spent{run(4, 10, 2), run(4, 20, 1)}, "$3.00, 30 minutes; median of 2 earlier executions"},
		{"three, one of them dear", 20, 1, []Spent{run(4, 10, 2), run(9, 90, 90), run(4, 20, 1)}, "$4.00, 40 minutes; median of 3 earlier executions"},
		{"all trials", 20, 3, []Spent{run(4, 10, 2)}, "$6.00, 120 minutes; as in 1 earlier execution"},
		{"no costs", 20, 1, []Spent{run(4, 0, 0.1)}, "2 minutes; as in 1 earlier execution"},
		{"no durations", 20, 1, []Spent{run(4, 0.01, 0)}, "less than $0.01; as in 1 earlier execution"},
		{"an unknown number of calls", 0, 2, []Spent{run(4, 10, 2)}, "$0.80, 16 minutes; as in 1 earlier execution"},
	} {
		e := EstimateOf(c.each, c.trials, c.earlier)
		got := ""
		if e != nil {
			got = e.Words().Line() + "; " + e.Basis().Line()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLimitsSayWhatIsAboveThem(t *testing.T) {
	t.Parallel()
	both := Limits{Cents: 500, Minutes: 10}
	spent := func(cents, minutes float64) Spent {
		return Spent{Calls: 10, Priced: 10, Timed: 10, Cents: cents, Seconds: 60 * minutes}
	}
	for name, c := range map[string]struct{ got, want string }{
		"on the limits":           {both.Passed(spent(500, 10)).Line(), ""},
		"above max-cost":          {both.Passed(spent(510, 1)).Line(), "the calls so far cost $5.10, more than max-cost $5.00"},
		"above max-cost by a bit": {both.Passed(spent(500.1, 1)).Line(), "the calls so far cost $5.001, more than max-cost $5.00"},
		"above max-minutes":       {both.Passed(spent(1, 10.01)).Line(), "the calls so far took 10.01 minutes, more than max-minutes 10"},
		"no limits":               {Limits{}.Passed(spent(1e9, 1e9)).Line(), ""},
		"a call that fits":        {both.Refuses(1, spent(100, 1), spent(490, 9.9)).Line(), ""},
		"two that do not":         {both.Refuses(2, spent(100, 1), spent(490, 1)).Line(), "2 more calls, at about $0.20, would make $5.10, over max-cost $5.00"},
		"one that takes too long": {both.Refuses(1, spent(1, 10), spent(1, 9.5)).Line(), "1 more call, of about 1 minute, would make 10.5 minutes, over max-minutes 10"},
		"one of unknown cost":     {both.Refuses(1, Spent{}, spent(499, 9)).Line(), ""},
		"one when all is spent":   {both.Refuses(1, Spent{}, spent(501, 1)).Line(), "the calls so far cost $5.01, more than max-cost $5.00"},
		"an unknown estimate":     {both.Forbids(nil).Line(), ""},
		"a small one":             {both.Forbids(&Estimate{Calls: 5, Executions: 2, Cents: new(500.0), Minutes: new(10.0)}).Line(), ""},
		"a dear one":              {both.Forbids(&Estimate{Calls: 5, Executions: 2, Cents: new(700.0)}).Line(), "5 calls would cost about $7.00 (median of 2 earlier executions), more than max-cost $5.00"},
		"a long one":              {both.Forbids(&Estimate{Calls: 5, Executions: 1, Minutes: new(12.0)}).Line(), "5 calls would take about 12 minutes (as in 1 earlier execution), more than max-minutes 10"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", name, c.got, c.want)
		}
	}
}

func TestMoneyAndMinutesAreReadable(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		Dollars(0): "$0.00", Dollars(0.4): "less than $0.01", Dollars(210): "$2.10", Dollars(-20): "−$0.20", Dollars(1234567): "$12345.67",
		Minutes(0): "0 minutes", Minutes(1): "1 minute", Minutes(2.25): "2.2 minutes", Minutes(9.96): "10 minutes", Minutes(25.4): "25 minutes",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestOverIsWhatWasSpentAboveTheLimitsInTheEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		limits  Limits
		spent   Spent
		stopped bool
		want    string
	}{
		{"within", Limits{Calls: 5, Cents: 75, Minutes: 5}, Spent{Calls: 5, Priced: 5, Timed: 5, Cents: 75, Seconds: 300}, false, ""},
		{"money", Limits{Cents: 40}, Spent{Calls: 5, Cents: 75}, false, "the calls of all gates cost $0.75, more than the budget of $0.40"},
		{"minutes", Limits{Minutes: 2}, Spent{Calls: 5, Seconds: 900}, false, "the calls of all gates took 15 minutes, more than the budget in minutes, 2"},
		{"calls", Limits{Calls: 5}, Spent{Calls: 7}, false, "the calls of all gates were 7, more than the budget of 5"},
		{"calls that never began", Limits{Calls: 5}, Spent{Calls: 7, Idle: 2}, false, ""},
		{"calls that did not begin because the run was stopped", Limits{Calls: 5}, Spent{Calls: 7, Idle: 7}, true, "the calls of all gates were 7, more than the budget of 5"},
		{"no limit", Limits{}, Spent{Calls: 7, Cents: 1e9, Seconds: 1e9}, true, ""},
	} {
		c.limits.Common = true
		if got := (Account{Limits: c.limits, Spent: c.spent}).Over(c.stopped).Line(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestALimitIsNotHeldAgainstWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limits Limits
		spent  Spent
		want   string
	}{
		{Limits{Cents: 5, Common: true}, Spent{Calls: 10, Priced: 3, Timed: 10, Cents: 4}, "the budget of $0.05 is not sure to be kept: what 7 of 10 calls cost is not known"},
		{Limits{Minutes: 1, Common: true}, Spent{Calls: 3}, "the budget of 1 minute is not sure to be kept: how long 3 of 3 calls took is not known"},
		{Limits{Minutes: 5}, Spent{Calls: 1}, "max-minutes 5 is not sure to be kept: how long 1 of 1 call took is not known"},
		{Limits{Cents: 5, Minutes: 5}, Spent{Calls: 2, Idle: 1, Priced: 1, Timed: 1}, ""},
		{Limits{Cents: 1000}, Spent{Calls: 20, Priced: 19, Cents: 190}, ""}, // the other one hardly cost so much
		{Limits{Calls: 5}, Spent{Calls: 2}, ""},
	} {
		if got := (Account{Limits: c.limits, Spent: c.spent}).Unheld().Line(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestAPartOfAnEstimateIsThatOfSomeTrials(t *testing.T) {
	t.Parallel()
	e := &Estimate{Calls: 60, Executions: 2, Cents: new(600.0), Minutes: new(90.0)}
	if got := e.Part(2, 3); got.Calls != 40 || *got.Cents != 400 || *got.Minutes != 60 || got.Executions != 2 {
		t.Errorf("two of three: %+v", got)
	}
	if e.Part(3, 3) != e || e.Part(0, 3) != nil || (*Estimate)(nil).Part(1, 3) != nil {
		t.Error("all of it is the whole, and none is nothing")
	}
}
