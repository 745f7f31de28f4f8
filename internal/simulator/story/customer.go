package story

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Customer is the simulated customer of a chat. It knows nothing but the texts of the
// agent, so that the same agent hears the same conversation again.
type Customer struct {
	// Opening is its first line and first wish, Asks what it asks after that, one thing
	// a turn.
	Opening string
	Asks    []string
	// Grants are words, in lower case: an answer that has one of them grants the wish.
	Grants []string
	// Again is what it says when it has asked everything and the wish is not granted.
	Again string
	// Patience is with how many of the agent's turns it leaves without the wish granted.
	Patience int
	// Thanks and Leaves are its last lines, with and without the wish granted; they may be
	// empty, as the model may end a chat without words (chat.md 4.2).
	Thanks, Leaves string
	// Breaks are inner errors of the customer's model: the error of the agent's turn with
	// that number, from 1. [EmptyTwice] takes five seconds, as on the server.
	Breaks map[int]string
	// Unsaved makes the server fail to store how the chat ends: the call stays ongoing although
	// it was answered that the customer ended it, or that its model failed.
	Unsaved bool
	// Spoils, if not empty, is an inner error after the customer has ended the chat, as when its
	// messages cannot be stored: the answer tells the end, and the call has failed.
	Spoils string
	// Mute makes the model fail for the first line, which is "Hi!" then, without any error
	// (chat.md 4.1).
	Mute bool
}

// The reasons with which the customer's model ends a chat (chat.md 4.3).
const (
	EndedSatisfied   = "Customer is satisfied"
	EndedImpatient   = "Customer gave up"
	EndedBySimulator = "Chat ended by simulator" // the model gave none
)

// The errors of the customer's model (chat.md 4.2).
const (
	EmptyTwice = "Simulator returned an empty message twice"
	NoModel    = "GOOGLE_APPLICATION_CREDENTIALS environment variable must be set"
	ModelError = "Object of type Logging is not JSON serializable"
)

// NoModelOpening is the first line where the customer's model cannot be called and its
// agent has none of its own.
const NoModelOpening = "Hi!"

// Says is what the customer says to a turn of the agent.
type Says struct {
	Text    string
	Ended   bool
	Reason  string // of the end; empty where the model gave none
	Granted bool   // so far
}

// Hears gives the customer's answer to everything that the agent has said so far, its
// newest turn last. Without a turn it is the opening.
func (c *Customer) Hears(turns []string) Says {
	if len(turns) == 0 {
		return Says{Text: c.Opening}
	}
	n := len(turns)
	granted := c.granted(turns)
	switch {
	case granted && n > len(c.Asks):
		return Says{Text: c.Thanks, Ended: true, Reason: EndedSatisfied, Granted: true}
	case n >= c.Patience && !granted:
		return Says{Text: c.Leaves, Ended: true, Reason: EndedImpatient}
	case n <= len(c.Asks):
		return Says{Text: c.Asks[n-1], Granted: granted}
	}
	return Says{Text: c.Again, Granted: granted}
}

func (c *Customer) granted(turns []string) bool {
	for _, t := range turns {
		t = strings.ToLower(t)
		for _, word := range c.Grants {
			if strings.Contains(t, word) {
				return true
			}
		}
	}
	return false
}

// CustomerFor is the customer of a chat: it asks two to six things about its scenario and
// stays until its wish is granted, or for one to three turns more. A call that the plan
// lets fail breaks within its first two turns.
func (v Conversation) CustomerFor(attempt int, rng *rand.Rand) Customer {
	w := v.Script.wish
	asks := append([]string(nil), w.asks...)
	rng.Shuffle(len(asks), func(i, j int) { asks[i], asks[j] = asks[j], asks[i] })
	asks = asks[:min(1+rng.IntN(5), len(asks))]
	for i := range asks {
		asks[i] = v.Say(asks[i])
	}
	c := Customer{
		Opening: v.Say(w.opening), Asks: asks, Grants: w.grants, Again: v.Say(w.again),
		Patience: len(asks) + 2 + rng.IntN(3), Thanks: v.Say(Pick(rng, thanks)), Leaves: v.Say(Pick(rng, leaves)),
	}
	if rng.IntN(8) == 0 {
		c.Thanks = "" // it hangs up without words
	}
	if v.Outcome.FailsIn(attempt) {
		reason := v.Outcome.FailReason
		if reason == "" {
			reason = Pick(rng, []string{EmptyTwice, ModelError})
		}
		c.Breaks = map[int]string{1 + rng.IntN(2): reason}
	}
	return c
}

var (
	thanks = []string{"Thank you, that is all. Goodbye.", "Great, thanks for your help. Bye!", "Perfect. That settles it for me."}
	leaves = []string{"This leads nowhere. Goodbye.", "I have asked often enough. Bye.", "Never mind, I will try elsewhere."}
)

// PromptAnswer is the n-th answer, from 1, of the agent that a prompt makes on the server:
// one that grants the wish with its second, or a bad one.
func (c *Customer) PromptAnswer(n int, bad bool) string {
	if n < 2 || bad || len(c.Grants) == 0 {
		return fmt.Sprintf("Let me see what I can do for you (%d).", n)
	}
	return fmt.Sprintf("I have looked into it: %s. Is there anything else (%d)?", c.Grants[0], n)
}
