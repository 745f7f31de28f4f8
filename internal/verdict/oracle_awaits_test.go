package verdict_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/verdict"
)

// later is the world once what is still to come has come: all of it as good or as bad as it
// can be, or anything.
func (w world) later(r *rand.Rand, way int) world {
	w.calls = slices.Clone(w.calls)
	pick := func(n int) int {
		if way < n {
			return way
		}
		return r.IntN(n)
	}
	for i := range w.calls {
		c := &w.calls[i]
		if c.end == atWork {
			switch s := (space{low: 0}); pick(8) {
			case 0:
				*c = s.filled(*c, false)
				c.end = succeeded
			case 1:
				*c = s.filled(*c, true)
				c.end = succeeded
			case 2:
				c.end = failed
			case 3:
				c.end, c.score = succeeded, nil
			case 4:
				c.end = lost
			case 5:
				c.end = crashed
			case 6:
				c.end = skipped
			}
			continue // or it is still at work
		}
		if c.end != succeeded && c.end != crashed {
			continue
		}
		for k := range c.evals {
			if e := &c.evals[k]; !e.has && e.late {
				switch pick(4) {
				case 0:
					*e = result{has: true, label: "y"}
				case 1:
					*e = result{has: true, pass: true, score: 100, label: "x"}
				case 2:
					e.late = false // it ends without a value
				}
			}
		}
		if c.score == nil {
			switch pick(5) {
			case 0:
				c.score = new(0.0)
			case 1:
				c.score = new(10.0)
			case 2:
				c.score = new(1.0)
			case 3:
				c.score = new(5.5)
			}
		}
	}
	return w
}

// TestNothingThatComesLaterTurnsAVerdictThatIsNotWaitedFor holds the end of the wait for late
// results against what may come after it.
func TestNothingThatComesLaterTurnsAVerdictThatIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	var waited, inVain, settled int
	runs := *verdict.RandomRuns / 20
	for seed := range uint64(runs) {
		r := rand.New(rand.NewPCG(seed, 13))
		w, rules := randomWorld(r), randomCriteria(t, r)
		if r.IntN(4) == 0 {
			rules.DecideOn = verdict.DecideOnInterval
		}
		waits := verdict.Awaits(w.evidence(), rules)
		now := verdict.Judge(w.evidence(), rules)
		turned := false
		for way := range 16 {
			after := w.later(r, way)
			v := verdict.Judge(after.evidence(), rules)
			if turned = turned || v.Kind != now.Kind; !turned || waits {
				continue
			}
			var lines []string
			for _, c := range rules.Criteria {
				lines = append(lines, c.String())
			}
			t.Fatalf("seed %d: not waited for %s (%s), and then it is %s (%s)\ncriteria %s\npass when %+v, by %s, platform fails %t\n%safter\n%s",
				seed, now.Kind, now.Reason, v.Kind, v.Reason, strings.Join(lines, "; "), rules.PassWhen, rules.DecideOn, rules.PlatformFails, w, after)
		}
		switch {
		case !waits:
			settled++
		case turned:
			waited++
		default:
			inVain++
		}
	}
	t.Logf("%d waited for and turned by some end, %d waited for and not turned by those tried, %d settled", waited, inVain, settled)
	if waited < runs/100 || inVain > waited {
		t.Errorf("%d waits of %d were in vain", inVain, waited+inVain)
	}
}
