package simulator

import (
	"fmt"
	"strings"
)

// script is what people say in a scenario. %d stands for a number of the row.
type script struct {
	opening    string // prompt of the graph's first node
	situation  string
	outcome    string // the ideal one
	good, bad  []turn
	tools      []string
	goodGist   string // call_summary of a good conversation
	badGist    string
	goodIssue  string // value of a reason eval
	badIssue   string
	toolResult string
}

// turn is one line of a conversation. The role is assistant (the agent under test),
// user (the simulated customer), or tool, whose text is the tool's name.
type turn struct{ role, text string }

const (
	roleAgent    = "assistant"
	roleCustomer = "user"
	roleTool     = "tool"
)

// scriptFor finds the script of a scenario by its name; a name without one gets a
// plain conversation about it.
func scriptFor(name string) *script {
	switch name {
	case "Refund for a damaged order":
		return refundScript()
	case "Billing dispute":
		return billingScript()
	case "Cancel a subscription":
		return cancelScript()
	case "Appointment booking":
		return bookingScript()
	}
	topic := strings.ReplaceAll(name, "%", "%%")
	return &script{
		opening:   "You call about: " + name,
		situation: topic + " (case %d).",
		outcome:   "The request is settled within the call.",
		tools:     []string{"lookup_case"},
		good: []turn{
			{roleAgent, "Thank you for calling Acme. How can I help?"},
			{roleCustomer, "It is about this: " + topic + ". My number is %d."},
			{roleTool, "lookup_case"},
			{roleAgent, "I have found it and settled it for you."},
			{roleCustomer, "That was quick, thank you."},
		},
		bad: []turn{
			{roleAgent, "Thank you for calling Acme. How can I help?"},
			{roleCustomer, "It is about this: " + topic + ". My number is %d."},
			{roleAgent, "I am not able to help with that."},
			{roleCustomer, "Then I will try elsewhere."},
		},
		goodGist:   "The customer's request was settled within the call.",
		badGist:    "The agent turned the customer's request down.",
		goodIssue:  "The request was looked up and settled.",
		badIssue:   "The request was turned down without being looked up.",
		toolResult: `{"status": "open"}`,
	}
}

// about fills the number of a row in.
func about(format string, row int) string {
	if !strings.Contains(format, "%") {
		return format
	}
	return fmt.Sprintf(format, 4400+row)
}

// lines are the turns of a good conversation, or a bad one.
func (s *script) lines(low bool) []turn {
	if low {
		return s.bad
	}
	return s.good
}

// gist is the call_summary of a good conversation, or a bad one.
func (s *script) gist(low bool) string {
	if low {
		return s.badGist
	}
	return s.goodGist
}

// issue is what a reason eval says of a good conversation, or a bad one.
func (s *script) issue(low bool) string {
	if low {
		return s.badIssue
	}
	return s.goodIssue
}
