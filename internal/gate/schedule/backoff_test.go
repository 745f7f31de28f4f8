package schedule

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// at is a poll that saw done of total calls settled.
func at(status calls.ExecutionStatus, done, total int) calls.Progress {
	return calls.Progress{Status: status, Total: &total, Completed: &done, Failed: new(int)}
}

// steady is a schedule without jitter, with bounds that are out of the way.
func steady() *Schedule {
	s := New(time.Millisecond, time.Hour)
	s.Random = func() float64 { return 0.5 }
	return s
}

func TestEveryWaitKeepsItsBounds(t *testing.T) {
	t.Parallel()
	const low, high = 2 * time.Second, 30 * time.Second
	s := New(low, high)
	for i := range 500 {
		if i%7 == 0 {
			s.Observe(at(calls.ExecutionRunning, i/7, 60), time.Duration(i)*11*time.Second)
		}
		if got := s.NextBackOff(); got < low || got > high {
			t.Fatalf("wait %d is %s, want it between %s and %s", i, got, low, high)
		}
	}
}

// Whatever a server says, and however often a poll fails: no wait leaves the bounds.
func FuzzSchedule(f *testing.F) {
	f.Add([]byte{}, int64(2e9), int64(30e9), 0.5)
	f.Add([]byte("\x00\x05\x02\x01\x09\x09\x01\x03\x00\x00\x40\x01\x07\xff\xff\xff"), int64(1e6), int64(3600e9), 1.0)
	f.Fuzz(func(t *testing.T, told []byte, low, high int64, random float64) {
		const most = int64(time.Hour) // as the inputs have it
		low = 1 + max(low, -low, 0)%most
		high = low + max(high, -high, 0)%most
		s := New(time.Duration(low), time.Duration(high))
		s.Random = func() float64 { return min(max(random, 0), 1) }
		statuses := []calls.ExecutionStatus{"", "warming_up", calls.ExecutionPending, calls.ExecutionRunning, calls.ExecutionEvaluating, calls.ExecutionCompleted}
		elapsed := time.Duration(0)
		for ; len(told) >= 8; told = told[8:] {
			count := func(i int) *int {
				if told[i] == 0xff {
					return nil
				}
				return new(int(int16(binary.BigEndian.Uint16(told[i:]))))
			}
			p := calls.Progress{Status: statuses[int(told[0])%len(statuses)], Total: count(1), Completed: count(3), Failed: count(5)}
			if told[7]%4 > 0 { // the others are polls that failed
				s.Observe(p, elapsed)
			}
			wait := s.NextBackOff()
			if wait < time.Duration(low) || wait > time.Duration(high) {
				t.Fatalf("got a wait of %s, want it between %s and %s", wait, time.Duration(low), time.Duration(high))
			}
			if left := s.Estimate(); left < 0 {
				t.Fatalf("got an estimate of %s", left)
			}
			elapsed += wait + time.Duration(told[7])*time.Millisecond
		}
	})
}

func TestWaitsDifferByTheJitter(t *testing.T) {
	t.Parallel()
	wait := func(random float64) time.Duration {
		s := steady()
		s.Random = func() float64 { return random }
		s.Observe(at(calls.ExecutionRunning, 10, 20), 100*time.Second)
		return s.NextBackOff()
	}
	low, middle, high := wait(0), wait(0.5), wait(1)
	if l, h := low.Seconds()/middle.Seconds(), high.Seconds()/middle.Seconds(); l < 0.899 || l > 0.901 || h < 1.099 || h > 1.101 {
		t.Errorf("got waits from %s over %s to %s, want 10%% less and more", low, middle, high)
	}
}

