package text_test

import (
	"testing"

	"github.com/agent-gate/agent-gate/internal/text"
)

func TestPluralCountsThings(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 calls", 1: "1 call", 2: "2 calls"} {
		if got := text.Plural(n, "call"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
