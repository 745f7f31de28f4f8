package gate

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
)

var update = flag.Bool("update", false, "write the tables of docs/benchmarks.md")

// executions is how many the tables are about.
const executions = 2000

// entry is a line of a table.
type entry struct {
	name string
	got  []followed
	measured
}

// enter lets a policy watch all executions.
func enter(all []course, c contender) entry {
	got := followAll(all, c)
	return entry{c.name, got, measure(all, got, func(*course) bool { return true })}
}

func TestWatching(t *testing.T) {
	t.Parallel()
	if UnderRace {
		t.Skip("millions of steps in one goroutine each; .ci/run has it without the race detector")
	}
	all := courses(executions)
	us := enter(all, ours())
	var them []entry
	for _, c := range rivals() {
		them = append(them, enter(all, c))
	}
	five := them[slices.IndexFunc(them, func(e entry) bool { return e.name == "every 5 s" })]
	var curve []entry // the same rule at other prices, and with wide bounds
	for _, price := range []float64{0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4} {
		c := scheduleOf(seconds(price), time.Second, time.Minute)
		c.name = fmt.Sprintf("%.2f s", price)
		curve = append(curve, enter(all, c))
	}
	least := newBound(all, 30*time.Second)

	t.Run("no policy is better in both delay and requests", func(t *testing.T) {
		for _, e := range them {
			if e.delay <= us.delay && e.requests <= us.requests {
				t.Errorf("%s: %.2f s with %.1f requests, we have %.2f s with %.1f", e.name, e.delay, e.requests, us.delay, us.requests)
			}
		}
	})
	t.Run("at some price it is better than each in both", func(t *testing.T) {
		for _, e := range them {
			if !slices.ContainsFunc(curve, func(c entry) bool { return c.delay < e.delay && c.requests < e.requests }) {
				t.Errorf("%s: %.2f s with %.1f requests is beaten at no price", e.name, e.delay, e.requests)
			}
		}
	})
	t.Run("a third of the requests of every 5 s, and no more delay", func(t *testing.T) {
		if us.requests > five.requests/3 || 3*us.polls() > five.polls() || us.delay > five.delay || us.delay95 > five.delay95 {
			t.Errorf("%.1f requests with delays of %.2f s, 95%% up to %.2f s; every 5 s has %.1f with %.2f s and %.2f s",
				us.requests, us.delay, us.delay95, five.requests, five.delay, five.delay95)
		}
	})
	t.Run("nobody is below the lower bound", func(t *testing.T) {
		for _, e := range append(slices.Clone(them), us) {
			if strings.HasPrefix(e.name, "exponential") {
				continue // it has shorter and longer waits than those of the bound
			}
			if e.delay < least.delay(e.requests) || e.requests < least.requests(e.delay) {
				t.Errorf("%s: %.2f s with %.1f requests, bounds %.2f s and %.1f", e.name, e.delay, e.requests, least.delay(e.requests), least.requests(e.delay))
			}
		}
	})
	t.Run("docs/benchmarks.md has these figures", func(t *testing.T) {
		var b strings.Builder
		tabulate(&b, all, us, them, five, curve, least)
		compare(t, b.String())
	})
}

// compare holds the tables of the document to those that were computed, or writes them.
func compare(t *testing.T, tables string) {
	t.Helper()
	path := filepath.Join("..", "..", "docs", "benchmarks.md")
	document, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- watching:begin -->\n", "<!-- watching:end -->"
	before, rest, _ := strings.Cut(string(document), begin)
	_, after, ok := strings.Cut(rest, end)
	if !ok {
		t.Fatalf("%s has no lines %s and %s", path, begin, end)
	}
	want := []byte(before + begin + tables + "\n" + end + after)
	switch {
	case bytes.Equal(want, document):
	case *update:
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s has other figures than these; `go test ./internal/gate -run TestWatching -update` writes them\n%s", path, tables)
	}
}

// BenchmarkWatching gives the figures of the tables as metrics. Its times are those of the
// simulation.
func BenchmarkWatching(b *testing.B) {
	all := courses(executions)
	for _, c := range append(rivals(), ours()) {
		b.Run(strings.ReplaceAll(c.name, " ", "_"), func(b *testing.B) {
			var e entry
			for b.Loop() {
				e = enter(all, c)
			}
			b.ReportMetric(e.delay, "s-delay/run")
			b.ReportMetric(e.delay95, "s-delay95/run")
			b.ReportMetric(e.requests, "requests/run")
		})
	}
}

// busyAPI refuses polls and names the time of the next one.
type busyAPI struct {
	courseAPI
	t      *testing.T
	asks   time.Duration
	wanted time.Time // no poll before
}

// Poll implements API.
func (a *busyAPI) Poll(ctx context.Context, id uuid.UUID) (calls.Progress, error) {
	if early := time.Until(a.wanted); early > 0 {
		a.t.Errorf("asked for a wait of %s, a poll comes %s too early", a.asks, early)
	}
	if p, err := a.courseAPI.Poll(ctx, id); a.polls%2 == 0 {
		return p, err
	}
	a.wanted = time.Now().Add(min(a.asks, time.Minute))
	return calls.Progress{}, &client.Error{Kind: client.KindRateLimited, Status: 429, RetryAfter: a.asks}
}

func TestTheWatchWaitsAsLongAsTheServerAsks(t *testing.T) {
	t.Parallel()
	all := courses(1)
	for _, asks := range []time.Duration{time.Second, 37 * time.Second, 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			api := &busyAPI{courseAPI: courseAPI{course: &all[0], began: time.Now()}, t: t, asks: asks}
			if err := watching(api, nil).again(t.Context()); err != nil || api.polls < 4 {
				t.Errorf("asked for a wait of %s: %v after %d polls", asks, err, api.polls)
			}
			if late := time.Since(api.began) - all[0].end; late > 3*time.Minute {
				t.Errorf("asked for a wait of %s: the end is seen %s late", asks, late)
			}
		})
	}
}

// watching is a run that has nothing to do but to watch.
func watching(api API, random func() float64) *watcher {
	return Gate{API: api, Random: random, Config: config.Config{
		Waiting: config.Waiting{PollMinInterval: 2 * time.Second, PollMaxInterval: 30 * time.Second},
	}}.begin().watcher
}

// courseAPI answers polls as an execution goes.
type courseAPI struct {
	API
	course *course
	began  time.Time
	polls  int
}

// Poll implements API.
func (a *courseAPI) Poll(context.Context, uuid.UUID) (calls.Progress, error) {
	a.polls++
	time.Sleep(latency / 2)
	p := a.course.progress(time.Since(a.began))
	time.Sleep(latency - latency/2)
	return p, nil
}

// The tables are about the code that watches, and not about a likeness of it.
func TestTheTablesAreAboutTheRealWatch(t *testing.T) {
	t.Parallel()
	all := courses(60)
	want := followAll(all, ours())
	for i := range all {
		synctest.Test(t, func(t *testing.T) {
			api := &courseAPI{course: &all[i], began: time.Now()}
			ctx, cancel := context.WithTimeout(t.Context(), horizon)
			defer cancel()
			err := watching(api, jitterOf(i)).again(ctx)
			got := followed{polls: api.polls}
			if all[i].end > 0 {
				got.delay = time.Since(api.began) - all[i].end
			}
			if (err != nil) != (all[i].end == 0) || got != want[i] {
				t.Errorf("execution %d: got %+v, %v, want %+v", i, got, err, want[i])
			}
		})
	}
}
