package stats

// Chances are what becomes of a rate at the looks: the probabilities to pass, to fail, and to be open
// after the last one, and the calls that it takes on average until the decision, or until the last
// look.
type Chances struct{ Pass, Fail, Open, Calls float64 }

// ChancesOf tells what becomes of the true rate, a fraction. The looks may be those of a [Test], or one
// look with the bounds of any other rule.
func ChancesOf(looks []Look, rate float64) Chances { return chances(looks, certain(0), 0, rate) }

// chances begins with so many hits open after so many calls.
func chances(looks []Look, open counts, calls int, rate float64) Chances {
	c := Chances{Open: 1, Calls: float64(calls)}
	for _, l := range looks {
		c.Calls += c.Open * float64(l.Calls-calls)
		open = open.plus(binomial(l.Calls-calls, rate))
		c.Pass += open.from(l.Pass)
		c.Fail += open.upTo(l.Fail)
		open = open.between(l.Fail, l.Pass)
		c.Open = open.from(open.first)
		calls = l.Calls
	}
	return c
}

// FixedLook is the only look of a rule for a fixed number of calls: the least hits that pass and the
// most that fail. More hits must not be worse.
func FixedLook(calls int, passes, fails func(hits int) bool) Look {
	return Look{
		Calls: calls,
		Pass:  firstRank(calls, passes),
		Fail:  firstRank(calls, func(hits int) bool { return !fails(hits) }) - 1,
	}
}
