package stats

import (
	"flag"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// tableRuns is how many runs a table of this package simulates in each cell. A tenth of a point
// takes 20,000.
var tableRuns = flag.Int("runs", 400, "simulated runs in each cell of a table; 20000 for docs")

func TestGaffkeAgreesWithExactFormulas(t *testing.T) {
	t.Parallel()
	cases := []struct {
		values    []float64
		lo, hi    float64
		level     Level
		low, high float64
	}{
		// The mean of distinct values with uniform Dirichlet weights is distributed as a
		// B-spline: 1 - Σ (v-t)^(n-1)/Π(v-others) over the values v above t, with mpmath at
		// 60 digits.
		{[]float64{7.5}, 1, 10, 0.95, 1.1625, 9.9375},
		{[]float64{2, 5}, 0, 10, 0.95, 0.5, 9},
		{[]float64{6, 7, 7.5, 8, 9}, 1, 10, 0.95, 4.0706656402862577, 8.9155240818693746},
		{[]float64{1.5, 2, 3.25, 3.5, 4, 5, 6.5, 7, 7.25, 8, 8.5, 9, 9.25, 9.5, 9.75}, 1, 10, 0.99, 4.0530391790960614, 8.0914930273171656},
		{[]float64{40, 55, 60, 62, 71, 80, 81, 85, 90, 99}, 0, 100, 0.999999, 16.421263159036645, 95.440644620603132},
		{[]float64{40, 55, 60, 62, 71, 80, 81, 85, 90, 99}, 0, 100, 0.5, 61.248313162555579, 78.437944155145149},
		// Three values: one beta distribution inside another, with scipy.integrate.quad.
		{repeated(0, 2, 5, 3, 10, 15), 0, 10, 0.95, 6.139526345355533, 9.421080349373327},
		{repeated(1, 1, 9, 50, 10, 149), 1, 10, 0.95, 9.498964654317753, 9.787780109419408},
		{repeated(0, 30, 70, 500, 100, 470), 0, 100, 0.99, 80.156565381433, 83.63749891662268},
	}
	for _, c := range cases {
		agrees(t, Gaffke(c.values, c.lo, c.hi, c.level), c.low, c.high)
	}
}

func TestGaffkeOfZerosAndOnesIsClopperPearson(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]int{{0, 1}, {1, 1}, {1, 2}, {19, 20}, {20, 20}, {8, 10}, {990, 1000}, {7, 7000}, {99_999, 100_000}, {50_000, 100_000}} {
		for _, level := range []Level{0.5, 0.9, 0.95, 0.99, 0.9999, 0.99999999} {
			exact := ClopperPearson(c[0], c[1], level)
			agrees(t, Gaffke(repeated(0, c[1]-c[0], 1, c[0]), 0, 1, level), exact.Low, exact.High)
		}
	}
	// The values that are promised.
	for _, c := range []struct {
		hits, total int
		low         float64
	}{{19, 20, 75.127}, {20, 20, 83.157}, {8, 10, 44.391}, {990, 1000, 98.169}} {
		got := Gaffke(repeated(0, c.total-c.hits, 100, c.hits), 0, 100, 0.95)
		if math.Abs(got.Low-c.low) >= 0.001 {
			t.Errorf("%d of %d: got %v, want %v", c.hits, c.total, got.Low, c.low)
		}
	}
}

func TestGaffkeOfNothingKnown(t *testing.T) {
	t.Parallel()
	if got := Gaffke(nil, 1, 10, 0.95); got != (Interval{1, 10}) {
		t.Errorf("no value: got %v, want the range", got)
	}
	for _, values := range [][]float64{{0.5, 2}, {2, 10.5}, {math.NaN()}} {
		if got := Gaffke(values, 1, 10, 0.95); got != Unbounded() {
			t.Errorf("%v is not on the range: got %v, want no interval", values, got)
		}
	}
	if got := Gaffke([]float64{3}, 3, 3, 0.95); got != Unbounded() {
		t.Errorf("an empty range: got %v, want no interval", got)
	}
}

func TestGaffkeOfEqualValuesHasAWidth(t *testing.T) {
	t.Parallel()
	for _, v := range []float64{1, 1.000000001, 5, 9.99, 10} {
		got := Gaffke(slices.Repeat([]float64{v}, 11), 1, 10, 0.95)
		if !(1 <= got.Low && got.Low <= v && v <= got.High && got.High <= 10 && got.High-got.Low > 0.1) {
			t.Errorf("eleven times %v: got %v", v, got)
		}
	}
}

// FuzzGaffke holds for any values what holds for all: the range, the mean, the level, the mirror
// image, the unit.
func FuzzGaffke(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed, 1+int(seed*seed)%300)
	}
	f.Fuzz(func(t *testing.T, seed uint64, n int) {
		if n < 1 || n > 3000 {
			t.Skip()
		}
		values := anyValues(rand.New(rand.NewPCG(seed, 16)), n)
		last := Interval{math.Inf(1), math.Inf(-1)}
		m := Mean(values)
		for _, level := range []Level{0.5, 0.8, 0.95, 0.999, 0.9999999} {
			got := Gaffke(values, 0, 1, level)
			if !(0 <= got.Low && got.Low <= m && m <= got.High && got.High <= 1 && got.Low < got.High) {
				t.Fatalf("at %v: got %v around %v", level, got, m)
			}
			if got.Low > last.Low || got.High < last.High {
				t.Fatalf("at %v %v, below that %v", level, got, last)
			}
			last = got
			mirrored := make([]float64, n)
			scaled := make([]float64, n)
			for i, v := range values {
				mirrored[n-1-i] = 1 - v
				scaled[i] = 20 + 64*v
			}
			if m := Gaffke(mirrored, 0, 1, level); math.Abs(1-m.High-got.Low) > 1e-9 || math.Abs(1-m.Low-got.High) > 1e-9 {
				t.Fatalf("at %v: got %v, mirrored %v", level, got, m)
			}
			if s := Gaffke(scaled, 20, 84, level); math.Abs((s.Low-20)/64-got.Low) > 1e-9 || math.Abs((s.High-20)/64-got.High) > 1e-9 {
				t.Fatalf("at %v: got %v, in another unit %v", level, got, s)
			}
		}
	})
}

