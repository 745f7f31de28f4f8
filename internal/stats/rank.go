package stats

// Percentile is the percentile p, 1 to 99, of values in ascending order, by nearest rank: the
// smallest value that at least p percent of the values do not exceed.
func Percentile(sorted []float64, p int) float64 {
	return sorted[NearestRank(len(sorted), p)-1]
}

// NearestRank is the rank, from 1, of the percentile p among n values in ascending order.
func NearestRank(n, p int) int { return (p*n + 99) / 100 }

// Median is the middle value, or the mean of the two in the middle.
func Median(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return sorted[n/2-1]/2 + sorted[n/2]/2
}

// QuantileInterval is the interval of the p-quantile, 0 < p < 1, of whatever distribution the
// values come from: its limits are values at ranks given by the binomial distribution (H. A. David,
// Order Statistics, section 7.1). With too few values an end is unbounded. Values are in ascending
// order.
func QuantileInterval(sorted []float64, p float64, l Level) Interval {
	n := len(sorted)
	below := func(k int) float64 { return binomialCDF(k, n, p) }
	tail := 1 - l.upper()
	i := Unbounded()
	// The number of values below the quantile is binomial. low is the largest rank
	// with P(fewer than rank are below) <= tail, high the smallest with
	// P(rank or more are below) <= tail.
	low := firstRank(n, func(k int) bool { return below(k) > tail })
	high := firstRank(n, func(k int) bool { return below(k) >= 1-tail }) + 1
	if low >= 1 {
		i.Low = sorted[low-1]
	}
	if high <= n {
		i.High = sorted[high-1]
	}
	return i
}

// firstRank is the smallest k in 0 to n for which reached holds; n+1 if there is none.
func firstRank(n int, reached func(int) bool) int {
	low, high := 0, n+1
	for low < high {
		middle := (low + high) / 2
		if reached(middle) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}
