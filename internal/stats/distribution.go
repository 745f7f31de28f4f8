package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// The distributions that intervals are made of. They stand on mathext and not on
// gonum's distuv, which computes the same with the same functions but brings a library
// of linear algebra into the program.

// normalQuantile is the quantile of the standard normal distribution, 0 < p < 1.
func normalQuantile(p float64) float64 { return mathext.NormalQuantile(p) }

// studentQuantile is the quantile of Student's t distribution with df degrees of
// freedom, for the upper half of it: 0.5 <= p < 1.
func studentQuantile(p, df float64) float64 {
	// P(|T| > t) is the regularised incomplete beta function of df/(df+t²) with the
	// parameters df/2 and 1/2.
	x := mathext.InvRegIncBeta(df/2, 0.5, 2*(1-p))
	return math.Sqrt(df * (1 - x) / x)
}

// binomialCDF is the probability of at most k hits in n tries that each hit with
// probability p.
func binomialCDF(k, n int, p float64) float64 {
	switch {
	case k < 0:
		return 0
	case k >= n:
		return 1
	}
	return mathext.RegIncBeta(float64(n-k), float64(k+1), 1-p)
}
