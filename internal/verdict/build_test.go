package verdict

import (
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// id makes a repeatable id of a name.
func id(name string) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(name)) }

// nth is the id of a call by its place, ordered like it.
func nth(i int) uuid.UUID {
	n := i + 1
	return uuid.UUID{12: byte(n >> 24), 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
}

// runOf is a completed execution of calls, which get an id and a first outcome.
func runOf(list ...Call) Evidence {
	for i := range list {
		c := &list[i]
		c.ID = nth(i)
		if c.Attempts == 0 {
			c.Attempts = 1
		}
		if c.FirstOutcome == "" {
			c.FirstOutcome = c.Outcome()
		}
		for k := range c.Evals {
			if e := &c.Evals[k]; e.ConfigID() == uuid.Nil {
				change(e, func(r *calls.EvalResult) { r.ConfigID = id(r.Name.Raw()) })
			}
		}
	}
	return Evidence{Execution: Execution{ID: id("execution"), Status: calls.ExecutionCompleted}, Calls: pack(list...)}
}

// pack are calls as a run has them.
func pack(calls ...Call) Calls {
	var p CallPacker
	p.Add(calls...)
	return p.Calls()
}

// packed are calls as they were read.
func packed(list ...calls.Call) *calls.List {
	var p calls.Packer
	p.Add(list...)
	return p.List()
}

// callsOf are the calls of a run one by one.
func callsOf(c Calls) []Call {
	var list []Call
	for _, call := range c.All() {
		list = append(list, call)
	}
	return list
}

// alter changes the call i of a run.
func alter(e *Evidence, i int, how func(*Call)) {
	e.Calls = e.Calls.With(func(at int, c *Call) {
		if at == i {
			how(c)
		}
	})
}

// times repeats calls.
func times(n int, c Call) []Call {
	list := make([]Call, n)
	for i := range list {
		list[i] = c
		list[i].Evals = append([]calls.Eval(nil), c.Evals...)
	}
	return list
}

// all joins lists of calls.
func all(lists ...[]Call) []Call {
	var calls []Call
	for _, l := range lists {
		calls = append(calls, l...)
	}
	return calls
}

// call is a call of a scenario that succeeded, changed by what follows.
func call(scenario string, changes ...func(*Call)) Call {
	c := Call{Call: calls.Call{Scenario: text.New(scenario), Status: calls.Completed}}
	for _, change := range changes {
		change(&c)
	}
	return c
}

func status(s calls.Status) func(*Call) { return func(c *Call) { c.Status = s } }
func scored(v float64) func(*Call)      { return func(c *Call) { c.OverallScore = &v } }
func lasting(v float64) func(*Call)     { return func(c *Call) { c.DurationSeconds = &v } }
func answering(v float64) func(*Call)   { return func(c *Call) { c.ResponseSeconds = &v } }
func costing(v float64) func(*Call)     { return func(c *Call) { c.CostCents = &v } }

func failed(c *Call)    { c.Status = calls.Failed }
func cancelled(c *Call) { c.Status = calls.Cancelled }
func skipped(c *Call)   { c.ProcessingSkipped = true }
func crashed(c *Call)   { c.EndedReason = text.New("Error processing simulation") }

// lost is a call that the platform failed before it reached the agent.
func lost(c *Call) {
	c.Status, c.EndedReason = calls.Failed, text.New("Insufficient balance to make calls.")
}

// unscored takes the overall score away.
func unscored(c *Call) { c.OverallScore = nil }

// rescued is a call that failed at first.
func rescued(c *Call) { c.Attempts, c.FirstOutcome = 2, Failed }

// judged adds the result of an eval.
func judged(name, typ string, v calls.EvalValue) func(*Call) {
	return func(c *Call) {
		c.Evals = append(c.Evals, calls.NewEval(calls.EvalResult{Name: text.New(name), Type: text.New(typ), State: calls.EvalScored, Value: v}))
	}
}

// unjudged adds an eval that has no result.
func unjudged(name string, state calls.EvalState) func(*Call) {
	return func(c *Call) {
		c.Evals = append(c.Evals, calls.NewEval(calls.EvalResult{Name: text.New(name), State: state}))
	}
}

func passing(name string) func(*Call) {
	return judged(name, "Pass/Fail", calls.EvalValue{Kind: calls.ValuePass, Passed: true})
}

func failing(name string) func(*Call) {
	return judged(name, "Pass/Fail", calls.EvalValue{Kind: calls.ValuePass})
}

func scoring(name string, v float64) func(*Call) {
	return judged(name, "score", calls.EvalValue{Kind: calls.ValueScore, Number: v})
}

func numbering(name string, v float64) func(*Call) {
	return judged(name, "numeric", calls.EvalValue{Kind: calls.ValueNumeric, Number: v})
}

func labelled(name string, labels ...string) func(*Call) {
	v := calls.EvalValue{Kind: calls.ValueChoices}
	for _, l := range labels {
		v.Labels = append(v.Labels, text.New(l))
	}
	return judged(name, "choices", v)
}

// criteria parses criteria that are right.
func parsed(t testing.TB, input string) []criteria.Criterion {
	t.Helper()
	c, err := criteria.Parse(input)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// judge judges by criteria, on the estimate.
func judge(t testing.TB, e Evidence, input string) Verdict {
	t.Helper()
	return Judge(e, Rules{Set: criteria.Set{Criteria: parsed(t, input)}})
}

// beside judges by a criterion together with one on success, which then covers the calls that did
// not succeed.
func beside(t testing.TB, e Evidence, line string) Verdict {
	t.Helper()
	v := Judge(e, Rules{Set: criteria.Set{Criteria: append(parsed(t, line), criteria.MinSuccessRate(0))}})
	v.Checks = v.Checks[:len(v.Checks)-1]
	return v
}

// only is the single check of a verdict.
func only(t testing.TB, v Verdict) Check {
	t.Helper()
	if len(v.Checks) != 1 {
		t.Fatalf("got %d checks, want 1 (%s: %s)", len(v.Checks), v.Kind, v.Reason)
	}
	return v.Checks[0]
}

// near fails the test unless got is want, but for the last digits.
func near(t testing.TB, what string, got, want float64) {
	t.Helper()
	if d := got - want; d > 1e-9 || d < -1e-9 || got != got {
		t.Errorf("%s: got %.17g, want %.17g", what, got, want)
	}
}

// raws are the texts as they are.
func raws(texts []text.Untrusted) []string {
	var out []string
	for _, s := range texts {
		out = append(out, s.Raw())
	}
	return out
}

// change changes a result, which others may share.
func change(e *calls.Eval, how func(*calls.EvalResult)) {
	r := e.Result()
	how(&r)
	*e = calls.NewEval(r)
}
