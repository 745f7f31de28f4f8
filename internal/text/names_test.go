package text

import "testing"

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"min-success-rate", "min-overall-score", "criteria", "timeout", "base-url", "api-key"}
	for misspelt, want := range map[string]string{
		"min-sucess-rate":   "min-success-rate",
		"min-success-raet":  "min-success-rate",
		"critera":           "criteria",
		"tiemout":           "timeout",
		"api-kye":           "api-key",
		"verbose":           "",
		"enabled":           "",
		"":                  "",
		"min-success-count": "",
	} {
		if got := Nearest(misspelt, names); got != want {
			t.Errorf("nearest(%q): got %q, want %q", misspelt, got, want)
		}
	}
	if got, want := NearestOrPart("success-rate", names), "min-success-rate"; got != want {
		t.Errorf("nearestOrPart: got %q, want %q", got, want)
	}
}
