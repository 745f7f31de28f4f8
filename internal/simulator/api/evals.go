package api

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// shownEval is an entry of eval_outputs (contract, section 5), encoded only when the
// answer is written, outside the lock.
type shownEval struct{ *story.EvalOutput }

func (v shownEval) append(b []byte) []byte {
	return appendObject(b, object{
		{"value", pythonic(v.Value)}, {"reason", v.Reason}, {"type", v.Type}, {"name", v.Name},
		{"error", v.Failed}, {"status", v.Status}, {"skipped", v.Skipped},
	})
}

// shownMetric is the corresponding entry of eval_metrics.
type shownMetric struct {
	*story.EvalOutput
	cfg *world.EvalConfig
}

func (v shownMetric) append(b []byte) []byte {
	return appendObject(b, object{
		{"id", v.cfg.ID}, {"name", v.Name}, {"value", pythonic(v.Value)}, {"reason", v.Reason}, {"type", v.Type}, {"template_type", "single"}, {"visible", true},
		{"error", v.Failed}, {"status", v.Status}, {"skipped", v.Skipped}, {"error_localizer", v.cfg.ErrorLocalizer},
	})
}

// evalOutputs returns eval_outputs and eval_metrics, by config id. A pending result is {}.
func evalOutputs(c *world.Call, now time.Time) (outputs, metrics object) {
	for _, e := range c.EvalEntries(now) {
		id := e.Config.ID.String()
		if e.Result == nil {
			outputs = append(outputs, member{id, object{}})
			metrics = append(metrics, member{id, object{}})
			continue
		}
		outputs = append(outputs, member{id, shownEval{e.Result}})
		metrics = append(metrics, member{id, shownMetric{e.Result, e.Config}})
	}
	return outputs, metrics
}

// storedEvals returns the eval results in the server's stored form, by config id (contract,
// section 3.16).
func storedEvals(c *world.Call, now time.Time) object {
	var stored object
	for _, e := range c.EvalEntries(now) {
		if e.Result == nil {
			stored = append(stored, member{e.Config.ID.String(), object{}})
			continue
		}
		r := e.Result
		o := object{
			{"name", r.Name}, {"output", pythonic(r.Value)}, {"reason", r.Reason}, {"status", r.Status}, {"skipped", r.Skipped}, {"output_type", r.Type},
		}
		if r.Failed {
			o = append(o, member{"error", "error"})
		}
		stored = append(stored, member{e.Config.ID.String(), o})
	}
	return stored
}

// toolOutputs returns tool_outputs, by tool id.
func (h *Handler) toolOutputs(c *world.Call, now time.Time) object {
	var outputs object
	for _, r := range c.ToolResults(now) {
		value := "Passed"
		if !r.Passed {
			value = "Failed"
		}
		outputs = append(outputs, member{h.toolID(r.Tool), object{
			{"value", value}, {"reason", r.Reason}, {"type", story.TypePassFail}, {"name", r.Tool + " #1"}, {"error", false}, {"status", "completed"},
		}})
	}
	return outputs
}
