package kind

import "testing"

func TestAmountRoundsAShareDownAndKeepsWholeNumbers(t *testing.T) {
	t.Parallel()
	cases := []struct {
		amount string
		total  int
		want   int
	}{
		{"25%", 3, 0}, {"25%", 4, 1}, {"25%", 5, 1}, {"25%", 10, 2}, {"7%", 100, 7}, {"33.3%", 1000, 333},
		{"0%", 10, 0}, {"100%", 7, 7}, {"0", 10, 0}, {"12", 3, 12}, {"0.1%", 1, 0}, {"29%", 100, 29},
	}
	for _, c := range cases {
		a, ok := ParseAmount(c.amount)
		if got := a.Of(c.total); !ok || got != c.want {
			t.Errorf("%s of %d: got %d, %v, want %d", c.amount, c.total, got, ok, c.want)
		}
		if got := a.String(); got != c.amount {
			t.Errorf("String: got %q, want %q", got, c.amount)
		}
	}
}
