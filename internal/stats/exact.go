package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// exactLow is the proportion with which so many hits or more have the probability tail.
func exactLow(hits, total int, tail float64) float64 {
	if hits == 0 {
		return 0
	}
	a, b := float64(hits), float64(total-hits+1)
	p := mathext.InvRegIncBeta(a, b, tail)
	// It has eight digits; a step of Newton's method doubles them.
	density := math.Exp((a-1)*math.Log(p) + (b-1)*math.Log1p(-p) - mathext.Lbeta(a, b))
	if better := p - (mathext.RegIncBeta(a, b, p)-tail)/density; 0 < better && better < 1 {
		return better
	}
	return p
}
