package world_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

func TestRecordsAppearOneAfterAnother(t *testing.T) {
	t.Parallel()
	plan := story.Plan{SetupTime: 2 * time.Second, RecordTime: 8 * time.Second}
	for _, c := range []struct {
		name    string
		options world.Options
		want    []int // calls after 0, 1, 2.5, 6.5 and 30 seconds
	}{
		{"deployed voice", world.Options{Deployed: true}, []int{0, 0, 1, 5, 8}},
		{"hosted chat", world.Options{Deployed: true, Text: true, HostedText: true}, []int{8, 8, 8, 8, 8}},
		{"documented", world.Options{}, []int{8, 8, 8, 8, 8}},
	} {
		_, e := start(t, c.options, plan)
		var got []int
		for _, after := range []time.Duration{0, time.Second, 2500 * time.Millisecond, 6500 * time.Millisecond, 30 * time.Second} {
			got = append(got, len(e.Visible(begin.Add(after))))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v calls are visible, want %v", c.name, got, c.want)
		}
	}
}

// The deployed order is -updated_at (contract, section 3.7); when that changes for voice
// calls is in real-server.md, row 14.
func TestRowsAreInTheOrderOfTheirDialect(t *testing.T) {
	t.Parallel()
	byIndex, newestFirst := []int{0, 1, 2, 3, 4, 5, 6, 7}, []int{7, 6, 5, 4, 3, 2, 1, 0}
	for _, c := range []struct {
		name          string
		options       world.Options
		ended, reruns []int // the order at the end, and with a rerun of 2 and 5 requested; nil: by updated_at
	}{
		{"documented", world.Options{}, byIndex, byIndex},
		{"deployed voice stays as created until a rerun", world.Options{Deployed: true}, newestFirst, []int{5, 2, 7, 6, 4, 3, 1, 0}},
		{"whole rows move with every change", world.Options{Deployed: true, WholeRows: true}, nil, nil},
		{"chats move with every change", world.Options{Deployed: true, Text: true, HostedText: true}, nil, nil},
	} {
		_, e := start(t, c.options, story.Plan{})
		now := end(t, e, begin)
		hold := func(want []int, when string) {
			t.Helper()
			rows := e.Ordered(now)
			if got := indices(rows); want != nil && !slices.Equal(got, want) {
				t.Errorf("%s, %s: got %v, want %v", c.name, when, got, want)
			}
			if c.options.Deployed && !slices.IsSortedFunc(rows, func(a, b *world.Call) int { return b.Updated(now).Compare(a.Updated(now)) }) {
				t.Errorf("%s, %s: rows are not by -updated_at: %v", c.name, when, indices(rows))
			}
		}
		hold(c.ended, "ended")
		if first := e.Ordered(now)[0].Updated(now); moves(c.options) != first.After(begin.Add(20*time.Second)) {
			t.Errorf("%s: the newest row is from %s", c.name, first.Sub(begin))
		}
		calls, _ := e.SelectCalls([]uuid.UUID{e.Calls[2].ID, e.Calls[5].ID}, false)
		e.Rerun(world.EvalOnly, calls, nil, e.Status(now), now)
		hold(c.reruns, "rerun")
		if c.options.Deployed {
			if top := indices(e.Ordered(now))[:2]; !slices.Equal(top, []int{5, 2}) {
				t.Errorf("%s: the rerun's calls are not the newest rows but %v", c.name, top)
			}
		}
	}
}

// moves reports whether rows move while calls run.
func moves(o world.Options) bool { return o.WholeRows || o.Text || !o.Deployed }

func TestAReshuffledExecutionComesToRest(t *testing.T) {
	t.Parallel()
	for _, deployed := range []bool{false, true} {
		_, e := start(t, world.Options{Deployed: deployed}, story.Plan{Reshuffle: 2})
		now := end(t, e, begin)
		var orders [][]int
		for range 4 {
			order := indices(e.Ordered(now))
			orders = append(orders, order)
			if sorted := slices.Sorted(slices.Values(order)); !slices.Equal(sorted, []int{0, 1, 2, 3, 4, 5, 6, 7}) {
				t.Errorf("deployed %t: a read has the calls %v", deployed, sorted)
			}
		}
		if slices.Equal(orders[0], orders[1]) || slices.Equal(orders[1], orders[2]) || !slices.Equal(orders[2], orders[3]) {
			t.Errorf("deployed %t: got %v, want two orders of their own and then one", deployed, orders)
		}
	}
}

// This is real-server.md, row 4.
func TestTiedRowsDependOnPageAndLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		deployed bool
		tied     bool
		whole    bool // the pages hold every call once
	}{
		{"deployed, tied", true, true, false},
		{"deployed, not tied", true, false, true},
		{"documented", false, true, true},
	} {
		_, e := start(t, world.Options{Deployed: c.deployed}, story.Plan{TiedRows: c.tied})
		now := end(t, e, begin)
		rows := e.Ordered(now)
		pages := func() []int { // two of four rows
			return indices(slices.Concat(e.Shuffled(rows, 1, 4, now)[:4], e.Shuffled(rows, 2, 4, now)[4:]))
		}
		first := pages()
		if again := pages(); !slices.Equal(first, again) {
			t.Errorf("%s: a second read gives %v, the first gave %v", c.name, again, first)
		}
		if n := len(slices.Compact(slices.Sorted(slices.Values(first)))); (n == 8) != c.whole {
			t.Errorf("%s: two pages hold %d different calls: %v", c.name, n, first)
		}
		if one := indices(e.Shuffled(rows, 1, 100, now)); !slices.Equal(one, indices(rows)) {
			t.Errorf("%s: a single page has %v, want %v", c.name, one, indices(rows))
		}
	}
}
