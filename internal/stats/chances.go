package stats

// Chances are what becomes of a rate at the looks: the probabilities to pass, to fail, and to be open
// after the last one, and the calls that it takes on average until the decision, or until the last
// look.
type Chances struct{ Pass, Fail, Open, Calls float64 }

// Course is looks at which a run goes on only while it may still be decided.
type Course struct {
	Looks []Look
	// hopeless are the numbers of hits after each look with which the run is given up; nil for none.
	hopeless []span
}

// span is the integers from low to high; none if high is below.
type span struct{ low, high int }

// GivingUp is the course of a run which ends as soon as the chance to be decided by a later look, see
// [DecidedByEnd], is below least; with 0, it never does. The looks may be those of a [Test], or one look with
// the bounds of any other rule.
func GivingUp(looks []Look, least float64) Course {
	c := Course{Looks: looks}
	if len(looks) < 2 || least <= 0 {
		return c
	}
	for i, chances := range decidedLater(looks) {
		first := looks[i].Fail + 1
		given := span{0, -1}
		for k, chance := range chances {
			if chance >= least {
				continue
			}
			// The chance is least between the bounds, and grows towards both.
			if given.high < given.low {
				given.low = first + k
			}
			given.high = first + k
		}
		c.hopeless = append(c.hopeless, given)
	}
	return c
}

// Chances tells what becomes of the true rate, a fraction. Open is also what is given up.
func (c Course) Chances(rate float64) Chances { return c.chances(certain(0), 0, rate) }

// chances begins with so many hits open after so many calls.
func (c Course) chances(open counts, calls int, rate float64) Chances {
	out := Chances{Calls: float64(calls)}
	goesOn, givenUp := 1.0, 0.0
	for i, l := range c.Looks {
		out.Calls += goesOn * float64(l.Calls-calls)
		open = open.plus(binomial(l.Calls-calls, rate))
		out.Pass += open.from(l.Pass)
		out.Fail += open.upTo(l.Fail)
		open = open.between(l.Fail, l.Pass)
		if i < len(c.hopeless) {
			givenUp += open.drop(c.hopeless[i])
		}
		goesOn = open.from(open.first)
		calls = l.Calls
	}
	out.Open = goesOn + givenUp
	return out
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
