package stats

import (
	"math"
	"testing"
)

// agrees fails the test unless an interval has these ends, but for the last digits.
func agrees(t testing.TB, got Interval, low, high float64) {
	t.Helper()
	if !(math.Abs(got.Low-low) <= 1e-9 && math.Abs(got.High-high) <= 1e-9) {
		t.Errorf("got %.17g to %.17g, want %.17g to %.17g", got.Low, got.High, low, high)
	}
}

func TestWilsonAgreesWithSciPy(t *testing.T) {
	t.Parallel()
	// scipy.stats.binomtest(hits, total).proportion_ci(level, method="wilson")
	cases := []struct {
		hits, total int
		level       Level
		low, high   float64
	}{
		{18, 20, 0.95, 0.69896635477151281, 0.97213351878623189},
		{0, 20, 0.95, 0, 0.16112515805281935},
		{20, 20, 0.95, 0.83887484194718076, 1},
		{1, 1, 0.95, 0.20654931437723745, 1},
		{0, 1, 0.9, 0, 0.73013405121594577},
		{57, 100, 0.95, 0.47215389549212305, 0.66266701475889878},
		{499, 500, 0.99, 0.98319122670847736, 0.99976514550561169},
		{3, 7, 0.5, 0.31060347774975139, 0.55525721599154509},
		{16, 20, 0.999, 0.43520966809797551, 0.95405232986733268},
		{95000, 100000, 0.95, 0.94863181748965342, 0.95133361070902167},
	}
	for _, c := range cases {
		got := Wilson(c.hits, c.total, c.level)
		agrees(t, got, c.low, c.high)
	}
	if got := Wilson(7, 7, 0.95); got.High != 1 {
		t.Errorf("all hits: got high %v, want exactly 1", got.High)
	}
	if got := Wilson(0, 7, 0.95); got.Low != 0 {
		t.Errorf("no hits: got low %v, want exactly 0", got.Low)
	}
}

func TestTheLevelOfALookWithoutNewCallsSaysNothing(t *testing.T) {
	t.Parallel()
	all := Level(0.95).Spent(40, 40, 200)
	values := []float64{1, 1, 2, 5, 9, 10}
	counts := []Count{{5, 5}, {3, 5}, {4, 5}}
	for name, got := range map[string]Interval{
		"Wilson":           Wilson(18, 20, all),
		"ClopperPearson":   Percent(ClopperPearson(18, 20, all)),
		"Gaffke":           Gaffke(values, 0, 100, all),
		"MeanInterval":     MeanInterval(values, nil, all),
		"LogMeanInterval":  LogMeanInterval(values, nil, all),
		"RateOver":         RateOver(counts, all),
		"PairedRates":      PairedRates(5, 3, 20, all).Interval,
		"RateChangeWithin": RateChangeWithin([]Stratum{{5, 5, 3, 5}}, all).Interval,
		"PassAll":          PassAll(counts, 2, all).Interval,
		"QuantileInterval": QuantileInterval(values, 0.5, all),
	} {
		if !(got.Low <= 0 && got.High >= 100) {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
