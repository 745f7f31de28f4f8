package story

import (
	"fmt"
	"strings"
)

// Script is the dialogue of a scenario. %d stands for a number that depends on the row.
type Script struct {
	Opening    string // prompt of the graph's first node
	situation  string
	Outcome    string // the ideal outcome
	good, bad  []Turn
	Tools      []string
	goodGist   string // call_summary of a good conversation
	badGist    string
	goodIssue  string // value of a reason eval
	badIssue   string
	ToolResult string
}

// Turn is one line of a conversation. For a tool, Text is its name.
type Turn struct{ Role, Text string }

// The roles: the agent under test, the simulated customer, and a tool that the agent
// calls.
const (
	RoleAgent    = "assistant"
	RoleCustomer = "user"
	RoleTool     = "tool"
)

// ScriptFor returns the script of a scenario by name. A scenario without one gets a plain
// conversation about its name.
func ScriptFor(name string) *Script {
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
	return &Script{
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

// about fills in the number of a row.
func about(format string, row int) string {
	if !strings.Contains(format, "%") {
		return format
	}
	return fmt.Sprintf(format, 4400+row)
}

// lines returns the turns of a good conversation, or of a bad one if low.
func (s *Script) lines(low bool) []Turn {
	if low {
		return s.bad
	}
	return s.good
}

// gist returns the call_summary of a good conversation, or of a bad one if low.
func (s *Script) gist(low bool) string {
	if low {
		return s.badGist
	}
	return s.goodGist
}

// issue returns the value of a reason eval for a good conversation, or for a bad one if
// low.
func (s *Script) issue(low bool) string {
	if low {
		return s.badIssue
	}
	return s.goodIssue
}
