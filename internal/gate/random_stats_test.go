package gate_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// randomStats counts the random runs.
type randomStats struct {
	mu                                                   sync.Mutex
	runs, wrongs, faults, reruns, cleaned, late, unknown int
	started, twins                                       int
	seconds                                              map[string]int
	endings                                              map[string]int
	stops, cancels                                       []time.Duration
}

func (s *randomStats) add(r randomResult) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs++
	s.wrongs += len(r.wrongs)
	s.faults += r.faults
	s.reruns += r.reruns
	s.started += r.started
	s.endings[r.came]++
	if r.second != "" {
		s.seconds[r.second]++
	}
	for count, is := range map[*int]bool{&s.cleaned: r.cleaned, &s.late: r.late, &s.unknown: r.doubtful, &s.twins: r.twin} {
		if is {
			*count++
		}
	}
	if r.stop >= 0 {
		s.stops = append(s.stops, r.stop)
	}
	if r.cancel >= 0 {
		s.cancels = append(s.cancels, r.cancel)
	}
}

// String is a summary of the runs.
func (s *randomStats) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d random runs, %d violations; %d faults struck, %d reruns; cleanup had something to do %d times, %d times only after the faults; %d times nobody could tell whose an execution was, and it was left alone; "+
		"%d executions were started, %d times a second one after a refusal that had acted, behind a list that lagged, and one of the two was cancelled\n",
		s.runs, s.wrongs, s.faults, s.reruns, s.cleaned, s.late, s.unknown, s.started, s.twins)
	for _, times := range []struct {
		what string
		all  []time.Duration
	}{{"signal to the end of the run", s.stops}, {"signal to the cancel at the server", s.cancels}} {
		if n := len(times.all); n > 0 {
			slices.Sort(times.all)
			fmt.Fprintf(&b, "%s: %d times, median %s, 90%% within %s, at most %s\n", times.what, n,
				times.all[n/2].Round(time.Millisecond), times.all[n*9/10].Round(time.Millisecond), times.all[n-1].Round(time.Millisecond))
		}
	}
	for _, came := range slices.Sorted(maps.Keys(s.endings)) {
		fmt.Fprintf(&b, "%7d  %s\n", s.endings[came], came)
	}
	for _, came := range slices.Sorted(maps.Keys(s.seconds)) {
		fmt.Fprintf(&b, "%7d  another gate %s\n", s.seconds[came], came)
	}
	return b.String()
}
