package gate

import "testing"

func TestAChanceUnderOneInTenIsNotShownAsThat(t *testing.T) {
	t.Parallel()
	for chance, want := range map[float64]string{0: "0", 0.081: "8", 0.0949: "9", 0.096: "9.6", 0.09999: "9.9"} {
		if got := tenth(chance).Line(); got != want {
			t.Errorf("%v: %q, want %q", chance, got, want)
		}
	}
}
