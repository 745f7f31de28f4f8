package story

import (
	"fmt"
	"strings"
)

// Script is what people say in a scenario. %d stands for a number of the row.
type Script struct {
	Opening    string // prompt of the graph's first node
	situation  string
	Outcome    string // the ideal one
	good, bad  []Turn
	Tools      []string
	goodGist   string // call_summary of a good conversation
	badGist    string
	goodIssue  string // value of a reason eval
	badIssue   string
	ToolResult string
	wish       wish // what the customer of a chat wants
}

// Turn is one line of a conversation. The role is assistant (the agent under test),
// user (the simulated customer), or tool, whose text is the tool's name.
type Turn struct{ Role, Text string }

const (
	RoleAgent    = "assistant"
	RoleCustomer = "user"
	RoleTool     = "tool"
)

// ScriptFor finds the script of a scenario by its name; a name without one gets a
// plain conversation about it.
func ScriptFor(name string) *Script {
	w := wishes()[name]
	switch name {
	case "Refund for a damaged order":
		return refundScript().withWish(w)
	case "Billing dispute":
		return billingScript().withWish(w)
	case "Cancel a subscription":
		return cancelScript().withWish(w)
	case "Appointment booking":
		return bookingScript().withWish(w)
	}
	topic := strings.ReplaceAll(name, "%", "%%")
	return &Script{
		wish:      plainWish(topic),
		Opening:   "You call about: " + name,
		situation: topic + " (case %d).",
		Outcome:   "The request is settled within the call.",
		Tools:     []string{"lookup_case"},
		good: []Turn{
			{RoleAgent, "Thank you for calling Acme. How can I help?"},
			{RoleCustomer, "It is about this: " + topic + ". My number is %d."},
			{RoleTool, "lookup_case"},
			{RoleAgent, "I have found it and settled it for you."},
			{RoleCustomer, "That was quick, thank you."},
		},
		bad: []Turn{
			{RoleAgent, "Thank you for calling Acme. How can I help?"},
			{RoleCustomer, "It is about this: " + topic + ". My number is %d."},
			{RoleAgent, "I am not able to help with that."},
			{RoleCustomer, "Then I will try elsewhere."},
		},
		goodGist:   "The customer's request was settled within the call.",
		badGist:    "The agent turned the customer's request down.",
		goodIssue:  "The request was looked up and settled.",
		badIssue:   "The request was turned down without being looked up.",
		ToolResult: `{"status": "open"}`,
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
func (s *Script) lines(low bool) []Turn {
	if low {
		return s.bad
	}
	return s.good
}

// gist is the call_summary of a good conversation, or a bad one.
func (s *Script) gist(low bool) string {
	if low {
		return s.badGist
	}
	return s.goodGist
}

// issue is what a reason eval says of a good conversation, or a bad one.
func (s *Script) issue(low bool) string {
	if low {
		return s.badIssue
	}
	return s.goodIssue
}
