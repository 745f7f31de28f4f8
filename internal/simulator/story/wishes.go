package story

import (
	"slices"
	"strings"
)

// wish is what the customer of a chat wants. An agent that only repeats the customer's
// words grants nothing: no line has a granting word.
type wish struct {
	opening string
	asks    []string
	grants  []string // in lower case
	again   string
}

// withWish gives a script the wish of its scenario.
func (s *Script) withWish(w wish) *Script {
	s.wish = w
	return s
}

// wishes are those of the scenarios with a script of their own.
func wishes() map[string]wish {
	return map[string]wish{
		"Refund for a damaged order": {
			opening: "Hi, order %d arrived with a broken lid. I want my money back.",
			asks: []string{
				"How long will that take?", "Do I have to send the broken one in?", "Will I get the full amount?",
				"Which account will it go to?", "Can I have that in writing?",
			},
			grants: []string{"refund"},
			again:  "I still want my money back for order %d. Can you do that or not?",
		},
		"Billing dispute": {
			opening: "Hello, I was charged twice for invoice %d.",
			asks: []string{
				"How could that happen?", "When do I see the money?", "Is the other charge right?",
				"Do I have to tell my bank?", "Can you send me a corrected copy?",
			},
			grants: []string{"duplicate", "refund", "credited", "reversed"},
			again:  "Invoice %d is still on my account twice. What will you do about it?",
		},
		"Cancel a subscription": {
			opening: "I want to end my subscription, number %d.",
			asks: []string{
				"Until when can I still use it?", "Will you charge me once more?", "Do I get a confirmation?",
				"What happens with my data?", "Could I come back later?",
			},
			grants: []string{"cancelled", "canceled", "cancellation", "terminated"},
			again:  "Please just end subscription %d. Can you do that?",
		},
		"Appointment booking": {
			opening: "I need an appointment for case %d next week, in the morning.",
			asks: []string{
				"How long will it take?", "What do I have to bring along?", "Where do I have to go?",
				"Could somebody else come in my place?", "Will I get a reminder?",
			},
			grants: []string{"booked", "reserved", "scheduled"},
			again:  "Do I have a morning appointment for case %d now?",
		},
	}
}

// plainGrants settle anything that has no script of its own.
var plainGrants = []string{"settled", "resolved", "sorted", "done", "fixed", "confirmed"}

// plainWish is about a topic, in which %% stands for a percent sign.
func plainWish(topic string) wish {
	var grants []string
	for _, word := range plainGrants {
		if !strings.Contains(strings.ToLower(topic), word) {
			grants = append(grants, word)
		}
	}
	return wish{
		opening: "Hello, I write about this: " + topic + ". My number is %d.",
		asks: []string{
			"What do you need from me?", "How long will that take?", "Who else has to know?",
			"Does it cost anything?", "Can I have that in writing?",
		},
		grants: grants,
		again:  "My case %d is still open. What about it?",
	}
}

// Persona is a scenario made of one person, as code (chat.md 8).
type Persona struct{ Name, Role, Situation, Outcome string }

// bystanders stand in any outcome.
var bystanders = []string{"agent", "customer", "caller", "should"}

// Script is the script of the persona: its wish is granted by a word of five letters or
// more of the outcome that its situation lacks, or by what settles anything.
func (p Persona) Script() *Script {
	topic := strings.ReplaceAll(p.Situation, "%", "%%")
	s := ScriptFor(p.Name)
	s.Opening, s.situation, s.Outcome = p.Situation, topic, p.Outcome
	w := plainWish(topic)
	var grants []string
	for word := range strings.FieldsFuncSeq(strings.ToLower(p.Outcome), func(r rune) bool { return (r < 'a' || r > 'z') && r < 0x80 }) {
		if len(word) >= 5 && !strings.Contains(strings.ToLower(p.Situation), word) && !slices.Contains(bystanders, word) {
			grants = append(grants, word)
		}
	}
	w.grants = append(grants, w.grants...)
	return s.withWish(w)
}
