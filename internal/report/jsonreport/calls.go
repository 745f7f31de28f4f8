package jsonreport

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A run has up to 100,000 calls, and encoding/json is slow. So calls are written by hand in the
// shape of [jsonCall], which also defines how they are read; a test compares the two. Unusual
// calls are left to encoding/json.

// A jsonBuffer builds JSON. It keeps the first error.
type jsonBuffer struct {
	b   []byte
	err error
}

// call writes what encoding/json would write for callJSON(c, m).
func (j *jsonBuffer) call(c *verdict.Call, m callMark) {
	evals, ok := sortedEvals(c.Evals)
	if !ok || c.Transcript != nil { // rare
		j.other(callJSON(*c, m))
		return
	}
	outcome := c.Outcome()
	j.put(`{"id":`)
	j.id(c.ID)
	j.key("scenario").textOrNull(c.Scenario)
	j.key("scenario_id").idOrNull(c.ScenarioID)
	j.key("status").str(string(c.Status))
	j.key("outcome").str(string(m.outcome))
	j.key("passed")
	if m.passed == nil {
		j.put("null")
	} else {
		j.boolean(*m.passed)
	}
	j.key("lost").boolean(outcome == verdict.Lost)
	j.key("first_outcome").str(string(cmp.Or(c.FirstOutcome, outcome)))
	j.key("attempts").number(max(c.Attempts, 1))
	j.key("flaky").boolean(c.Flaky())
	j.key("execution").number(c.Execution)
	j.key("trial").number(m.trial)
	j.key("case").textOrNull(m.plays)
	j.key("overall_score").float(c.OverallScore)
	j.key("duration_seconds").float(c.DurationSeconds)
	j.key("response_seconds").float(c.ResponseSeconds)
	j.key("cost_cents").float(c.CostCents)
	j.key("ended_reason").textOrNull(c.EndedReason)
	j.key("processing_skipped").boolean(c.ProcessingSkipped)
	j.key("skip_reason").textOrNull(c.SkipReason)
	j.key("started_at").moment(c.StartedAt)
	j.key("updated_at").moment(c.UpdatedAt)
	j.key("row").row(c.Row)
	j.key("evals").evals(evals)
	j.put(`,"transcript":null,"transcript_left":null,"transcript_missing":null`)
	j.put("}")
}

// reasonLimit is how many bytes of an eval's reason a report keeps: a model decides how long it is.
const reasonLimit = 4000

// sortedEvals sorts evals by ID; ok is false if two have the same ID, so their keys need
// numbers, or if one has a number that JSON cannot represent.
func sortedEvals(evals []calls.Eval) (_ []*calls.Eval, ok bool) {
	sorted := make([]*calls.Eval, len(evals))
	for i := range evals {
		sorted[i] = &evals[i]
	}
	slices.SortFunc(sorted, func(a, b *calls.Eval) int { return calls.CompareIDs(a.ConfigID(), b.ConfigID()) })
	for i, e := range sorted {
		if i > 0 && sorted[i-1].ConfigID() == e.ConfigID() || report.Finite(new(e.Value().Number)) == nil {
			return nil, false
		}
	}
	return sorted, true
}

// evals writes evals keyed by ID.
func (j *jsonBuffer) evals(sorted []*calls.Eval) {
	j.put("{")
	for i, e := range sorted {
		if i > 0 {
			j.put(",")
		}
		j.id(e.ConfigID())
		j.put(":")
		j.eval(e)
	}
	j.put("}")
}

// eval writes what encoding/json would write for evalJSON(e).
func (j *jsonBuffer) eval(kept *calls.Eval) {
	e := kept.Result()
	j.put(`{"name":`)
	j.textOrNull(e.Name)
	j.key("type").textOrNull(e.Type)
	j.key("state").str(string(e.State))
	j.key("kind")
	if e.Value.Kind == calls.ValueNone {
		j.put("null")
	} else {
		j.str(string(e.Value.Kind))
	}
	j.key("passed")
	if e.Value.Kind == calls.ValuePass {
		j.boolean(e.Value.Passed)
	} else {
		j.put("null")
	}
	j.key("number")
	if e.Value.Kind == calls.ValueScore || e.Value.Kind == calls.ValueNumeric {
		j.float(&e.Value.Number)
	} else {
		j.put("null")
	}
	j.key("labels").put("[")
	for i, l := range e.Value.Labels {
		if i > 0 {
			j.put(",")
		}
		j.text(l)
	}
	j.put("]")
	j.key("reason").textOrNull(e.Reason.Beginning(reasonLimit))
	j.put("}")
}

func (j *jsonBuffer) put(s report.Lit) { j.b = append(j.b, s...) }

// key writes the key of any value but the first.
func (j *jsonBuffer) key(name report.Lit) *jsonBuffer {
	j.b = append(append(append(j.b, `,"`...), name...), `":`...)
	return j
}

// other writes a value with encoding/json.
func (j *jsonBuffer) other(v any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // ">=" is a part of every criterion
	if err := e.Encode(v); err != nil {
		j.err = cmp.Or(j.err, err)
		return
	}
	j.b = append(j.b, report.Inert(bytes.TrimRight(b.Bytes(), "\n"))...)
}

// str writes a string, fast if nothing needs escaping.
func (j *jsonBuffer) str(s string) {
	if !report.NeedsNoEscape(s) {
		j.other(s)
		return
	}
	j.b = append(append(append(j.b, '"'), s...), '"')
}

// text writes untrusted text unchanged: JSON encoding escapes it.
func (j *jsonBuffer) text(t text.Untrusted) {
	if !report.NeedsNoEscape(t.Raw()) {
		j.other(t)
		return
	}
	j.b = append(append(append(j.b, '"'), t.Raw()...), '"')
}

func (j *jsonBuffer) textOrNull(t text.Untrusted) {
	if t.IsEmpty() {
		j.put("null")
		return
	}
	j.text(t)
}

func (j *jsonBuffer) id(id uuid.UUID) {
	j.b = append(j.b, '"')
	from := 0
	for _, to := range []int{4, 6, 8, 10, 16} {
		if from > 0 {
			j.b = append(j.b, '-')
		}
		j.b = hex.AppendEncode(j.b, id[from:to])
		from = to
	}
	j.b = append(j.b, '"')
}

func (j *jsonBuffer) idOrNull(id uuid.UUID) {
	if id == uuid.Nil {
		j.put("null")
		return
	}
	j.id(id)
}

func (j *jsonBuffer) row(row uint64) {
	if row == 0 {
		j.put("null")
		return
	}
	j.b = fmt.Appendf(j.b, `"%016x"`, row)
}

func (j *jsonBuffer) number(n int) { j.b = strconv.AppendInt(j.b, int64(n), 10) }

func (j *jsonBuffer) boolean(v bool) { j.b = strconv.AppendBool(j.b, v) }

// float formats a number as encoding/json does, which is JavaScript's format.
func (j *jsonBuffer) float(v *float64) {
	v = report.Finite(v)
	switch {
	case v == nil:
		j.put("null")
	case *v == 0 || math.Abs(*v) >= 1e-6 && math.Abs(*v) < 1e21:
		j.b = strconv.AppendFloat(j.b, *v, 'f', -1, 64)
	default:
		j.other(*v)
	}
}

func (j *jsonBuffer) moment(t *time.Time) {
	if t == nil || t.IsZero() {
		j.put("null")
		return
	}
	at := t.UTC()
	if at.Year() < 0 || at.Year() > 9999 {
		j.other(at) // an error
		return
	}
	j.b = append(at.AppendFormat(append(j.b, '"'), time.RFC3339Nano), '"')
}
