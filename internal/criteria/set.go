package criteria

// Set is what a user wrote of what a run has to keep.
type Set struct {
	Criteria []Criterion
	// PassWhen is when a call that succeeded counts as passed; empty for the default: every
	// Pass/Fail eval passed.
	PassWhen []Condition
}

// Mistakes are the criteria and conditions that cannot do their work whatever the run is
// like: rates that are written as a part of one, bounds that no value can miss or meet, and
// those that exclude an earlier one.
func (s Set) Mistakes() []Mistake {
	return append(mistakesIn(s.Criteria), mistakesIn(s.PassWhen)...)
}
