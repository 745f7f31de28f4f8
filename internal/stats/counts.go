package stats

import "slices"

// counts are the probabilities of numbers of hits, from first on. What they add up to less than 1 is
// not open any more. Numbers less likely than negligible are left out.
type counts struct {
	first int
	p     []float64
}

// negligible is far below every error that a look may spend.
const negligible = 1e-20

// certain is one number of hits.
func certain(hits int) counts { return counts{hits, []float64{1}} }

// binomial is the number of hits in n independent tries.
func binomial(n int, rate float64) counts {
	if rate <= 0 || n == 0 {
		return certain(0)
	}
	if rate >= 1 {
		return certain(n)
	}
	// From the most likely number in both directions; the sum of all gives the scale.
	mode := min(int(float64(n+1)*rate), n)
	odds := rate / (1 - rate)
	var down, up []float64
	for k, p := mode, 1.0; k >= 0 && p > negligible; k-- {
		down = append(down, p)
		p *= float64(k) / float64(n-k+1) / odds
	}
	for k, p := mode, 1.0; k < n; k++ {
		p *= float64(n-k) / float64(k+1) * odds
		if p <= negligible {
			break
		}
		up = append(up, p)
	}
	slices.Reverse(down)
	c := counts{mode + 1 - len(down), append(down, up...)}
	total := c.from(c.first)
	for i := range c.p {
		c.p[i] /= total
	}
	return c
}

// plus is the number after further hits.
func (c counts) plus(more counts) counts {
	if len(c.p) == 0 {
		return c
	}
	sum := counts{c.first + more.first, make([]float64, len(c.p)+len(more.p)-1)}
	for i, p := range c.p {
		for j, q := range more.p {
			sum.p[i+j] += p * q
		}
	}
	low, high := 0, len(sum.p)
	for low < high && sum.p[low] < negligible {
		low++
	}
	for low < high && sum.p[high-1] < negligible {
		high--
	}
	return counts{sum.first + low, sum.p[low:high]}
}

// between keeps the numbers above fail and below pass.
func (c counts) between(fail, pass int) counts {
	low := min(max(fail+1-c.first, 0), len(c.p))
	high := min(max(pass-c.first, low), len(c.p))
	if low == high {
		return counts{first: min(max(c.first, fail+1), pass)}
	}
	return counts{c.first + low, c.p[low:high]}
}

// drop takes the numbers in a span out, and returns their probability.
func (c counts) drop(s span) (sum float64) {
	for i := max(s.low-c.first, 0); i <= s.high-c.first && i < len(c.p); i++ {
		sum += c.p[i]
		c.p[i] = 0
	}
	return sum
}

// from is the probability of so many hits or more; the smallest are added first.
func (c counts) from(hits int) float64 {
	sum := 0.0
	for i := len(c.p) - 1; i >= max(hits-c.first, 0); i-- {
		sum += c.p[i]
	}
	return sum
}

// upTo is the probability of so many hits or fewer.
func (c counts) upTo(hits int) float64 {
	sum := 0.0
	for i := 0; i < min(hits-c.first+1, len(c.p)); i++ {
		sum += c.p[i]
	}
	return sum
}

// top is the smallest number which, or more, has at most the probability.
func (c counts) top(most float64) int {
	sum := 0.0
	for i := len(c.p) - 1; i >= 0; i-- {
		if sum += c.p[i]; sum > most {
			return c.first + i + 1
		}
	}
	return c.first
}

// mirrored are the misses of n tries.
func (c counts) mirrored(n int) counts {
	p := slices.Clone(c.p)
	slices.Reverse(p)
	return counts{n - c.first - len(p) + 1, p}
}
