package simulator

import (
	"cmp"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
)

// evalOutput is an entry of eval_outputs (contract, section 5). A pending one is {}.
type evalOutput struct {
	value   any
	reason  string
	typ     *string
	name    string
	failed  bool
	status  string
	skipped bool
}

// evalMetric is the entry of the same eval in eval_metrics.
type evalMetric struct {
	*evalOutput
	cfg *evalConfig
}

func (o *evalOutput) append(b []byte) []byte {
	return appendObject(b, object{
		{"value", o.value}, {"reason", o.reason}, {"type", o.typ}, {"name", o.name},
		{"error", o.failed}, {"status", o.status}, {"skipped", o.skipped},
	})
}

func (m *evalMetric) append(b []byte) []byte {
	return appendObject(b, object{
		{"id", m.cfg.id}, {"name", m.name}, {"value", m.value}, {"reason", m.reason}, {"type", m.typ}, {"template_type", "single"}, {"visible", true},
		{"error", m.failed}, {"status", m.status}, {"skipped", m.skipped}, {"error_localizer", m.cfg.errorLocalizer},
	})
}

// evalOutputs are the results of the call's evals by config id, in both forms. A call
// that has not ended, or was cancelled, has none.
func (c *call) evalOutputs(now time.Time) (outputs, metrics object) {
	status := c.status(now)
	if status != StatusCompleted && status != StatusFailed || c.wavering(now) {
		return outputs, metrics
	}
	for _, cfg := range c.exec.evals {
		out, state := c.evalOutput(cfg, status, now)
		id := cfg.id.String()
		switch state {
		case resultAbsent:
		case resultPending:
			outputs = append(outputs, member{id, object{}})
			metrics = append(metrics, member{id, object{}})
		default:
			outputs = append(outputs, member{id, out})
			metrics = append(metrics, member{id, &evalMetric{out, cfg}})
		}
	}
	return outputs, metrics
}

// storedEvals are the results in the form in which the server keeps them, by config id
// (contract, section 3.16).
func (c *call) storedEvals(now time.Time) object {
	outputs, _ := c.evalOutputs(now)
	for i := range outputs {
		out, has := outputs[i].value.(*evalOutput)
		if !has {
			continue
		}
		stored := object{
			{"name", out.name}, {"output", out.value}, {"reason", out.reason}, {"status", out.status}, {"skipped", out.skipped}, {"output_type", out.typ},
		}
		if out.failed {
			stored = append(stored, member{"error", "error"})
		}
		outputs[i].value = stored
	}
	return outputs
}

// evalOutput is the result of one eval. The state tells a pending and an absent one.
func (c *call) evalOutput(cfg *evalConfig, status Status, now time.Time) (*evalOutput, resultKind) {
	round := c.round
	if r, anew := c.exec.rounds[cfg.id]; anew {
		if !reached(r.ready, now) || status == StatusFailed {
			return nil, resultPending // new evals leave {} on calls that failed
		}
		round += r.n
	}
	out := &evalOutput{name: cfg.name, status: "completed"}
	if c.exec.plan.Hostile && c.index%6 == 5 {
		out.name = c.title()
	}
	text := c.exec.s.opts.Agent == Text
	if text {
		out.status = "Completed"
	}
	switch {
	case status == StatusFailed && (text || c.now.stoppedAs != ""):
		return nil, resultAbsent // chats, and calls whose runner died
	case status == StatusFailed:
		return skippedOutput(out, "Call failed before evaluations: "+c.failure()), resultSkipped
	case c.now.revived || c.out.NoTranscript:
		out.reason, out.typ = noTranscript, narrowType(cfg)
		return out, resultEmpty
	case c.out.SkipReason != "":
		return skippedOutput(out, c.out.SkipReason), resultSkipped
	}

	e, i, n := c.seed()
	rng := c.exec.s.draw(drawEval, e, i, mix(n, fold(cfg.id), uint64(round)))
	r, given := c.scripted(cfg.name, round)
	if !given {
		r.kind = c.exec.plan.Rates.evalFate(rng)
		if c.out.Low && r.kind == resultGood {
			r.kind = resultBad
		}
	}
	if c.awaits(cmp.Or(r.late, c.out.LateEvals, c.exec.plan.LateEvals), now) {
		return nil, resultPending
	}
	return c.judged(out, cfg, r, rng), r.kind
}

// awaits reports whether something that comes so long after the execution's end is
// still to come.
func (c *call) awaits(late time.Duration, now time.Time) bool {
	if late == 0 || late == Forever {
		return late == Forever
	}
	return c.now.closes.IsZero() || now.Before(c.now.closes.Add(c.exec.s.span(late)))
}

// judged fills the result of a conversation that there was.
func (c *call) judged(out *evalOutput, cfg *evalConfig, r EvalResult, rng *rand.Rand) *evalOutput {
	out.typ = new(cfg.typ)
	switch r.kind {
	case resultErrored:
		out.failed, out.typ = true, narrowType(cfg)
		out.status, out.reason = "error", "Evaluation failed. Please contact Future AGI support."
		if rng.IntN(2) == 0 {
			out.status, out.reason = "Failed", "Usage limit reached for evaluations."
		}
	case resultSkipped:
		skippedOutput(out, "The evaluation was skipped.")
	case resultEmpty:
		out.reason = "The evaluator returned no metric."
	case resultValue:
		out.value, out.reason = pythonic(r.value), "Scripted result."
	case resultGood, resultBad:
		out.value, out.reason = c.drawnValue(cfg, r.kind == resultGood, rng)
		if c.exec.plan.Hostile {
			out.value = c.hostileValue(cfg, out.value)
		}
	}
	if r.reason != "" {
		out.reason = r.reason
	}
	if r.typ != "" {
		out.typ = new(r.typ)
	}
	out.reason = c.said(out.reason)
	return out
}

func skippedOutput(out *evalOutput, reason string) *evalOutput {
	out.reason, out.status, out.skipped, out.typ = reason, "skipped", true, nil
	return out
}

// narrowType is the type that entries without a value get: from a rule of the server
// that knows only three types (contract, section 5).
func narrowType(cfg *evalConfig) *string {
	switch cfg.typ {
	case TypePassFail, TypeChoices:
		return new(cfg.typ)
	}
	return new(TypeScore)
}

// hostileValue puts the hostile text where a value may hold text.
func (c *call) hostileValue(cfg *evalConfig, v any) any {
	switch cfg.typ {
	case TypeChoices:
		return []any{c.said(""), "Polite"}
	case TypeReason:
		return c.said("")
	}
	return v
}

// toolOutputs are the evaluations of tool calls, where the run test wants them.
func (c *call) toolOutputs(now time.Time) object {
	var outputs object
	if !c.exec.runTest.tools || c.status(now) != StatusCompleted || !c.conversed(now) {
		return outputs
	}
	for _, tool := range c.scenario.script.tools {
		value, reason := "Passed", "Called with the right arguments."
		if c.out.Low {
			value, reason = "Failed", "The tool was needed and not called."
		}
		outputs = append(outputs, member{c.exec.s.toolID(tool), object{
			{"value", value}, {"reason", c.said(reason)}, {"type", TypePassFail}, {"name", tool + " #1"}, {"error", false}, {"status", "completed"},
		}})
	}
	return outputs
}

// evalIDs are the identifiers of configs, for the ledger.
func evalIDs(configs []*evalConfig) []uuid.UUID {
	ids := make([]uuid.UUID, len(configs))
	for i, cfg := range configs {
		ids[i] = cfg.id
	}
	return ids
}
