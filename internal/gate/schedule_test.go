package gate

import (
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/client"
)

// at is a poll that saw done of total calls settled.
func at(status client.ExecutionStatus, done, total int) client.Progress {
	return client.Progress{Status: status, Total: &total, Completed: &done, Failed: new(int)}
}

func TestEveryWaitKeepsItsBounds(t *testing.T) {
	t.Parallel()
	const low, high = 2 * time.Second, 30 * time.Second
	s := newSchedule(low, high)
	for i := range 500 {
		if i%7 == 0 {
			s.observe(at(client.ExecutionRunning, i/7, 60), time.Duration(i)*11*time.Second)
		}
		if got := s.NextBackOff(); got < low || got > high {
			t.Fatalf("wait %d is %s, want it between %s and %s", i, got, low, high)
		}
	}
}

func TestWaitsGrowWhileNothingIsKnown(t *testing.T) {
	t.Parallel()
	s := newSchedule(2*time.Second, 30*time.Second)
	var total time.Duration
	polls := 0
	for ; total < 10*time.Minute; polls++ {
		total += s.NextBackOff()
	}
	if polls > 40 {
		t.Errorf("%d polls in ten minutes without news, want at most 40", polls)
	}
}

func TestPollsComeCloserTowardsTheEstimatedEnd(t *testing.T) {
	t.Parallel()
	s := newSchedule(time.Second, time.Minute)
	s.observe(at(client.ExecutionRunning, 10, 20), 100*time.Second)
	if want := 100 * time.Second; s.left != want {
		t.Fatalf("estimated %s left after half the calls, want %s", s.left, want)
	}
	first := s.NextBackOff()
	s.observe(at(client.ExecutionRunning, 19, 20), 190*time.Second)
	last := s.NextBackOff()
	if last >= first/2 {
		t.Errorf("waited %s with half the calls to go and %s with one to go, want much less", first, last)
	}
}

func TestANewPhaseStartsWithShortWaits(t *testing.T) {
	t.Parallel()
	s := newSchedule(time.Second, time.Minute)
	s.observe(at(client.ExecutionRunning, 20, 20), 100*time.Second)
	for range 20 {
		s.NextBackOff()
	}
	s.observe(at(client.ExecutionEvaluating, 20, 20), 300*time.Second)
	if got, limit := s.NextBackOff(), 2*time.Second; got > limit {
		t.Errorf("first wait of the evaluating phase is %s, want at most %s", got, limit)
	}
}

func TestAnEstimateIsUsedUpByWaiting(t *testing.T) {
	t.Parallel()
	// A straggler: the last call takes far longer than the others did. The waits must
	// neither stop at the minimum for ever nor exceed the maximum.
	s := newSchedule(time.Second, 30*time.Second)
	s.observe(at(client.ExecutionRunning, 19, 20), 60*time.Second)
	var waited time.Duration
	polls := 0
	for ; waited < 20*time.Minute; polls++ {
		wait := s.NextBackOff()
		waited += wait
		s.observe(at(client.ExecutionRunning, 19, 20), 60*time.Second+waited)
	}
	if polls > 120 {
		t.Errorf("%d polls in twenty minutes of waiting for one call, want at most 120", polls)
	}
}
