package config

import (
	"slices"
	"strings"
)

// targetNames are the inputs that say what to run.
func targetNames() []string { return append(wayNames(), "scenario-ids") }

// wayNames are the inputs of which exactly one says what to run.
func wayNames() []string {
	return []string{"agent-definition-id", "run-test-id", "test-execution-id"}
}

// modeOf returns the mode that an input selects.
func modeOf(name string) Mode {
	switch name {
	case "agent-definition-id":
		return ModeCreate
	case "run-test-id":
		return ModeExecute
	}
	return ModeAttach
}

// target determines the mode and rejects inputs that do not belong to it.
func (s *sources) target(v settings) Target {
	if !s.command.runs() || s.isWhole() {
		return Target{RunTestID: v.RunTestID} // for init
	}
	ways := s.withoutInherited(slices.DeleteFunc(wayNames(), func(name string) bool { return !s.isSet(name) }))
	t := Target{ScenarioIDs: v.ScenarioIDs, SimulatorID: v.SimulatorID}
	for _, way := range ways {
		switch modeOf(way) {
		case ModeCreate:
			t.AgentDefinitionID = v.AgentDefinitionID
		case ModeExecute:
			t.RunTestID = v.RunTestID
		case ModeAttach:
			t.TestExecutionID = v.TestExecutionID
		}
	}
	switch len(ways) {
	case 0:
		hint := ""
		if s.isSet("scenario-ids") {
			hint = "; scenario-ids alone does not say which agent to test"
		}
		s.reject("", "", "nothing to run: give exactly one of agent-definition-id with scenario-ids, run-test-id or test-execution-id%s", hint)
		return t
	case 1:
	default:
		s.reject("", "", "%s", s.ambiguous(ways))
		return t
	}
	t.Mode = modeOf(ways[0])
	if t.Mode == ModeCreate && !s.isSet("scenario-ids") {
		s.reject("scenario-ids", "", "required with agent-definition-id")
	}
	s.checkModes(t.Mode, ways[0])
	s.checkToolEvaluation(t.Mode, ways[0])
	return t
}

// isSet reports whether an input has a value, valid or not, given or by default.
func (s *sources) isSet(name string) bool {
	in, _ := find(s.inputs, name)
	value, _ := s.value(in)
	return value != ""
}

// checkModes rejects inputs that the mode would ignore.
func (s *sources) checkModes(mode Mode, way string) {
	for _, in := range s.inputs {
		if len(in.Modes) == 0 || slices.Contains(in.Modes, mode) || !s.isGiven(in.Name) {
			continue
		}
		if in.Lenient {
			s.warn(in.Name, s.from(in.Name), "no effect with %s", way)
		} else {
			s.reject(in.Name, s.from(in.Name), "no effect with %s; remove one of the two", way)
		}
	}
}

// checkToolEvaluation rejects enable-tool-evaluation when no request would carry it:
// without a run test to create and without new evals.
func (s *sources) checkToolEvaluation(mode Mode, way string) {
	const name = "enable-tool-evaluation"
	if mode != ModeCreate && s.isGiven(name) && !s.isSet("new-eval-config-ids") {
		s.reject(name, s.from(name), "no effect with %s unless new-eval-config-ids is given; remove it", way)
	}
}

// ambiguous describes which modes were given at once. In GitLab the outputs of an earlier
// gate job arrive as variables from its dotenv report and override the job's own; two of
// them have the names of inputs.
func (s *sources) ambiguous(ways []string) string {
	named := make([]string, len(ways))
	var inherited []string
	for i, name := range ways {
		from := s.from(name)
		named[i] = Problem{Input: name, From: from}.label()
		if s.isOutput(from) {
			inherited = append(inherited, from)
		}
	}
	message := "more than one thing to run: " + strings.Join(named, " and ") + "; give exactly one"
	if len(inherited) > 0 {
		message += ". " + strings.Join(inherited, " and ") + " may come from an earlier job's dotenv report: " + keepItOut
	}
	return message
}

// keepItOut says how to get rid of variables from an earlier job.
const keepItOut = "in GitLab, keep it out with needs: artifacts: false or dependencies: [], or clear it before the command"

// isOutput reports whether a variable has the name of an output.
func (s *sources) isOutput(variable string) bool {
	return slices.ContainsFunc(Outputs(), func(o Output) bool { return o.EnvName() == variable })
}

// withoutInherited drops the ways that an earlier gate job left in the environment,
// together with its verdict, if something else says what to run. If nothing else does,
// they are a mistake: the job would be judged by calls that were paid for before, and
// could pass without a call of its own. To do that on purpose, give the input by its
// flag.
func (s *sources) withoutInherited(ways []string) []string {
	if strings.TrimSpace(s.env[envPrefix+"VERDICT"]) == "" {
		return ways
	}
	var own, inherited []string
	for _, way := range ways {
		if s.isOutput(s.from(way)) {
			inherited = append(inherited, way)
		} else {
			own = append(own, way)
		}
	}
	for _, way := range inherited {
		if len(own) > 0 {
			s.note(way, s.from(way), "ignored: it comes from an earlier job's dotenv report (%sVERDICT is set too)", envPrefix)
		} else {
			s.reject(way, s.from(way), "it comes from an earlier job's dotenv report (%sVERDICT is set too); to judge that job's execution again, pass %s as a flag; otherwise, %s",
				envPrefix, way, keepItOut)
		}
	}
	if len(own) == 0 && len(inherited) > 1 {
		return inherited[:1] // one mistake is enough
	}
	if len(own) > 0 {
		return own
	}
	return inherited
}
