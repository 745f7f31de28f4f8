package stats

import (
	"math"
	"math/cmplx"
	"slices"
)

// Gaffke is the interval of the mean of independent values from any distribution on the known range
// lo to hi, from values in ascending order and in the unit of the values (N. Gaffke, 2005; E.
// Learned-Miller and P. Thomas, A new confidence interval for the mean of a bounded random variable,
// 2019). It stays within the range, has a width even if all values are equal, and contains their
// mean. For values at the two ends it is the exact interval of Clopper and Pearson. Each side errs at most half of 1 - l: that
// is proven for 0 and 1, and found in every simulation of other values. It says nothing when a value
// is outside the range.
func Gaffke(sorted []float64, lo, hi float64, l Level) Interval {
	n := len(sorted)
	if n == 0 {
		return Interval{lo, hi}
	}
	if !(lo <= sorted[0] && sorted[n-1] <= hi && lo < hi) {
		return Unbounded()
	}
	up := weigh(n, func(i int) float64 { return (sorted[i] - lo) / (hi - lo) })
	down := weigh(n, func(i int) float64 { return (hi - sorted[n-1-i]) / (hi - lo) })
	down.memory = up.memory // one after the other
	m := Mean(sorted)
	return Interval{
		Low:  min(lo+(hi-lo)*up.low(1-l.upper()), m),
		High: max(hi-(hi-lo)*down.low(1-l.upper()), m),
	}
}

// low is the low end for values from 0 to 1: the tail quantile of their mean with random weights, one of
// them on a further value 0.
func (w weighted) low(tail float64) float64 {
	if len(w.values) == 1 || tail <= 0 {
		return 0
	}
	target := normalQuantile(tail)
	low, high := 0.0, w.values[len(w.values)-1]
	// The mean is nearly normal, so the normal quantile of its distribution is nearly a line.
	mean, sd := w.moments()
	at, slope := mean+target*sd, 1/sd
	lastAt, lastOff := math.NaN(), math.NaN()
	for try := 0; high-low > 1e-15; try++ {
		if !(low < at && at < high) || try%8 == 7 {
			at = low + (high-low)/2
			if at <= low || at >= high {
				break
			}
		}
		off := normalQuantile(min(math.Exp(w.logBelow(at)), 1)) - target
		if math.Abs(off) < 1e-10 {
			return at
		}
		if off < 0 {
			low = at
		} else {
			high = at
		}
		if s := (off - lastOff) / (at - lastAt); s > 0 && !math.IsInf(s, 0) {
			slope = s
		}
		lastAt, lastOff = at, off
		at -= off / slope // not a number or outside after an infinite quantile
	}
	return low
}

// weighted is values from 0 in ascending order with the parameters of a Dirichlet distribution,
// which are counts.
type weighted struct {
	values, counts []float64
	total          float64
	memory         *product // of the last product, to be used again
}

// weigh counts equal ones of n values in ascending order, and one value 0 more.
func weigh(n int, value func(i int) float64) weighted {
	different, last := 1, 0.0
	for i := range n {
		if v := value(i); v != last {
			different++
			last = v
		}
	}
	w := weighted{values: make([]float64, 1, different), counts: make([]float64, 1, different), total: float64(n + 1), memory: &product{}}
	w.counts[0] = 1
	for i := range n {
		v := value(i)
		if last := len(w.values) - 1; v == w.values[last] {
			w.counts[last]++
		} else {
			w.values, w.counts = append(w.values, v), append(w.counts, 1)
		}
	}
	return w
}

