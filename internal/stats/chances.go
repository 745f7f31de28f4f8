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

// Rerun is the look's chance to pass if calls that miss are placed again, up to so many times, as long as at
// most so many missed the first time. rate is the true rate of every single try.
func (l Look) Rerun(rate float64, times, most int) float64 {
	again := 1.0 // the probability that a call which missed also misses every further try
	for range times {
		again *= 1 - rate
	}
	missed := binomial(l.Calls, 1-rate)
	allowed := l.Calls - l.Pass // misses
	pass := 0.0
	for i, p := range missed.p {
		switch first := missed.first + i; {
		case first <= allowed:
			pass += p
		case first <= most && allowed >= 0:
			pass += p * binomialCDF(allowed, first, again)
		}
	}
	return pass
}
