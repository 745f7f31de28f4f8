package explain

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWords(t *testing.T) {
	t.Parallel()
	got := []string{
		enumerate(nil), enumerate([]string{"a"}), enumerate([]string{"a", "b"}), enumerate([]string{"a", "b", "c"}),
		parts(0, "failed", 2, "skipped", 1, "cancelled"), parts(0, "failed"), inBrackets(""), inBrackets("x"),
	}
	want := []string{"", "a", "a and b", "a, b and c", "2 skipped, 1 cancelled", "", "", " (x)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