// moments are the mean and the standard deviation of the randomly weighted mean.
func (w weighted) moments() (mean, sd float64) {
	for i, v := range w.values {
		mean += w.counts[i] * v / w.total
	}
	for i, v := range w.values {
		sd += w.counts[i] * (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(sd / w.total / (w.total + 1))
}

// logBelow is the logarithm of the probability that the mean of the values with Dirichlet weights is
// at most t, for t above 0 and below the largest value. Dirichlet weights are gamma variables divided
// by their sum, so this is the probability that Q, the sum of Gamma(count)·(value-t), is not
// positive. With the transform E exp(zQ) = Π (1-z(value-t))^-count it is
//
//	-1/(2πi) ∫ Π (1-z(value-t))^-count dz/z
//
// along any way up that crosses the real line between -1/t, the first pole, and 0. This one goes
// through the saddle point and bends with the valley there, so that hardly anything oscillates and
// small probabilities keep their digits (H. E. Daniels, 1954; S. O. Rice, 1980). The steps grow as
// sinh, so the trapezoidal rule converges exponentially: halving the step doubles the digits.
func (w weighted) logBelow(t float64) float64 {
	c, width, bend := w.saddle(t)
	height := -math.Log(-c)
	p := w.memory
	if cap(p.single) == 0 {
		p.many, p.single = make([]factor, 0, 16), make([]float64, 0, len(w.values)+3)
	}
	p.many, p.single = p.many[:0], p.single[:0]
	once := 1.0 // factors that count once, for one logarithm of many
	for i, v := range w.values {
		f, count := 1-c*(v-t), w.counts[i]
		p.add((v-t)/f, count)
		if count > 1 {
			height -= count * math.Log(f)
		} else if once *= f; once < 1e-200 || once > 1e200 {
			height -= math.Log(once)
			once = 1
		}
	}
	height -= math.Log(once)
	p.expand()
	// The integrand at u, relative to the saddle point: its real part, and its size.
	at := func(u float64) (value, size float64) {
		sinh, cosh := math.Sinh(u), math.Cosh(u)
		z := complex(2*bend*width*(cosh-1), width*sinh)
		f := complex(cosh, -2*bend*sinh) / (1 + z/complex(c, 0)) * p.inverse(z)
		return real(f), math.Abs(real(f)) + math.Abs(imag(f))
	}
	end := 0.0
	points := func(first, step float64) (sum float64) {
		for u := first; end == 0 || u < end; u += step {
			value, size := at(u)
			sum += value
			if end == 0 && size < 1e-16 {
				end = u
			}
		}
		return sum
	}
	step := 0.4
	sum := 0.5 + points(step, step)
	for range 8 {
		finer := sum + points(step/2, step)
		step /= 2
		done := math.Abs(finer/2-sum) < 1e-5*math.Abs(sum)
		sum = finer
		if done {
			break
		}
	}
	return height + math.Log(width*step/math.Pi*sum)
}

// product is Π (1-z·r)^count as a function of z.
type product struct {
	many   []factor
	single []float64 // r, as often as it counts; after expand, coefficients
}

type factor struct{ r, count float64 }

// add adds a factor.
func (p *product) add(r, count float64) {
	if count > 8 { // a logarithm takes as long as so many products
		p.many = append(p.many, factor{r, count})
		return
	}
	for ; count > 0; count-- {
		p.single = append(p.single, r)
	}
}

// expand replaces the single factors, four at a time, by the coefficients of their product: a
// polynomial takes one product of complex numbers where the factors take four.
func (p *product) expand() {
	p.add(0, float64(-len(p.single)&3))
	for q := range slices.Chunk(p.single, 4) {
		s, t := q[0]+q[1], q[2]+q[3]
		x, y := q[0]*q[1], q[2]*q[3]
		q[0], q[1], q[2], q[3] = -s-t, x+y+s*t, -s*y-t*x, x*y
	}
}

// inverse is 1 divided by the expanded product.
func (p *product) inverse(z complex128) complex128 {
	const large = 1e100
	z2 := z * z
	z3, z4 := z*z2, z2*z2
	total, logs := complex(1, 0), complex(0, 0)
	for i := 0; i+4 <= len(p.single); i += 4 {
		s := p.single[i : i+4]
		total *= complex(
			1+s[0]*real(z)+s[1]*real(z2)+s[2]*real(z3)+s[3]*real(z4),
			s[0]*imag(z)+s[1]*imag(z2)+s[2]*imag(z3)+s[3]*imag(z4))
		if i%32 == 28 && math.Abs(real(total))+math.Abs(imag(total)) > large {
			total /= large
			logs += complex(math.Log(large), 0)
		}
	}
	for _, f := range p.many {
		logs += complex(f.count, 0) * cmplx.Log(1-z*complex(f.r, 0))
	}
	return cmplx.Exp(-logs) / total
}

// saddle is where the integrand of logBelow is least between -1/t and 0, approximately: the point,
// the width of the valley there as that of a bell, and how it bends, relative to the width.
func (w weighted) saddle(t float64) (c, width, bend float64) {
	low, high := -1/t, 0.0
	var first, second float64
	for i, v := range w.values {
		first += w.counts[i] * (v - t)
		second += w.counts[i] * (v - t) * (v - t)
	}
	c = (-first - math.Sqrt(first*first+4*second)) / (2 * second)
	for {
		if !(low < c && c < high) {
			c = low + (high-low)/2
		}
		// Half of the third derivative is enough.
		first, second, third := -1/c, 1/c/c, -1/c/c/c
		for i, v := range w.values {
			x := (v - t) / (1 - c*(v-t))
			first += w.counts[i] * x
			second += w.counts[i] * x * x
			third += w.counts[i] * x * x * x
		}
		width = 1 / math.Sqrt(second)
		if math.Abs(first)*width < 0.05 {
			return c, width, third / 3 * width * width * width
		}
		if first < 0 {
			low = c
		} else {
			high = c
		}
		c -= first / second
	}
}
