package stats

import (
	"math/big"
	"slices"
)

// PassAll is pass^k: the mean probability, in percent, that k tries of a case all pass, from the
// passing ones of each case's tries. Of a case with c of n it is C(c,k)/C(n,k), the share of all
// choices of k tries, which is right on average for n of any size (S. Yao and others, τ-bench, 2024).
//
// The interval is [Gaffke]'s over the cases: it takes the cases as a sample of cases like these, and
// assumes nothing else of them. Each case has at least k tries, and k is at least 1; a case with fewer
// counts as one that never passes. There is at least one case.
func PassAll(cases []Count, k int, l Level) Side {
	return overCases(cases, l, func(c Count) *big.Rat { return chosen(c.Hits, c.Total, k) })
}

// PassAny is pass@k: the mean probability, in percent, that at least one of k tries of a case passes,
// 1 - C(n-c,k)/C(n,k) (M. Chen and others, Evaluating large language models trained on code, 2021).
// The rest is as for [PassAll].
func PassAny(cases []Count, k int, l Level) Side {
	return overCases(cases, l, func(c Count) *big.Rat {
		if c.Total < k {
			return new(big.Rat)
		}
		none := chosen(c.Total-c.Hits, c.Total, k)
		return none.Sub(big.NewRat(1, 1), none)
	})
}

// chosen is the probability that k different ones of n are all among c; 0 if there are fewer than k.
func chosen(c, n, k int) *big.Rat {
	if c < k {
		return new(big.Rat)
	}
	return new(big.Rat).SetFrac(new(big.Int).Binomial(int64(c), int64(k)), new(big.Int).Binomial(int64(n), int64(k)))
}

// overCases is the mean of values from 0 to 1, in percent.
func overCases(cases []Count, l Level, value func(Count) *big.Rat) Side {
	times := map[Count]int{}
	for _, c := range cases {
		times[c]++
	}
	sum := new(big.Rat)
	values := make([]float64, 0, len(cases))
	for c, n := range times {
		v := value(c)
		v.Mul(v, big.NewRat(100, 1))
		f, _ := v.Float64()
		values = append(values, slices.Repeat([]float64{f}, n)...)
		sum.Add(sum, v.Mul(v, big.NewRat(int64(n), 1)))
	}
	slices.Sort(values)
	p := Point{exact: sum.Quo(sum, big.NewRat(int64(len(cases)), 1))}
	p.Value, _ = p.exact.Float64()
	return Side{p, Gaffke(values, 0, 100, l)}
}
