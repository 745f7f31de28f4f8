package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// The distributions use mathext instead of gonum's distuv, which computes the same with the same
// functions but links a linear algebra library into the program.

// normalQuantile is the quantile of the standard normal distribution, 0 < p < 1.
func normalQuantile(p float64) float64 { return mathext.NormalQuantile(p) }

// studentQuantile is the quantile of Student's t distribution with df degrees of freedom, in its
// upper half: 0.5 <= p < 1.
func studentQuantile(p, df float64) float64 {
	// P(|T| > t) is the regularised incomplete beta function of df/(df+t²) with the
	// parameters df/2 and 1/2.
	x := mathext.InvRegIncBeta(df/2, 0.5, 2*(1-p))
	return math.Sqrt(df * (1 - x) / x)
}

// binomialCDF is the probability of at most k hits in n tries with hit probability p.
func binomialCDF(k, n int, p float64) float64 {
	switch {
	case k < 0:
		return 0
	case k >= n:
		return 1
	}
	return mathext.RegIncBeta(float64(n-k), float64(k+1), 1-p)
}

// atLeast is the probability of at least k hits, also when it is too small for 1 minus the others.
func atLeast(k, n int, p float64) float64 {
	switch {
	case k <= 0:
		return 1
	case k > n:
		return 0
	}
	return mathext.RegIncBeta(float64(k), float64(n-k+1), p)
}
