package verdict

import (
	"fmt"
	"slices"
)

// Rules are what a run is judged by.
type Rules struct {
	Set
	Confidence float64   // level of the intervals, percent, 50 to 99.9; 0 means 95
	DecideOn   DecideOn  // empty means DecideOnEstimate
	Baseline   *Baseline // what a ".change" compares with; nil when there is none
	// PlatformFails counts calls that the platform lost as failed; else they are unknown.
	PlatformFails bool
}

// DecideOn says what a criterion compares with its bound.
type DecideOn string

// The ways to decide.
const (
	DecideOnEstimate DecideOn = "estimate" // the measured value
	DecideOnInterval DecideOn = "interval" // the whole interval, else undecided
)

// problem says why a run cannot be judged by the rules; empty when it can.
func (r Rules) problem() string {
	if len(r.Criteria) == 0 {
		return "there are no criteria: a gate without criteria is a mistake"
	}
	for _, c := range r.Criteria {
		if err := c.Validate(); err != nil {
			return err.Error()
		}
	}
	if r.Confidence != 0 && !(r.Confidence >= 50 && r.Confidence <= 99.9) {
		return fmt.Sprintf("the confidence is %v, and it takes 50 to 99.9 percent", r.Confidence)
	}
	switch r.DecideOn {
	case "", DecideOnEstimate, DecideOnInterval:
		return ""
	}
	return fmt.Sprintf("decide-on is %s, and it takes estimate or interval", show(string(r.DecideOn)))
}

// runWide are the rules without criteria on scenarios and evals.
func (r Rules) runWide() Rules {
	r.Criteria = slices.DeleteFunc(slices.Clone(r.Criteria), func(c Criterion) bool { return c.Scope.Kind != ScopeRun })
	return r
}
