package verdict

import "testing"

func TestReduce(t *testing.T) {
	t.Parallel()
	values := []float64{1, 2, 4, 9}
	for stat, want := range map[string]float64{
		"": 4, "mean": 4, "median": 3, "min": 1, "max": 9, "sum": 16, "p25": 1, "p26": 2, "p50": 2, "p75": 4, "p76": 9,
	} {
		if got := reduce(values, stat); got != want {
			t.Errorf("%q: got %v, want %v", stat, got, want)
		}
	}
	if got := reduce([]float64{1, 2, 9}, "median"); got != 2 {
		t.Errorf("median of three: got %v, want 2", got)
	}
}
