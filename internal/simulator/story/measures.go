package story

import (
	"math"
	"math/rand/v2"
	"time"
)

// Measures are the metrics of a conversation that took place.
type Measures struct {
	Response, Latency    int     // ms
	Stop                 int     // ms until the agent stops when interrupted
	Interruptions, Turns int     // Interruptions are the customer's
	UserWPM, BotWPM      float64 // words per minute
	TalkRatio            float64 // agent to customer
	AgentTalk            float64 // percent
	TokensIn, TokensOut  int
	ChatLatency          int // avg_latency_ms of a chat
}

// Measure draws the metrics of the conversation.
func (v Conversation) Measure(r *rand.Rand) Measures {
	m := Measures{
		Response:      700 + r.IntN(900),
		Latency:       600 + r.IntN(500),
		Interruptions: r.IntN(3),
		Stop:          250 + r.IntN(300),
		Turns:         len(v.Lines()) / 2,
		UserWPM:       Round(130+40*r.Float64(), 1),
		BotWPM:        Round(145+35*r.Float64(), 1),
		TalkRatio:     Round(0.7+r.Float64(), 1),
		TokensIn:      200 + r.IntN(400),
		TokensOut:     200 + r.IntN(400),
	}
	m.ChatLatency = m.Latency * 3
	m.AgentTalk = Round(100*m.TalkRatio/(1+m.TalkRatio), 1)
	return m
}

// InterruptionRate returns the interruptions per minute of conversation.
func (m Measures) InterruptionRate(talk time.Duration) float64 {
	if talk <= 0 {
		return 0
	}
	return Round(float64(m.Interruptions)/talk.Minutes(), 2)
}

// Cost returns the cost of a conversation in cents.
func (o *Outcome) Cost(talk time.Duration) int {
	if o.Cents > 0 {
		return o.Cents
	}
	return 5 * int(math.Ceil(talk.Minutes()))
}

// Round rounds to the given number of decimals.
func Round(v float64, digits int) float64 {
	p := math.Pow10(digits)
	return math.Round(v*p) / p
}
