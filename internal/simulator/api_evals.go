package simulator

import "time"

// shownEval is an entry of eval_outputs (contract, section 5). It is encoded only when it
// is written, outside the lock.
type shownEval struct{ *Judged }

func (v shownEval) append(b []byte) []byte {
	return appendObject(b, object{
		{"value", pythonic(v.Value)}, {"reason", v.Reason}, {"type", v.Type}, {"name", v.Name},
		{"error", v.Failed}, {"status", v.Status}, {"skipped", v.Skipped},
	})
}

// shownMetric is the entry of the same eval in eval_metrics.
type shownMetric struct {
	*Judged
	cfg *evalConfig
}

func (v shownMetric) append(b []byte) []byte {
	return appendObject(b, object{
		{"id", v.cfg.ID}, {"name", v.Name}, {"value", pythonic(v.Value)}, {"reason", v.Reason}, {"type", v.Type}, {"template_type", "single"}, {"visible", true},
		{"error", v.Failed}, {"status", v.Status}, {"skipped", v.Skipped}, {"error_localizer", v.cfg.errorLocalizer},
	})
}

// evalOutputs are the results of the call's evals by config id, in both forms. A pending
// one is {}.
func evalOutputs(c *call, now time.Time) (outputs, metrics object) {
	for _, e := range c.evalEntries(now) {
		id := e.cfg.ID.String()
		if e.result == nil {
			outputs = append(outputs, member{id, object{}})
			metrics = append(metrics, member{id, object{}})
			continue
		}
		outputs = append(outputs, member{id, shownEval{e.result}})
		metrics = append(metrics, member{id, shownMetric{e.result, e.cfg}})
	}
	return outputs, metrics
}

// storedEvals are the results in the form in which the server keeps them, by config id
// (contract, section 3.16).
func storedEvals(c *call, now time.Time) object {
	var stored object
	for _, e := range c.evalEntries(now) {
		if e.result == nil {
			stored = append(stored, member{e.cfg.ID.String(), object{}})
			continue
		}
		r := e.result
		o := object{
			{"name", r.Name}, {"output", pythonic(r.Value)}, {"reason", r.Reason}, {"status", r.Status}, {"skipped", r.Skipped}, {"output_type", r.Type},
		}
		if r.Failed {
			o = append(o, member{"error", "error"})
		}
		stored = append(stored, member{e.cfg.ID.String(), o})
	}
	return stored
}

// toolOutputs are the evaluations of tool calls by their ids.
func (h *Handler) toolOutputs(c *call, now time.Time) object {
	var outputs object
	for _, r := range c.toolResults(now) {
		value := "Passed"
		if !r.passed {
			value = "Failed"
		}
		outputs = append(outputs, member{h.toolID(r.tool), object{
			{"value", value}, {"reason", r.reason}, {"type", TypePassFail}, {"name", r.tool + " #1"}, {"error", false}, {"status", "completed"},
		}})
	}
	return outputs
}