// anyValues are n values from 0 to 1 of a shape that is drawn too.
func anyValues(r *rand.Rand, n int) []float64 {
	power := math.Exp(3 * r.NormFloat64())
	steps := math.Floor(math.Exp(8 * r.Float64()))
	ends := r.Float64()
	values := make([]float64, n)
	for i := range values {
		switch v := math.Pow(r.Float64(), power); {
		case r.Float64() < ends*ends:
			values[i] = float64(r.IntN(2))
		case steps < 1000:
			values[i] = math.Round(v*steps) / steps
		default:
			values[i] = v
		}
	}
	slices.Sort(values)
	return values
}

// shapes are distributions on 0 to 1: ten times them are scores.
var shapes = []struct {
	name string
	mean float64
	draw func(r *rand.Rand) float64
}{
	{"passed 95 %", 0.95, func(r *rand.Rand) float64 { return yes(r, 0.95) }},
	{"passed 50 %", 0.5, func(r *rand.Rand) float64 { return yes(r, 0.5) }},
	{"uniform", 0.5, (*rand.Rand).Float64},
	{"70 % tens", 0.85, func(r *rand.Rand) float64 { return max(yes(r, 0.7), r.Float64()) }},
	{"8, 9 and 10", 0.9, func(r *rand.Rand) float64 { return 0.8 + 0.1*float64(r.IntN(3)) }},
	{"9, rarely 0", 0.882, func(r *rand.Rand) float64 { return 0.9 * yes(r, 0.98) }},
	{"mostly high", 5.0 / 6, func(r *rand.Rand) float64 { return math.Pow(r.Float64(), 0.2) }},
}

// yes is 1 with the probability p, else 0.
func yes(r *rand.Rand, p float64) float64 {
	if r.Float64() < p {
		return 1
	}
	return 0
}

// missed counts, in percent of runs, how often the interval of n values is wholly above or below the
// true mean.
func missed(s int, n int, interval func(sorted []float64) Interval) (above, below float64) {
	r := rand.New(rand.NewPCG(uint64(1000*s+n), 16))
	values := make([]float64, n)
	for range *tableRuns {
		for i := range values {
			values[i] = shapes[s].draw(r)
		}
		slices.Sort(values)
		// Rounding of the mean must not decide.
		switch i := interval(values); {
		case i.Low > shapes[s].mean+1e-9:
			above++
		case i.High < shapes[s].mean-1e-9:
			below++
		}
	}
	return 100 * above / float64(*tableRuns), 100 * below / float64(*tableRuns)
}

// mostOf is the largest share in percent, of the simulated runs, that a probability in percent
// explains.
func mostOf(percent float64) float64 {
	return percent + 4*math.Sqrt(percent*(100-percent)/float64(*tableRuns))
}

func TestGaffkeErrsAtMostOnItsLevel(t *testing.T) {
	t.Parallel()
	for s, shape := range shapes {
		for _, n := range []int{5, 10, 20, 50} {
			above, below := missed(s, n, func(v []float64) Interval { return Gaffke(v, 0, 1, 0.95) })
			t.Logf("%-12s %3d values: above the mean %4.2f %%, below %4.2f %%", shape.name, n, above, below)
			if most := mostOf(2.5); above > most || below > most {
				t.Errorf("%s, %d values: %v %% above, %v %% below, want at most 2.5 %% (%.1f here)", shape.name, n, above, below, most)
			}
		}
	}
}

func TestTheErrorsWouldShow(t *testing.T) {
	t.Parallel()
	// The t interval takes equal values for certainty, which is why there is Gaffke's.
	above, _ := missed(5, 20, func(v []float64) Interval { return MeanInterval(v, nil, 0.95) })
	if above <= 2*mostOf(2.5) {
		t.Errorf("the t interval is above the mean in %v %% of runs only", above)
	}
}

// repeated is values, each followed by its number of times.
func repeated(pairs ...any) []float64 {
	var values []float64
	for i := 0; i < len(pairs); i += 2 {
		values = append(values, slices.Repeat([]float64{number(pairs[i])}, pairs[i+1].(int))...)
	}
	return values
}

func number(v any) float64 {
	if i, ok := v.(int); ok {
		return float64(i)
	}
	return v.(float64)
}

// Run it with -cpu 1: 0.5 ms for 1,000 different values, 35 ms for 100,000.
func BenchmarkGaffke(b *testing.B) {
	for _, c := range []struct {
		name string
		n    int
	}{{"1000", 1000}, {"100000", 100_000}} {
		values := make([]float64, c.n)
		r := rand.New(rand.NewPCG(1, 16))
		for i := range values {
			values[i] = r.Float64()
		}
		slices.Sort(values)
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				Gaffke(values, 0, 1, 0.95)
			}
		})
	}
}
