package junit

import (
	"strings"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
)

// A callName is the name of a call in JUnit: unique, and stable between runs with the same
// scenarios, because GitLab compares branches by name and Jenkins keeps a history for each.
//
// Each trial of a case is a test case of its own, so that readers count calls and show which failed.
type callName struct {
	class, scenario string
	report.CallPlace
}

// callNames are the names of all calls.
type callNames struct {
	class  string // prefix, before the scenario
	places []report.CallPlace
}

// of returns the name of the call at an index, given the title of its scenario.
func (c callNames) of(at int, scenario text.Untrusted) callName {
	n := c.titled(scenario)
	n.CallPlace = c.places[at]
	return n
}

// titled returns the name of a scenario.
func (c callNames) titled(scenario text.Untrusted) callName {
	n := callName{scenario: scenarioTitle(scenario)}
	n.class = c.class + packageName(n.scenario)
	return n
}

func newCallNames(r report.Report) callNames {
	prefix := r.Evidence.Execution.AgentName
	if report.Blank(prefix) {
		prefix = r.Evidence.RunTest.Name
	}
	if report.Blank(prefix) {
		prefix = text.New("agent-gate")
	}
	return callNames{class: packageName(title(prefix, 150)) + ".", places: report.CallPlaces(r, scenarioTitle)}
}

func scenarioTitle(t text.Untrusted) string { return title(t, 150) }

// packageName replaces dots, at which readers would split the name.
func packageName(s string) string { return strings.ReplaceAll(s, ".", "_") }
