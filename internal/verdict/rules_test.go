package verdict

import (
	"math"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
)

func TestDecideByInterval(t *testing.T) {
	t.Parallel()
	// 16 of 20 is 58.4 to 91.9 percent.
	for bound, want := range map[string]CheckOutcome{
		">= 58": Met, ">= 59": Undecided, ">= 91": Undecided, ">= 92": NotMet,
		"> 58": Met, "> 59": Undecided, "> 92": NotMet,
		"<= 92": Met, "<= 91": Undecided, "<= 59": Undecided, "<= 58": NotMet,
		"< 92": Met, "< 91": Undecided, "< 58": NotMet,
		"== 80": Undecided, "== 58": NotMet, "== 92": NotMet,
	} {
		v := Judge(twenty(), Rules{Set: criteria.Set{Criteria: parsed(t, "success_rate "+bound)}, DecideOn: DecideOnInterval})
		if got := only(t, v).Outcome; got != want {
			t.Errorf("success_rate %s: got %s, want %s", bound, got, want)
		}
	}
}

func TestAVerdictNeedsChecks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		outcomes []CheckOutcome
		want     Kind
	}{
		{"no checks", nil, Error},
		{"an outcome that is none", []CheckOutcome{""}, Error},
		{"an outcome that is none beside one that is met", []CheckOutcome{Met, "almost"}, Error},
		{"met", []CheckOutcome{Met, Met}, Pass},
	} {
		j := &judgement{}
		for _, o := range c.outcomes {
			j.findings = append(j.findings, finding{Check: Check{Outcome: o}})
		}
		kind, _ := j.outcome()
		if kind != c.want || j.reason(kind).IsEmpty() {
			t.Errorf("%s: got %s (%s), want %s", c.name, kind, j.reason(kind), c.want)
		}
	}
}

func TestDecideOfASide(t *testing.T) {
	t.Parallel()
	inf := math.Inf(1)
	cases := []struct {
		name      string
		low, high float64
		op        string
		bound     float64
		want      CheckOutcome
	}{
		{"touching from above, at least", 5, 9, ">=", 5, Met},
		{"touching from above, above", 5, 9, ">", 5, Undecided},
		{"touching from below, at least", 1, 5, ">=", 5, Undecided},
		{"touching from below, above", 1, 5, ">", 5, NotMet},
		{"touching from below, at most", 1, 5, "<=", 5, Met},
		{"touching from below, below", 1, 5, "<", 5, Undecided},
		{"touching from above, at most", 5, 9, "<=", 5, Undecided},
		{"touching from above, below", 5, 9, "<", 5, NotMet},
		{"a point, at least", 5, 5, ">=", 5, Met},
		{"a point, equal", 5, 5, "==", 5, Met},
		{"a point, not equal", 5, 5, "==", 6, NotMet},
		{"touching, equal", 5, 9, "==", 5, Undecided},
		{"touching, equal", 1, 5, "==", 5, Undecided},
		{"inside, equal", 1, 9, "==", 5, Undecided},
		{"beside, equal", 6, 9, "==", 5, NotMet},
		{"beside, equal", 1, 4, "==", 5, NotMet},
		{"open below, met", -inf, 4, "<=", 5, Met},
		{"open below, not met", -inf, 4, ">=", 5, NotMet},
		{"open below, undecided", -inf, 6, ">=", 5, Undecided},
		{"open below, touching", -inf, 5, ">=", 5, Undecided},
		{"open above, met", 6, inf, ">=", 5, Met},
		{"open above, not met", 6, inf, "<=", 5, NotMet},
		{"open above, undecided", 4, inf, "<=", 5, Undecided},
		{"open on both sides", -inf, inf, ">=", 5, Undecided},
		{"open on both sides, equal", -inf, inf, "==", 5, Undecided},
	}
	for _, c := range cases {
		s := stats.Side{Point: stats.Point{Value: (c.low + c.high) / 2}, Interval: stats.Interval{Low: c.low, High: c.high}}
		if got := decideSide(s, c.op, c.bound, true); got != c.want {
			t.Errorf("%s: %v to %v %s %v: got %s, want %s", c.name, c.low, c.high, c.op, c.bound, got, c.want)
		}
	}
}

