package markdown

import "testing"

func TestCounted_knowsOneOfEachList(t *testing.T) {
	t.Parallel()
	if got := counted(1, "causes"); got != "cause" {
		t.Errorf("one of causes is a %q", got)
	}
	if got := counted(2, "gates"); got != "gates" {
		t.Errorf("two gates are %q", got)
	}
}
