package simulator

import "time"

// What a call tells about itself beside numbers.

// score is the overall_score, null when there is none yet or ever.
func (c *call) score(now time.Time) *float {
	if !c.scored(now) {
		return nil
	}
	if c.out.Score != nil {
		return new(float(*c.out.Score))
	}
	e, i, n := c.seed()
	r := c.exec.s.draw(drawContent, e, i, n)
	if c.out.Low {
		return new(float(1 + r.IntN(4)))
	}
	return new(float(7 + r.IntN(4)))
}

// failure is why the attempt failed.
func (c *call) failure() string {
	if c.out.FailReason != "" || c.out.NoReason {
		return c.out.FailReason
	}
	return c.drawnReason()
}

// explained reports whether the reason of a failed attempt is there already.
func (c *call) explained(now time.Time) bool {
	late := c.out.ReasonAfter
	if c.failure() == EndedActivityFailed {
		late = max(late, activityLate)
	}
	return late == 0 || late != Forever && reached(c.now.done.Add(c.exec.s.span(late)), now)
}

// endedReason is why the call ended, null while it goes on. Chats that fail give none.
func (c *call) endedReason(now time.Time) *string {
	status := c.status(now)
	var reason string
	switch {
	case reached(c.now.overruled, now):
		reason = c.now.overruledFor
	case reached(c.now.stopped, now):
		reason = c.now.stoppedFor
	case status == StatusFailed && !c.wavering(now):
		if c.exec.s.opts.Agent == Text && c.out.FailReason == "" || !c.explained(now) {
			return nil
		}
		reason = c.failure()
	case !status.Terminal() && !reached(c.now.ended, now):
		return nil
	case c.now.revived:
		reason = c.failure()
	case c.out.EndedReason != "":
		reason = c.out.EndedReason
	default:
		e, i, n := c.seed()
		reasons := []string{"customer-ended-call", "assistant-ended-call"}
		if c.exec.s.opts.Agent == Text {
			reasons = []string{"customer-ended-chat"}
		}
		reason = pick(c.exec.s.draw(drawContent, e, i, mix(n, 2)), reasons)
	}
	if reason == "" {
		return nil
	}
	return new(c.said(reason))
}

// skipped is processing_skipped and its reason. Failed voice calls carry it too.
func (c *call) skipped(now time.Time) (bool, *string) {
	switch status := c.status(now); {
	case c.wavering(now):
	case reached(c.now.overruled, now):
		return true, new("Call transcript is unavailable and we could not determine call duration, so processing was skipped.")
	case status == StatusFailed && c.exec.s.opts.Agent == Voice && c.now.stoppedAs == "":
		return true, new(c.said("Call failed before evaluations: " + c.failure()))
	case status == StatusCompleted && !c.now.revived && c.out.SkipReason != "":
		return true, new(c.said(c.out.SkipReason))
	}
	return false, nil
}

func (c *call) summary() string {
	switch {
	case c.out.Summary != "":
		return c.said(c.out.Summary)
	case c.out.Low:
		return c.said(c.scenario.script.badGist)
	}
	return c.said(c.scenario.script.goodGist)
}

// providerID is the voice provider's name of the call, once it has ended.
func (c *call) providerID(now time.Time) *string {
	if c.exec.s.opts.Agent == Text || !reached(c.now.ended, now) {
		return nil
	}
	return new("call_" + c.id.String()[:8])
}

// audio is the recording of a voice call, once it has ended.
func (c *call) audio(now time.Time) *string {
	if c.providerID(now) == nil {
		return nil
	}
	return new(c.recording("combined"))
}

func (c *call) recording(track string) string {
	return "https://recordings.example.com/" + c.id.String() + "/" + track + ".wav"
}

// scenarioColumns are the cells of the dataset row.
func (c *call) scenarioColumns() object {
	names := []string{"Jordan", "Priya", "Sam", "Alex", "Chen", "Maria"}
	ages := []string{"18-25", "25-32", "32-40", "40-50", "50-60"}
	moods := []string{"impatient", "detailed", "angry", "friendly", "hesitant"}
	sc := c.scenario
	values := [...]any{
		c.said(about(sc.script.situation, c.row)),
		object{
			{"name", names[c.row%len(names)]}, {"age_group", ages[c.row%len(ages)]},
			{"personality", moods[(c.row+c.index)%len(moods)]}, {"language", "English"},
		},
		sc.script.outcome,
	}
	if sc.bare {
		return object{}
	}
	o := make(object, len(values))
	for i, name := range scenarioColumns {
		o[i] = member{name, object{
			{"value", values[i]}, {"visible", true}, {"dataset_column_id", sc.columns[i]}, {"dataset_id", sc.dataset},
			{"column_name", name}, {"data_type", columnTypes[i]},
		}}
	}
	return o
}
