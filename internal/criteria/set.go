package criteria

// Set is all criteria and conditions of a user.
type Set struct {
	Criteria []Criterion
	// PassWhen says when a successful call counts as passed; empty means the default, that every
	// Pass/Fail eval passed.
	PassWhen []Condition
}

// Mistakes are the criteria and conditions that cannot work on any run: rates written as fractions,
// bounds that every value or none meets, and those that exclude an earlier one.
func (s Set) Mistakes() []Mistake {
	return append(mistakesIn(s.Criteria), mistakesIn(s.PassWhen)...)
}