// The rule itself: the chance that all steps happen within the wait, times its square.
func TestWaitsFollowTheRule(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		polls       []calls.Progress // 20 s apart, from 0 on
		steps, span float64
	}{
		"evaluating since the poll before":     {[]calls.Progress{at(calls.ExecutionEvaluating, 9, 9), at(calls.ExecutionEvaluating, 9, 9)}, 1, 15 + 20},
		"evaluating just now":                  {[]calls.Progress{at(calls.ExecutionRunning, 9, 9), at(calls.ExecutionEvaluating, 9, 9)}, 1, 15},
		"two calls are evaluated":              {[]calls.Progress{at(calls.ExecutionRunning, 5, 9), at(calls.ExecutionEvaluating, 7, 9)}, 2, 20},
		"all settled and no evals":             {[]calls.Progress{at(calls.ExecutionRunning, 7, 9), at(calls.ExecutionRunning, 9, 9)}, 1, 15},
		"one call left":                        {[]calls.Progress{at(calls.ExecutionRunning, 0, 9), at(calls.ExecutionRunning, 7, 9), at(calls.ExecutionRunning, 8, 9)}, 2, 20},
		"one call left for long":               {[]calls.Progress{at(calls.ExecutionRunning, 7, 9), at(calls.ExecutionRunning, 8, 9), at(calls.ExecutionRunning, 8, 9), at(calls.ExecutionRunning, 8, 9)}, 2, 60},
		"three left, three took two polls":     {[]calls.Progress{at(calls.ExecutionRunning, 1, 9), at(calls.ExecutionRunning, 3, 9), at(calls.ExecutionRunning, 5, 9), at(calls.ExecutionRunning, 6, 9)}, 4, 40},
		"many left, all of the time for a few": {[]calls.Progress{at(calls.ExecutionRunning, 0, 90), at(calls.ExecutionRunning, 10, 90)}, 5, (15 + 20) * 8},
		"none settled":                         {[]calls.Progress{at(calls.ExecutionRunning, 0, 4)}, 5, 15 * 4},
		"calls settled before the watch":       {[]calls.Progress{at(calls.ExecutionRunning, 80, 84)}, 5, 15 * 4},
		"calls are open again":                 {[]calls.Progress{at(calls.ExecutionCompleted, 84, 84), at(calls.ExecutionRunning, 80, 84)}, 5, 15 * 4},
		"no counts":                            {[]calls.Progress{{Status: calls.ExecutionRunning, Total: new(9)}, {Status: calls.ExecutionRunning, Total: new(9)}}, 2, 15 + 20},
		"counts that are gone":                 {[]calls.Progress{at(calls.ExecutionRunning, 7, 9), {Status: calls.ExecutionRunning}}, 2, 15 + 20},
		"no call connected":                    {[]calls.Progress{at(calls.ExecutionPending, 0, 84)}, 2, 15},
		"no calls yet":                         {[]calls.Progress{at(calls.ExecutionPending, 0, 0)}, 2, 15},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := steady()
			for i, p := range tc.polls {
				s.Observe(p, time.Duration(i)*20*time.Second)
			}
			wait := s.NextBackOff().Seconds()
			got, want := wait*wait, RequestPrice.Seconds()*RequestPrice.Seconds()
			for range int(tc.steps) {
				got *= wait / tc.span
			}
			if got < want*0.999 || got > want*1.001 {
				t.Errorf("waits %.2f s: wait² × (wait/span)^steps is %.4f for %v steps in %v s, want %.4f", wait, got, tc.steps, tc.span, want)
			}
		})
	}
}

func TestWaitsGrowWhileNothingIsKnown(t *testing.T) {
	t.Parallel()
	s := New(2*time.Second, 30*time.Second)
	s.Random = func() float64 { return 0.5 }
	var total, last time.Duration
	polls := 0
	for ; total < 10*time.Minute; polls++ {
		wait := s.NextBackOff()
		if wait < last {
			t.Fatalf("waited %s after %s", wait, last)
		}
		total, last = total+wait, wait
	}
	if polls > 60 {
		t.Errorf("%d polls in ten minutes without news, want at most 60", polls)
	}
}

