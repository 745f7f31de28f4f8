package simulator

import (
	"fmt"
	"math"
	"time"
)

// measures are the numbers of a conversation that took place.
type measures struct {
	response, latency, interruptions, stop, turns int
	userWPM, botWPM, talkRatio, agentTalk         float64
	tokensIn, tokensOut                           int
}

// measures are there once the conversation has ended, unless it failed or was too
// little to be processed.
func (c *call) measures(now time.Time) (measures, bool) {
	if !reached(c.now.ended, now) || c.now.fails || c.now.revived || c.out.SkipReason != "" {
		return measures{}, false
	}
	e, i, n := c.seed()
	r := c.exec.s.draw(drawMetrics, e, i, n)
	m := measures{
		response:      700 + r.IntN(900),
		latency:       600 + r.IntN(500),
		interruptions: r.IntN(3),
		stop:          250 + r.IntN(300),
		turns:         len(c.lines()) / 2,
		userWPM:       round(130+40*r.Float64(), 1),
		botWPM:        round(145+35*r.Float64(), 1),
		talkRatio:     round(0.7+r.Float64(), 1),
		tokensIn:      200 + r.IntN(400),
		tokensOut:     200 + r.IntN(400),
	}
	m.agentTalk = round(100*m.talkRatio/(1+m.talkRatio), 1)
	return m, true
}

// interruptionRate is per minute of conversation.
func (m measures) interruptionRate(talk time.Duration) float64 {
	if talk <= 0 {
		return 0
	}
	return round(float64(m.interruptions)/talk.Minutes(), 2)
}

// cost is five cents for each minute begun.
func cost(talk time.Duration) int { return 5 * int(math.Ceil(talk.Minutes())) }

// phone is the simulated customer's number, in the range kept for fiction.
func (c *call) phone() string { return fmt.Sprintf("+1415555%04d", (100+c.index)%10000) }

func round(v float64, digits int) float64 {
	p := math.Pow10(digits)
	return math.Round(v*p) / p
}

// ratio is a mean, 0 when there is nothing.
func ratio(sum float64, n int) float64 {
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}
