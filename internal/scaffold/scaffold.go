// Package scaffold makes the files that the command init writes: a suite file, from run
// tests or as a template, and the workflow of a CI system. It writes nothing itself.
//
// scaffold.go has the suite file, criteria.go what an execution would just meet, and
// workflow.go the workflows.
package scaffold

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// SchemaURL is where editors find the JSON Schema of suite files.
const SchemaURL = "https://raw.githubusercontent.com/agent-gate/agent-gate/main/docs/suite.schema.json"

// Gate is a gate to write, for a run test.
type Gate struct {
	RunTest  calls.RunTest
	Criteria []string
	// Basis is the execution that just meets the criteria; uuid.Nil if there is none, so
	// that they are only a beginning.
	Basis uuid.UUID
	Calls int // of Basis
}

const head = "# yaml-language-server: $schema=" + SchemaURL + `
# The gates of this repository. Every input can stand here: docs/suite.md of agent-gate.
# To check this file: agent-gate validate
version: 1
`

// defaultCriteria are the criteria where no execution tells better ones.
var defaultCriteria = []string{"success_rate >= 90"}

// SuiteFile returns a suite file with gates for run tests.
func SuiteFile(gates []Gate) []byte {
	var b strings.Builder
	b.WriteString(head + "\n# defaults:            # inputs of all gates\n#   rerun-attempts: 1\n# budget:              # over all gates; cost in US dollars\n#   calls: 200\n\ngates:\n")
	taken := map[string]bool{}
	for _, g := range gates {
		if name := g.RunTest.Name.LineMax(nameLength); name != "" {
			fmt.Fprintf(&b, "  # Run test: %s\n", name)
		}
		fmt.Fprintf(&b, "  - name: %s\n    run-test-id: %s\n", gateName(g.RunTest.Name, taken), g.RunTest.ID)
		if g.RunTest.AgentType == calls.AgentText {
			b.WriteString("    # The API places no calls of text agents: agent-gate talks to this program.\n    agent-command: python agent.py # how to start your agent; or agent-url\n")
		}
		if g.Basis == uuid.Nil {
			b.WriteString("    # There is no completed execution to tell what the agent reaches: a beginning.\n")
		} else {
			fmt.Fprintf(&b, "    # Execution %s,\n    # the newest that completed, with %s, would just meet these:\n", g.Basis, text.Plural(g.Calls, "call"))
		}
		lines := g.Criteria
		if len(lines) == 0 {
			lines = defaultCriteria
		}
		b.WriteString("    criteria: |\n")
		for _, line := range lines {
			b.WriteString("      " + line + "\n")
		}
	}
	return []byte(b.String())
}

// nameLength is how much of a run test's name a comment shows, in characters.
const nameLength = 80

// gateNameLength is the longest name that gateName makes of a run test's.
const gateNameLength = 40

// gateName makes the name of a gate from that of a run test, unlike those taken.
func gateName(name text.Untrusted, taken map[string]bool) string {
	raw := name.Raw()
	// The suffix that makes the names of gate runs unique says nothing.
	if before := len(raw) - 37; before > 0 && raw[before] == '-' && uuid.Validate(raw[before+1:]) == nil {
		raw = raw[:before]
	}
	base := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return ' '
	}, raw), " ")
	base = strings.Join(strings.Fields(base), "-")
	if len(base) > gateNameLength {
		base = strings.Trim(base[:gateNameLength], "-")
	}
	if strings.Trim(base, "0123456789-") == "" { // YAML would read a number
		base = strings.TrimSuffix("gate-"+base, "-")
	}
	unique := base
	for n := 2; taken[unique]; n++ {
		unique = fmt.Sprintf("%s-%d", base, n)
	}
	taken[unique] = true
	return unique
}

// ExampleID stands for the id of a run test in the template.
const ExampleID = "11111111-1111-4111-8111-111111111111"

// Template returns a suite file to fill in.
func Template() []byte {
	return []byte(head + `
defaults:
  rerun-attempts: 1        # rerun calls that did not succeed
  # timeout: 45m
  # comment: on-failure    # on the pull or merge request

# budget: { calls: 200, cost: 25, minutes: 300 }   # over all gates; cost in US dollars

gates:
  - name: my-agent         # a-z, 0-9, - and _
    # Replace this by the id of a run test: the URL of its page in the dashboard has it.
    # With keys in the environment, agent-gate init --list prints them.
    run-test-id: ` + ExampleID + `
    criteria: |
      success_rate >= 90   # calls that took place
      # pass_rate >= 90    # calls whose Pass/Fail evals all passed
      # overall_score >= 7
    # owner: "@acme/voice"           # shown beside failures
    # paths: ["agents/support/**"]   # run only when one of these changed

  # A text agent of this repository:
  # - name: my-chat
  #   agent-definition-id: 22222222-2222-4222-8222-222222222222
  #   scenario-ids:
  #     - 33333333-3333-4333-8333-333333333333
  #   agent-command: python agent.py
  #   criteria: pass_rate >= 90

# quarantine:   # scenarios that run and are shown, but not judged, for at most 30 days
#   - { gate: my-agent, scenario: "Refund", reason: "flaky speech service", owner: "@acme/voice", until: YYYY-MM-DD }
`)
}
