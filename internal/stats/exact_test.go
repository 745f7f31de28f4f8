package stats

import "testing"

func TestClopperPearsonAgreesWithSciPy(t *testing.T) {
	t.Parallel()
	// scipy.stats.binomtest(hits, total).proportion_ci(level, method="exact")
	cases := []struct {
		hits, total int
		level       Level
		low, high   float64
	}{
		{19, 20, 0.95, 0.7512672372279723, 0.998734910502044},
		{20, 20, 0.95, 0.8315665290169145, 1},
		{8, 10, 0.95, 0.4439045376923585, 0.9747892736731665},
		{990, 1000, 0.95, 0.9816867569448875, 0.9951944893089419},
		{0, 1, 0.95, 0, 0.975},
		{99_999, 100_000, 0.95, 0.9999442848396557, 0.9999997468215721},
		{3, 7, 0.5, 0.25307397577395585, 0.621151559358293},
		{499, 500, 0.99, 0.9852349286103095, 0.9999899749666039},
		{16, 20, 0.999, 0.4136829220536834, 0.9809467075758356},
		{1, 1000, 0.9999999, 5.0001248734097557e-11, 0.01966259351287422},
	}
	for _, c := range cases {
		agrees(t, ClopperPearson(c.hits, c.total, c.level), c.low, c.high)
	}
}

// ClopperPearson is the exact interval of the proportion of hits in total independent tries, as
// fractions (C. J. Clopper and E. S. Pearson, 1934): each side errs at most half of 1 - l, whatever the
// proportion. total is at least 1.
func ClopperPearson(hits, total int, l Level) Interval {
	tail := 1 - l.upper()
	return Interval{exactLow(hits, total, tail), 1 - exactLow(total-hits, total, tail)}
}
