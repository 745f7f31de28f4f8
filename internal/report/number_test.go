package report

import (
	"math"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestValueInItsUnit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value float64
		unit  criteria.Unit
		want  Figure
	}{
		"whole percent":          {80, criteria.UnitPercent, "80%"},
		"one decimal":            {88.888, criteria.UnitPercent, "88.9%"},
		"all but one of 5,000":   {99.98, criteria.UnitPercent, "99.98%"},
		"all but one of 10^5":    {99.999, criteria.UnitPercent, "99.999%"},
		"one of 10^5":            {0.001, criteria.UnitPercent, "0.001%"},
		"none":                   {0, criteria.UnitPercent, "0%"},
		"all":                    {100, criteria.UnitPercent, "100%"},
		"score":                  {6.125, criteria.UnitNone, "6.12"},
		"whole score":            {8, criteria.UnitNone, "8"},
		"seconds":                {94, criteria.UnitSeconds, "94 s"},
		"cents":                  {10.06, criteria.UnitCents, "10.1 ¢"},
		"calls":                  {3, criteria.UnitCalls, "3"},
		"a change downwards":     {-4.26, criteria.UnitPercent, "-4.3%"},
		"no minus before a zero": {-0.001, criteria.UnitNone, "0"},
		"not a number":           {math.NaN(), criteria.UnitNone, "–"},
		"infinite":               {math.Inf(1), criteria.UnitSeconds, "– s"},
	} {
		if got := Value(verdict.Estimate{Value: &c.value, Unit: c.unit}); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if got := Value(verdict.Estimate{Unit: criteria.UnitPercent}); got != Unknown {
		t.Errorf("unknown value: got %q, want %q", got, Unknown)
	}
}

func TestMissedCriterionNeverPrintsAsItsBound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value, bound float64
		unit         criteria.Unit
		wantValue    Figure
		wantMissed   Figure
	}{
		"by points":     {80, 95, criteria.UnitPercent, "80%", "15 points"},
		"by one point":  {94, 95, criteria.UnitPercent, "94%", "1 point"},
		"by a fraction": {94.97, 95, criteria.UnitPercent, "94.97%", "0.03 points"},
		"by a hair":     {94.9996, 95, criteria.UnitPercent, "94.9996%", "0.0004 points"},
		"a score":       {7.499, 7.5, criteria.UnitNone, "7.499", "0.001"},
		"calls":         {4, 2, criteria.UnitCalls, "4", "2 calls"},
		"seconds":       {181.5, 180, criteria.UnitSeconds, "181.5 s", "1.5 s"},
	} {
		check := verdict.Check{Value: verdict.Estimate{Value: &c.value, Unit: c.unit}, Outcome: verdict.NotMet, Short: math.Abs(c.value - c.bound)}
		if got := ValueTo(check.Value, CheckPlaces(check)); got != c.wantValue {
			t.Errorf("%s: value %q, want %q", name, got, c.wantValue)
		}
		if got := MissedBy(check); got != c.wantMissed {
			t.Errorf("%s: missed by %q, want %q", name, got, c.wantMissed)
		}
	}
}

func TestAValueAndItsInterval_areShownOnTheirSideOfTheBound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, criterion  string
		value, low, high float64
		want, interval   Figure
	}{
		{"not enough by a little, and not known", "success_rate >= 63.2", 100 * 12.0 / 19, 40, 80, "63.16%", "40–80"},
		{"enough by a little", "success_rate > 63.1", 63.14, 40, 80, "63.14%", "40–80"},
		{"just enough", "success_rate >= 80", 80, 60, 90, "80%", "60–90"},
		{"far away", "success_rate >= 80", 63.158, 41.04, 80.85, "63.2%", "41–80.8"},
		{"an interval that reaches over the bound", "success_rate >= 80", 90, 79.98, 95.02, "90%", "79.98–95.02"},
		{"a score", "overall_score >= 7", 6.9996, 6.1, 7.9, "6.9996", "6.1–7.9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			read, _ := Criterion(verdict.Check{Criterion: c.criterion})
			metric, _ := read.Lookup()
			check := verdict.Check{
				Criterion: c.criterion, Outcome: verdict.NoData, Margin: math.Abs(c.value - read.Bound),
				Value: verdict.Estimate{Value: &c.value, Low: &c.low, High: &c.high, Unit: metric.Unit},
			}
			if got := ValueTo(check.Value, CheckPlaces(check)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := CheckInterval(check); got != c.interval {
				t.Errorf("the interval is %q, want %q", got, c.interval)
			}
		})
	}
}

