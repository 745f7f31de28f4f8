package demo

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/config"
)

func TestEveryStoryIsToldAndDescribed(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/simulated-api.md")
	if err != nil {
		t.Fatal(err)
	}
	told := slices.Sorted(maps.Keys(Plans()))
	stories := config.Stories()
	if slices.Sort(stories); !slices.Equal(told, stories) {
		t.Errorf("plans for %q, want %q", told, stories)
	}
	for _, story := range stories {
		if !strings.Contains(string(page), "\n| `"+story+"` |") {
			t.Errorf("docs/simulated-api.md does not describe the story %s", story)
		}
	}
}
