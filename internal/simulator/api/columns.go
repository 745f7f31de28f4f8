package api

import (
	"encoding/json"
	"fmt"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// columns returns the column_order of a deployed page. Every poll repeats it, so it is
// encoded once and again only when evals are added or tool evaluation is switched.
func (h *Handler) columns(e *world.Execution) json.RawMessage {
	c, cached := h.columnsOf[e.ID]
	if !cached || c.evals != len(e.Evals) || c.tools != e.RunTest.Tools {
		c = columnCache{raw: appendJSON(nil, h.columnList(e)), evals: len(e.Evals), tools: e.RunTest.Tools}
		h.columnsOf[e.ID] = c
	}
	return c.raw
}

type columnCache struct {
	raw   json.RawMessage
	evals int
	tools bool
}

// columnList builds column_order. Its evaluation entries tell clients which evals exist
// (contract, section 3.7).
func (h *Handler) columnList(e *world.Execution) []object {
	plain := func(name, id string, visible bool) object {
		return object{{"column_name", name}, {"id", id}, {"visible", visible}}
	}
	list := []object{
		plain("Chat Details", "call_details", true), plain("Overall Score", "overall_score", false),
		plain("Total Tokens", "total_tokens", false), plain("Input Tokens", "input_tokens", false), plain("Output Tokens", "output_tokens", false),
		plain("Average Latency (ms)", "avg_latency_ms", false), plain("Turn Count", "turn_count", false),
	}
	if e.Chat == nil {
		list = voiceColumns(plain)
	}
	return h.appendOwn(list, e)
}

// voiceColumns are the columns of calls with a voice agent.
func voiceColumns(plain func(name, id string, visible bool) object) []object {
	return []object{
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
}

// appendOwn appends the columns that depend on the execution.
func (h *Handler) appendOwn(list []object, e *world.Execution) []object {
	if len(e.Scenarios) > 0 {
		last := e.Scenarios[len(e.Scenarios)-1]
		for i, name := range scenarioColumns {
			var ids []string
			for _, sc := range e.Scenarios {
				ids = append(ids, sc.Columns[i].String())
			}
			list = append(list, object{
				{"id", name}, {"column_name", name}, {"visible", true}, {"data_type", columnTypes[i]},
				{"type", "scenario_dataset_column"}, {"scenario_id", last.ID}, {"dataset_id", last.Dataset}, {"dataset_column_ids", ids},
			})
		}
	}
	for _, cfg := range e.Evals {
		list = append(list, object{
			{"column_name", cfg.Name}, {"id", cfg.ID},
			{"eval_config", object{{"output", cfg.Type}, {"eval_type_id", evaluator(cfg)}, {"required_keys", []string{"conversation"}}, {"config", object{}}}},
			{"visible", true}, {"type", "evaluation"},
		})
	}
	if e.RunTest.Tools && e.Chat == nil {
		list = append(list, h.toolColumns(e)...)
	}
	return list
}

var (
	scenarioColumns = [...]string{"situation", "persona", "Ideal Outcome"}
	columnTypes     = [...]string{"text", "persona", "text"}
)

// evaluator returns the server's class of evaluator for an eval.
func evaluator(cfg *world.EvalConfig) string {
	switch {
	case cfg.Type == story.TypeNumeric:
		return "CustomCodeEval"
	case cfg.Type == story.TypePassFail && len(cfg.Choices) > 0:
		return "DeterministicEvaluator"
	case cfg.Type == story.TypePassFail:
		return "AgentEvaluator"
	}
	return "CustomPromptEvaluator"
}

// toolColumns returns the columns of tool evaluations, one for each tool.
func (h *Handler) toolColumns(e *world.Execution) []object {
	var list []object
	seen := map[string]bool{}
	for _, sc := range e.Scenarios {
		for _, tool := range sc.Script.Tools {
			if seen[tool] {
				continue
			}
			seen[tool] = true
			id := h.toolID(tool)
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

// toolID returns the id of a tool's evaluation.
func (h *Handler) toolID(tool string) string {
	n := uint64(0)
	for _, b := range []byte(tool) {
		n = story.Mix(n, uint64(b))
	}
	return h.w.ID(story.ForTool, n).String()
}

// scenarioCells returns scenario_columns, the cells of the call's dataset row: the same in every
// execution.
func (h *Handler) scenarioCells(c *world.Call) object {
	names := []string{"Jordan", "Priya", "Sam", "Alex", "Chen", "Maria"}
	ages := []string{"18-25", "25-32", "32-40", "40-50", "50-60"}
	moods := []string{"impatient", "detailed", "angry", "friendly", "hesitant"}
	sc := c.Scenario
	values := [...]any{
		c.Conversation().Situation(),
		object{
			{"name", names[c.Row%len(names)]}, {"age_group", ages[c.Row%len(ages)]},
			{"personality", moods[(2*c.Row+len(sc.Name))%len(moods)]}, {"language", "English"},
		},
		sc.Script.Outcome,
	}
	if sc.NoDataset || h.opts.OmitCells {
		return object{}
	}
	o := make(object, len(values))
	for i, name := range scenarioColumns {
		o[i] = member{name, object{
			{"value", values[i]}, {"visible", true}, {"dataset_column_id", sc.Columns[i]}, {"dataset_id", sc.Dataset},
			{"column_name", name}, {"data_type", columnTypes[i]},
		}}
	}
	return o
}
