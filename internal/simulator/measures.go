package simulator

import (
	"math"
	"math/rand/v2"
	"time"
)

// measures are the numbers of a conversation that took place.
type measures struct {
	response, latency, interruptions, stop, turns int
	userWPM, botWPM, talkRatio, agentTalk         float64
	tokensIn, tokensOut                           int
}

// Measured draws the numbers of the conversation.
func (v Conversation) Measured(r *rand.Rand) measures {
	m := measures{
		response:      700 + r.IntN(900),
		latency:       600 + r.IntN(500),
		interruptions: r.IntN(3),
		stop:          250 + r.IntN(300),
		turns:         len(v.Lines()) / 2,
		userWPM:       round(130+40*r.Float64(), 1),
		botWPM:        round(145+35*r.Float64(), 1),
		talkRatio:     round(0.7+r.Float64(), 1),
		tokensIn:      200 + r.IntN(400),
		tokensOut:     200 + r.IntN(400),
	}
	m.agentTalk = round(100*m.talkRatio/(1+m.talkRatio), 1)
	return m
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

func round(v float64, digits int) float64 {
	p := math.Pow10(digits)
	return math.Round(v*p) / p
}