func TestPollsComeCloserTowardsTheEstimatedEnd(t *testing.T) {
	t.Parallel()
	s := steady()
	for i := range 11 {
		s.Observe(at(calls.ExecutionRunning, i, 20), time.Duration(i)*10*time.Second)
	}
	if got, want := s.Estimate(), 100*time.Second; got != want {
		t.Fatalf("estimated %s left after half the calls, want %s", got, want)
	}
	first := s.NextBackOff()
	for i := 11; i < 20; i++ {
		s.Observe(at(calls.ExecutionRunning, i, 20), time.Duration(i)*10*time.Second)
	}
	last := s.NextBackOff()
	if last >= first/2 {
		t.Errorf("waited %s with half the calls to go and %s with one to go, want much less", first, last)
	}
}

func TestNothingIsEstimatedBeforeACallHasSettled(t *testing.T) {
	t.Parallel()
	s := steady()
	for i, p := range []calls.Progress{at(calls.ExecutionPending, 0, 0), at(calls.ExecutionRunning, 3, 20), at(calls.ExecutionRunning, 3, 20), {Status: calls.ExecutionRunning}} {
		s.Observe(p, time.Duration(i)*10*time.Second)
		if got := s.Estimate(); got != 0 {
			t.Errorf("estimated %s left after poll %d, want nothing", got, i)
		}
	}
}

func TestANewPhaseStartsWithShortWaits(t *testing.T) {
	t.Parallel()
	s := New(time.Second, time.Minute)
	s.Observe(at(calls.ExecutionRunning, 20, 20), 100*time.Second)
	for range 20 {
		s.NextBackOff()
	}
	s.Observe(at(calls.ExecutionEvaluating, 20, 20), 300*time.Second)
	if got, limit := s.NextBackOff(), 3*time.Second; got > limit {
		t.Errorf("first wait of the evaluating phase is %s, want at most %s", got, limit)
	}
}

func TestAStragglerIsPolledLessAndLess(t *testing.T) {
	t.Parallel()
	// The last call takes far longer than the others did. The waits must neither stay at
	// the minimum for ever nor exceed the maximum.
	s := New(time.Second, 30*time.Second)
	s.Observe(at(calls.ExecutionRunning, 19, 20), 60*time.Second)
	var waited time.Duration
	polls := 0
	for ; waited < 20*time.Minute; polls++ {
		wait := s.NextBackOff()
		waited += wait
		s.Observe(at(calls.ExecutionRunning, 19, 20), 60*time.Second+waited)
	}
	if polls > 120 {
		t.Errorf("%d polls in twenty minutes of waiting for one call, want at most 120", polls)
	}
}

func TestAnExecutionThatHangsIsPolledLessAndLess(t *testing.T) {
	t.Parallel()
	for _, status := range []calls.ExecutionStatus{calls.ExecutionPending, calls.ExecutionRunning, calls.ExecutionEvaluating, "warming_up"} {
		s := New(2*time.Second, 30*time.Second)
		s.Random = func() float64 { return 0.5 }
		polls := 0
		for now := time.Duration(0); now < time.Hour; now += s.NextBackOff() {
			s.Observe(calls.Progress{Status: status}, now)
			polls++
		}
		if wait := s.NextBackOff(); polls > 260 || wait != 30*time.Second {
			t.Errorf("%s: %d polls in an hour, and a wait of %s then; want at most 260, and the maximum", status, polls, wait)
		}
	}
}

func TestResetForgetsWhatWasLearned(t *testing.T) {
	t.Parallel()
	fresh, used := steady(), steady()
	for i := range 5 {
		used.Observe(at(calls.ExecutionRunning, i, 20), time.Duration(i)*10*time.Second)
		used.NextBackOff()
	}
	used.Reset()
	if got, want := used.NextBackOff(), fresh.NextBackOff(); got != want {
		t.Errorf("the first wait after a reset is %s, want %s", got, want)
	}
}
