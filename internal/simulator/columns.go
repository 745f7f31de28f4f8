package simulator

import (
	"encoding/json"
	"fmt"
)

// columns is the column_order of a deployed page. Every poll repeats it, so it is
// encoded once for the evals that there are.
func (e *execution) columns() json.RawMessage {
	c := &e.columnCache
	if c.raw == nil || c.evals != len(e.evals) || c.tools != e.runTest.tools {
		*c = columnCache{raw: appendJSON(nil, e.columnList()), evals: len(e.evals), tools: e.runTest.tools}
	}
	return c.raw
}

type columnCache struct {
	raw   json.RawMessage
	evals int
	tools bool
}

// columnList makes column_order. Its evaluation entries tell which evals exist
// (contract, section 3.7).
func (e *execution) columnList() []object {
	plain := func(name, id string, visible bool) object {
		return object{{"column_name", name}, {"id", id}, {"visible", visible}}
	}
	list := []object{
		plain("Timestamp", "timestamp", true),
		plain("Call Details", "call_details", true),
		plain("Overall Score", "overall_score", false),
		plain("Agent interruption", "ai_interruption_count", false),
		plain("Simulator interruption", "user_interruption_count", false),
		plain("Turn Count", "turn_count", true),
		plain("Agent Talk (%)", "agent_talk_percentage", true),
		plain("Latency", "latency", false),
		plain("Provider Call ID", "service_provider_call_id", false),
	}
	if len(e.scenarios) > 0 {
		last := e.scenarios[len(e.scenarios)-1]
		for i, name := range scenarioColumns {
			var ids []string
			for _, sc := range e.scenarios {
				ids = append(ids, sc.columns[i].String())
			}
			list = append(list, object{
				{"id", name}, {"column_name", name}, {"visible", true}, {"data_type", columnTypes[i]},
				{"type", "scenario_dataset_column"}, {"scenario_id", last.id}, {"dataset_id", last.dataset}, {"dataset_column_ids", ids},
			})
		}
	}
	for _, cfg := range e.evals {
		list = append(list, object{
			{"column_name", cfg.name}, {"id", cfg.id},
			{"eval_config", object{{"output", cfg.typ}, {"eval_type_id", evaluator(cfg)}, {"required_keys", []string{"conversation"}}, {"config", object{}}}},
			{"visible", true}, {"type", "evaluation"},
		})
	}
	if e.runTest.tools {
		list = append(list, e.toolColumns()...)
	}
	return list
}

var (
	scenarioColumns = [...]string{"situation", "persona", "Ideal Outcome"}
	columnTypes     = [...]string{"text", "persona", "text"}
)

func evaluator(cfg *evalConfig) string {
	switch {
	case cfg.typ == TypeNumeric:
		return "CustomCodeEval"
	case cfg.typ == TypePassFail && len(cfg.choices) > 0:
		return "DeterministicEvaluator"
	case cfg.typ == TypePassFail:
		return "AgentEvaluator"
	}
	return "CustomPromptEvaluator"
}

// toolColumns are the columns of tool evaluations, one for each tool of a scenario.
func (e *execution) toolColumns() []object {
	var list []object
	seen := map[string]bool{}
	for _, sc := range e.scenarios {
		for _, tool := range sc.script.tools {
			if seen[tool] {
				continue
			}
			seen[tool] = true
			id := e.s.toolID(tool)
			name := tool + " #1"
			list = append(list, object{
				{"column_name", name}, {"id", id},
				{"eval_config", object{
					{"eval_type_id", "tool_evaluation"}, {"tool_name", tool}, {"tool_call_id", fmt.Sprintf("toolu_%.8s", id)},
					{"tool_index", 1}, {"name", name},
				}},
				{"visible", true}, {"type", "tool_evaluation"},
			})
		}
	}
	return list
}

// toolID is the identifier of a tool evaluation.
func (s *Server) toolID(tool string) string {
	h := uint64(0)
	for _, b := range []byte(tool) {
		h = mix(h, uint64(b))
	}
	return s.id(idTool, h).String()
}