func TestIntervalOfNegativeNumbersCanBeRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		low, high float64
		want      Figure
	}{{58.4, 91.94, "58.4–91.9"}, {-5, -3, "-5 to -3"}, {-1.5, 2, "-1.5 to 2"}, {0, 100, "0–100"}} {
		if got := Interval(verdict.Estimate{Low: &c.low, High: &c.high, Unit: criteria.UnitPercent}); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	for want, e := range map[Figure]verdict.Estimate{
		"":        {},
		"≥ 125.5": {Low: new(125.5), Unit: criteria.UnitSeconds},
		"≤ 9":     {High: new(9.0)},
	} {
		if got := Interval(e); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]Figure{
		0: "0 s", 400 * time.Millisecond: "0.4 s", 12 * time.Second: "12 s", 727 * time.Second: "12 min 7 s", 3*time.Hour + 5*time.Minute + 59*time.Second: "3 h 5 min",
		59*time.Second + 600*time.Millisecond: "1 min 0 s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("duration(%v): got %q, want %q", d, got, want)
		}
	}
}

func TestLinkTakesOnlyWhatIsSafeEverywhere(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]Figure{
		"https://app.futureagi.com/dashboard":  "https://app.futureagi.com/dashboard",
		"http://127.0.0.1:3000/x?a=1&b=2":      "http://127.0.0.1:3000/x?a=1&b=2",
		"http://[::1]:8000/x":                  "http://[::1]:8000/x",
		"https://h/a)[x](javascript:alert(1))": "https://h/a%29[x]%28javascript:alert%281%29%29",
		"https://h/a|b `c`":                    "https://h/a%7Cb%20%60c%60",
		"https://h/\"><script>":                "https://h/%22%3E%3Cscript%3E",
		"javascript:alert(1)":                  "",
		"//h/x":                                "",
		"https://user:pass@h/x":                "",
		"https:///x":                           "",
		"https://h/\x1b[31m":                   "",
		"":                                     "",
	} {
		if got := Link(raw); got != want {
			t.Errorf("link(%q): got %q, want %q", raw, got, want)
		}
	}
}

func TestHistogram(t *testing.T) {
	t.Parallel()
	sum := func(bars []Bar) (n int) {
		for _, b := range bars {
			n += b.N
		}
		return n
	}
	for name, c := range map[string]struct {
		scores []float64
		bars   int
		first  Figure
	}{
		"CSAT":                       {[]float64{1, 7, 7.9, 10, 3}, 10, "1"},
		"CSAT with a fallback zero":  {[]float64{0, 7, 10}, 11, "0"},
		"all the same CSAT":          {[]float64{8, 8, 8}, 10, "1"},
		"another scale":              {[]float64{10, 55, 110}, 10, "10"},
		"negative":                   {[]float64{-1, 0, 1}, 10, "-1"},
		"0 to 1":                     {[]float64{0, 0.5, 1}, 10, "0"},
		"all alike on another scale": {[]float64{50, 50}, 0, ""},
		"not a number":               {[]float64{1, math.NaN()}, 0, ""},
		"none":                       {nil, 0, ""},
	} {
		got := histogram(c.scores)
		if len(got) != c.bars {
			t.Errorf("%s: %d bars, want %d", name, len(got), c.bars)
			continue
		}
		if c.bars > 0 && (got[0].Label != c.first || sum(got) != len(c.scores)) {
			t.Errorf("%s: first bar %q with %d scores in all, want %q and %d", name, got[0].Label, sum(got), c.first, len(c.scores))
		}
	}
}

func TestCheckValue_hasTheSignOfAChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		criterion string
		value     verdict.Estimate
		want      Figure
	}{
		{"duration.change <= 10", verdict.Estimate{Value: new(30.0), Unit: criteria.UnitSeconds}, "+30 s"},
		{"success_rate.change >= -1", verdict.Estimate{Value: new(-6.0), Unit: criteria.UnitPoints}, "-6 points"},
		{"success_rate.change >= -1", verdict.Estimate{Value: new(0.0), Unit: criteria.UnitPoints}, "0 points"},
		{"duration <= 10", verdict.Estimate{Value: new(30.0), Unit: criteria.UnitSeconds}, "30 s"},
		{"overall_score >= 3", verdict.Estimate{Value: new(1e308)}, "1e+308"},
	} {
		if got := CheckValue(verdict.Check{Criterion: c.criterion, Value: c.value}); got != c.want {
			t.Errorf("%s: got %q, want %q", c.criterion, got, c.want)
		}
	}
}
