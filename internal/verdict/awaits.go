package verdict

// outcomes are those that a check may come to, a bit for each.
type outcomes uint8

const (
	mayMeet outcomes = 1 << iota
	mayMiss
	mayBeUndecided
	mayLackData
	anyOutcome = mayMeet | mayMiss | mayBeUndecided | mayLackData
)

// outcomesOf is the set of one outcome.
func outcomesOf(o CheckOutcome) outcomes {
	switch o {
	case Met:
		return mayMeet
	case NotMet:
		return mayMiss
	case Undecided:
		return mayBeUndecided
	case NoData:
	}
	return mayLackData
}

// Awaits reports whether the verdict of a run that has just ended depends on what is still
// to come: scores and evals without a result, and calls that have not ended.
func Awaits(e Evidence, r Rules) bool {
	e.Open = true
	if r.problem() != "" || e.Stopped != nil || e.FailFast != nil || !notJudged(e).IsEmpty() {
		return false
	}
	j := newJudgement(e, r)
	for i, c := range r.Criteria {
		j.check(i, c)
	}
	var misses, lacks, open bool
	for i := range j.findings {
		may := j.findings[i].mayCome(r.DecideOn)
		if may == mayMiss {
			return false // it fails whatever comes
		}
		misses = misses || may&mayMiss != 0
		lacks = lacks || may == mayLackData
		open = open || may&(may-1) != 0
	}
	switch {
	case misses:
		return true
	case lacks, !e.Unevaluated.IsEmpty(), !j.untested(true).IsEmpty():
		return false // it is an error whatever comes
	}
	return open || !j.untested(false).IsEmpty()
}

// mayCome are the outcomes that the check may come to by what is still to come: rather too
// many than too few.
func (f *finding) mayCome(on DecideOn) outcomes {
	m, r, c := &f.measured, &f.reading, f.criterion
	byInterval := on == DecideOnInterval
	switch {
	case f.late == 0:
		return outcomesOf(f.Outcome)
	case !r.bounded, byInterval && r.inferred && m.metric.family == average && c.Stat == statMean:
		return anyOutcome // values that come spread in any way
	case f.Outcome != NoData:
		return outcomesOf(f.Outcome) // it holds for whatever comes
	case c.Change, c.Op == opEqual, byInterval, m.metric.family == average:
		return anyOutcome
	}
	// The rate or the count if all that is late counts, and if nothing of it does.
	at := func(hits int) outcomes {
		unknown := m.unknown() - m.late
		if m.metric.family == count {
			return outcomesOf(readCount(hits, unknown, m.n).decide(c.Op, c.Bound, on))
		}
		return outcomesOf(readRate(hits, unknown, m.n, defaultConfidence/100).decide(c.Op, c.Bound, on))
	}
	return at(m.hits) | at(m.hits+m.late) | mayLackData
}
