package dialect

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// runTestAnswer is what is read of a run test (contract, section 3.1). agent_version is an id
// in the documented dialect and an object in the deployed one.
type runTestAnswer struct {
	ID                words               `json:"id"`
	Name              words               `json:"name"`
	Description       words               `json:"description"`
	SourceType        words               `json:"source_type"`
	PromptID          words               `json:"prompt_template"`
	Prompt            object[promptRef]   `json:"prompt_template_detail"`
	VersionID         words               `json:"prompt_version"`
	Version           object[versionRef]  `json:"prompt_version_detail"`
	AgentID           words               `json:"agent_definition"`
	AgentDefinition   object[agentDetail] `json:"agent_definition_detail"`
	AgentVersion      object[agentState]  `json:"agent_version"`
	ScenarioIDs       list[words]         `json:"scenarios"`
	ScenarioDetails   list[scenarioRow]   `json:"scenarios_detail"`
	EvalConfigIDs     list[words]         `json:"simulate_eval_configs"`
	EvalConfigDetails list[evalConfigRow] `json:"simulate_eval_configs_detail"`
	Tools             *flag               `json:"enable_tool_evaluation"`
	Deleted           flag                `json:"deleted"`
	CreatedAt         instant             `json:"created_at"`
}

// agentDetail is an agent, or a snapshot of one.
type agentDetail struct {
	ID   words `json:"id"`
	Name words `json:"agent_name"`
	Type words `json:"agent_type"`
}

// promptRef is the prompt of a run test that has one instead of an agent (chat.md 9).
type promptRef struct {
	ID   words `json:"id"`
	Name words `json:"name"`
}

// versionRef is the version of that prompt.
type versionRef struct {
	ID   words `json:"id"`
	Name words `json:"template_version"`
}

// agentState is an agent version.
type agentState struct {
	ID       words               `json:"id"`
	Name     words               `json:"name"`
	Snapshot object[agentDetail] `json:"configuration_snapshot"`
}

// scenarioRow is a scenario of a run test.
type scenarioRow struct {
	ID     words `json:"id"`
	Name   words `json:"name"`
	Status words `json:"status"`
	Rows   count `json:"dataset_rows"`
}

// evalConfigRow is an eval config of a run test, with its original JSON.
type evalConfigRow struct {
	id, template, name words
	raw                json.RawMessage
}

// UnmarshalJSON implements json.Unmarshaler.
func (e *evalConfigRow) UnmarshalJSON(b []byte) error {
	var w object[struct {
		ID       words `json:"id"`
		Template words `json:"template_id"`
		Name     words `json:"name"`
	}]
	err := json.Unmarshal(b, &w)
	*e = evalConfigRow{id: w.v.ID, template: w.v.Template, name: w.v.Name, raw: slices.Clone(b)}
	return err
}

// RunTest reads a run test.
func (a Answers) RunTest(r io.Reader) (calls.RunTest, error) {
	w, err := readAnswer[runTestAnswer](r)
	if err != nil {
		return calls.RunTest{}, err
	}
	return w.runTest(a.secrets)
}

// runTest converts the response.
func (w runTestAnswer) runTest(secrets *Redactor) (calls.RunTest, error) {
	t := calls.RunTest{
		ID:         w.ID.id(),
		Name:       secrets.Keep(string(w.Name)),
		SourceType: keyword(w.SourceType, secrets),
		AgentID:    cmp.Or(w.AgentID.id(), w.AgentDefinition.v.ID.id()),
		CreatedAt:  w.CreatedAt.v,

		Description:    secrets.Keep(string(w.Description)),
		ToolEvaluation: (*bool)(w.Tools),
		AgentVersionID: w.AgentVersion.v.ID.id(),
		AgentVersion:   secrets.Keep(string(w.AgentVersion.v.Name)),

		Prompt: calls.Prompt{
			TemplateID: cmp.Or(w.PromptID.id(), w.Prompt.v.ID.id()),
			Name:       secrets.Keep(string(w.Prompt.v.Name)),
			VersionID:  cmp.Or(w.VersionID.id(), w.Version.v.ID.id()),
			Version:    secrets.Keep(string(w.Version.v.Name)),
		},
	}
	if t.ID == uuid.Nil {
		return calls.RunTest{}, Nonsense("the run test has no id, or one that is not a UUID")
	}
	agent, snapshot := w.AgentDefinition.v, w.AgentVersion.v.Snapshot.v
	t.AgentType = calls.AgentType(keyword(cmp.Or(agent.Type, snapshot.Type), secrets))
	t.AgentName = secrets.Keep(string(cmp.Or(agent.Name, snapshot.Name)))
	if t.OfPrompt() {
		t.AgentType, t.AgentName = calls.AgentText, t.Prompt.Name
	}

	for _, s := range w.ScenarioDetails {
		if id := s.ID.id(); id != uuid.Nil {
			t.Scenarios = append(t.Scenarios, calls.Scenario{
				ID:          id,
				Name:        secrets.Keep(string(s.Name)),
				Status:      secrets.Keep(string(s.Status)),
				DatasetRows: s.Rows.v,
			})
		}
	}
	for _, id := range ids(w.ScenarioIDs) {
		if !slices.ContainsFunc(t.Scenarios, func(s calls.Scenario) bool { return s.ID == id }) {
			t.Scenarios = append(t.Scenarios, calls.Scenario{ID: id})
		}
	}
	if w.EvalConfigDetails != nil || w.EvalConfigIDs != nil {
		t.EvalConfigs = []calls.EvalConfig{} // the server listed them, so not nil
	}
	for _, e := range w.EvalConfigDetails {
		if id := e.id.id(); id != uuid.Nil {
			t.EvalConfigs = append(t.EvalConfigs, calls.EvalConfig{
				ID:         id,
				TemplateID: e.template.id(),
				Name:       secrets.Keep(string(e.name)),
				Definition: secrets.json(e.raw),
			})
		}
	}
	for _, id := range ids(w.EvalConfigIDs) {
		if !slices.ContainsFunc(t.EvalConfigs, func(e calls.EvalConfig) bool { return e.ID == id }) {
			t.EvalConfigs = append(t.EvalConfigs, calls.EvalConfig{ID: id})
		}
	}
	return t, nil
}