func TestNumbersThatAreNoneAreNeverMet(t *testing.T) {
	t.Parallel()
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, op := range []string{">=", ">", "<=", "<", "=="} {
			r := plain(criteria.UnitNone, 3, stats.Side{Point: stats.Point{Value: v}, Interval: stats.Interval{Low: v, High: v}}, true)
			for _, on := range []DecideOn{DecideOnEstimate, DecideOnInterval} {
				if got := r.decide(op, 5, on); got != NoData {
					t.Errorf("%v %s 5 on %s: got %s, want no data", v, op, on, got)
				}
				if got := plain(criteria.UnitNone, 3, stats.Exactly(stats.Point{Value: 5}), false).decide(op, v, on); got != NoData {
					t.Errorf("5 %s %v on %s: got %s, want no data", op, v, on, got)
				}
			}
		}
	}
	if criteria.Holds("<>", 0) || criteria.Holds("", 1) || criteria.Holds("", -1) {
		t.Error("an unknown comparison holds")
	}
}

func TestStatsWithoutAnIntervalDecideOnTheValue(t *testing.T) {
	t.Parallel()
	scored20 := twenty()
	alter(&scored20, 16, failed) // the one without a score
	for line, want := range map[string]CheckOutcome{
		"overall_score.min >= 3": Met, "overall_score.min > 3": NotMet, "overall_score.max <= 8": Met, "overall_score.sum >= 89": Met,
		"overall_score.sum >= 90": NotMet, "failed_calls <= 4": Met, "failed_calls <= 3": NotMet,
	} {
		c := Judge(scored20, Rules{Set: criteria.Set{Criteria: append(parsed(t, line), criteria.MinSuccessRate(0))}, DecideOn: DecideOnInterval}).Checks[0]
		if c.Outcome != want || c.Value.Low != nil || c.Value.High != nil {
			t.Errorf("%s: got %s, %+v, want %s without an interval", line, c.Outcome, c.Value, want)
		}
		const note = "; it has no interval, so the measured value decides"
		if !strings.HasSuffix(c.Detail.Raw(), note) {
			t.Errorf("%s: got %q, want it to say so", line, c.Detail.Raw())
		}
		if plain := only(t, beside(t, scored20, line)); plain.Detail.Raw()+note != c.Detail.Raw() {
			t.Errorf("%s: on the estimate got %q, want no note", line, plain.Detail.Raw())
		}
	}
}

