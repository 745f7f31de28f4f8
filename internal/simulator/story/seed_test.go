package story_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

func TestIDsAreRandomLookingUUIDs(t *testing.T) {
	t.Parallel()
	seed := story.Seed(1)
	seen := map[uuid.UUID]string{}
	for name, id := range map[string]uuid.UUID{
		"kind alone":    seed.ID(story.ForCall),
		"another kind":  seed.ID(story.ForTurn),
		"one part":      seed.ID(story.ForCall, 1),
		"another part":  seed.ID(story.ForCall, 2),
		"two parts":     seed.ID(story.ForCall, 1, 2),
		"other order":   seed.ID(story.ForCall, 2, 1),
		"another seed":  story.Seed(2).ID(story.ForCall),
		"the zero seed": story.Seed(0).ID(story.ForCall),
	} {
		if id.Version() != 4 || id.Variant() != uuid.RFC4122 {
			t.Errorf("%s: %s has version %d, variant %s", name, id, id.Version(), id.Variant())
		}
		if other, twice := seen[id]; twice {
			t.Errorf("%s and %s have the same id", name, other)
		}
		seen[id] = name
	}
	if a, b := seed.ID(story.ForCall, 1), seed.ID(story.ForCall, 1); a != b {
		t.Errorf("the same thing has the ids %s and %s", a, b)
	}
}

func TestADrawDependsOnItsPurposeAlone(t *testing.T) {
	t.Parallel()
	first := func(s story.Seed, kind, a, b, c uint64) uint64 { return s.Draw(kind, a, b, c).Uint64() }
	want := first(7, story.ForEval, 1, 2, 3)
	first(7, story.ForCourse, 1, 2, 3)
	if got := first(7, story.ForEval, 1, 2, 3); got != want {
		t.Errorf("got %d, and %d at first", got, want)
	}
	for name, other := range map[string]uint64{
		"seed":   first(8, story.ForEval, 1, 2, 3),
		"kind":   first(7, story.ForCourse, 1, 2, 3),
		"number": first(7, story.ForEval, 1, 2, 4),
		"order":  first(7, story.ForEval, 3, 2, 1),
	} {
		if other == want {
			t.Errorf("another %s gives the same draw", name)
		}
	}
}

func TestDrawnDurationsStayInTheirRange(t *testing.T) {
	t.Parallel()
	rng := story.Seed(1).Draw(story.ForCourse, 0, 0, 0)
	lengths := make([]time.Duration, 10_001)
	for i := range lengths {
		lengths[i] = story.CallLength(rng)
		if d := lengths[i]; d < 20*time.Second || d > 300*time.Second || d%time.Second != 0 {
			t.Fatalf("a call lasts %s, want whole seconds from 20 to 300", d)
		}
		if d := story.Seconds(rng, 3, 10); d < 3*time.Second || d > 10*time.Second || d%time.Millisecond != 0 {
			t.Fatalf("got %s, want whole milliseconds from 3 s to 10 s", d)
		}
	}
	slices.Sort(lengths)
	if median := lengths[len(lengths)/2]; median < 80*time.Second || median > 90*time.Second {
		t.Errorf("the median call lasts %s, want about 85 s", median)
	}
}