func TestPercentilesDecideByTheirOwnInterval(t *testing.T) {
	t.Parallel()
	// 100 durations of 1 to 100 s: p95 is 95, its interval 90 to 100; the median is 50.5,
	// its interval 40 to 61.
	var calls []Call
	for i := range 100 {
		calls = append(calls, call("A", lasting(float64(i+1))))
	}
	for line, want := range map[string]CheckOutcome{
		"duration.p95 <= 100": Met, "duration.p95 <= 99": Undecided, "duration.p95 <= 90": Undecided, "duration.p95 <= 89": NotMet,
		"duration.median <= 61": Met, "duration.median <= 60": Undecided, "duration.median <= 39": NotMet,
	} {
		if got := only(t, Judge(runOf(calls...), Rules{Set: criteria.Set{Criteria: parsed(t, line)}, DecideOn: DecideOnInterval})).Outcome; got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
	// With 20 calls p95 has no upper limit, so nothing shows that it is low enough.
	few := Judge(runOf(calls[:20]...), Rules{Set: criteria.Set{Criteria: parsed(t, "duration.p95 <= 1000\nduration.p05 >= 0\nduration.p05 >= 9")}, DecideOn: DecideOnInterval})
	for i, want := range []CheckOutcome{Undecided, Undecided, NotMet} {
		c := few.Checks[i]
		if c.Outcome != want {
			t.Errorf("%s of 20: got %s, want %s", c.Criterion, c.Outcome, want)
		}
		if (c.Value.Low == nil) == (c.Value.High == nil) {
			t.Errorf("%s of 20: got %v to %v, want one limit", c.Criterion, c.Value.Low, c.Value.High)
		}
	}
}

func TestOneValueDecidesNothingByInterval(t *testing.T) {
	t.Parallel()
	c := only(t, Judge(runOf(call("A", scored(9))), Rules{Set: criteria.Set{Criteria: parsed(t, "overall_score >= 5")}, DecideOn: DecideOnInterval}))
	if c.Outcome != Undecided || c.Detail.Raw() != "mean of 1 call, 95% interval 1.2–9.97; about 2 more calls would decide (80% chance at the measured value)" {
		t.Errorf("got %s (%s), want undecided", c.Outcome, c.Detail.Raw())
	}
	c = only(t, Judge(runOf(call("A", lasting(9))), Rules{Set: criteria.Set{Criteria: parsed(t, "duration <= 100")}, DecideOn: DecideOnInterval}))
	if c.Outcome != Undecided || c.Detail.Raw() != "mean of 1 call, too few values for a 95% interval; more values are needed to decide" {
		t.Errorf("got %s (%s), want undecided", c.Outcome, c.Detail.Raw())
	}
}

func TestMoreCallsWouldDecide(t *testing.T) {
	t.Parallel()
	// 16 of 20 against 85: in half of the runs 176 more would do, in 80 % of them it takes these.
	for _, c := range []struct {
		succeeded, total int
		bound            float64
		want             int
	}{{16, 20, 60, 18}, {16, 20, 85, 418}, {16, 20, 90, 56}, {95, 100, 90, 104}, {20, 20, 95, 53}, {3, 10, 50, 33}} {
		r := readRate(c.succeeded, 0, c.total, 0.95)
		if got := r.decide(">=", c.bound, DecideOnInterval); got != Undecided {
			t.Errorf("%d of %d against %v: got %s, want undecided", c.succeeded, c.total, c.bound, got)
		}
		if got := r.more(c.bound); got != c.want {
			t.Errorf("%d of %d against %v: got %d more, want %d", c.succeeded, c.total, c.bound, got, c.want)
		}
	}
	if got := readRate(18, 0, 20, 0.95).more(90); got != 0 {
		t.Errorf("on the bound: got %d, want none", got)
	}
	if got := readRate(20, 0, 20, 0.95).more(100); got != 0 {
		t.Errorf("all of all against 100: got %d, want none", got)
	}
	if got := readRate(9000, 0, 10000, 0.95).more(90.01); got != 0 {
		t.Errorf("more calls than anybody makes: got %d, want none", got)
	}
}

func TestMoreValuesWouldDecideAMean(t *testing.T) {
	t.Parallel()
	// The interval of 4 to 8 is 1.5 off a bound of 7.5 with a half width of 2: (2/1.5)² times the 18
	// calls, 32, are enough in half of the runs, and (1+0.84/1.96)² times as many, 65.3, in 80 %.
	s := stats.Side{Point: stats.Point{Value: 6}, Interval: stats.Interval{Low: 4, High: 8}}
	r := plain(criteria.UnitNone, 18, s, true)
	r.further = furtherValues(upTo(18), criteria.StatMean, s, 0.95)
	if got := r.more(7.5); got != 48 {
		t.Errorf("got %d more, want 48", got)
	}
	if got := r.more(6); got != 0 {
		t.Errorf("on the bound: got %d, want none", got)
	}
}

func TestMoreValuesWouldDecideAPercentile(t *testing.T) {
	t.Parallel()
	// 20 values, all below the bound: a share of 1 against 0.95 takes 73.
	s := stats.Exactly(stats.Point{Value: 19})
	r := plain(criteria.UnitSeconds, 20, s, true)
	r.further = furtherValues(upTo(20), "p95", s, 0.95)
	if got := r.more(100); got != 53 {
		t.Errorf("got %d more, want 53", got)
	}
	// On a value: those up to it are a share of 0.5, or 0.45 where the value itself is above.
	if got := r.more(10); got != 0 && got != 1 {
		t.Errorf("got %d more, want next to none", got)
	}
	ties := []float64{1, 1, 1, 5, 5, 5, 5, 5, 9, 9}
	for _, c := range []struct {
		value, bound, below float64
	}{{1, 5, 0.8}, {5, 5, 0.8}, {9, 5, 0.3}, {9, 1, 0}, {1, 9, 1}, {1, 6, 0.8}, {9, 6, 0.8}} {
		further := furtherValues(ties, "p50", stats.Exactly(stats.Point{Value: c.value}), 0.95)
		if got, want := further(c.bound), stats.MoreCalls(int(math.Round(10*c.below)), 10, 0.5, 0.95); got != want {
			t.Errorf("%v against %v: got %d more, want %d, those of a share of %v", c.value, c.bound, got, want, c.below)
		}
	}
	// 18 of 20 below 18.5, a share of 0.9 against 0.95.
	if got := r.more(18.5); got != 157 {
		t.Errorf("got %d more, want 157", got)
	}
}

// upTo are the values 1 to n.
func upTo(n int) []float64 {
	var values []float64
	for v := range n {
		values = append(values, float64(v+1))
	}
	return values
}
