package verdict_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// end is how a call ended, to the mind of the public interface.
type end int

const (
	succeeded end = iota
	failed
	crashed // completed, and ended by an error of the simulation: it failed and may have a grade
	skipped
	lost
	cancelled
	atWork
	missing // planned, and never came
)

// known says that the end tells something of the agent.
func (e end) known() bool { return e <= skipped }

// result is what an eval says of a call.
type result struct {
	has   bool
	late  bool    // it is not there, and may still come
	pass  bool    // of the eval "pass"
	score float64 // of the evals "score", 0 to 100, and "number"
	label string  // of the eval "label"
}

// theCall is a call of a small world, as it truly is. Values that are not known are nil.
type theCall struct {
	id              uuid.UUID
	scenario        string
	row             uint64 // of the scenario's dataset; 0 when not known
	end, first      end    // first is the one of the first try, when it was rerun
	rerun           bool
	score, duration *float64
	evals           [4]result // in the order of their names

	// What follows is only there in a filling.

	// pretend is what the call might have come to that did not succeed, when no criterion
	// answers for that.
	pretend *theCall
	// firstPassed is whether the first try passed, where nothing tells it any more.
	firstPassed bool
	// unscored says that the score is one of the filling.
	unscored bool
}

// result is that of an eval; empty for none of the name.
func (c theCall) result(eval string) result {
	if i := slices.Index(evalNames, eval); i >= 0 {
		return c.evals[i]
	}
	return result{}
}

// world is a small run.
type world struct {
	calls    []theCall
	planned  map[string]int // by scenario; nil when not known
	names    []string       // of the scenarios that were asked for or of which calls came
	baseline []theCall      // of an earlier run, all of it known
}

var evalNames = []string{"pass", "score", "number", "label"}

var evalTypes = map[string]string{"pass": "Pass/Fail", "score": "score", "number": "numeric", "label": "choices"}

// randomWorld makes a small world of all ends and values.
func randomWorld(r *rand.Rand) world {
	w := world{}
	// How much of everything there is differs from world to world: worlds in which nearly all
	// is known, and good, are those in which verdicts are close.
	unknown, bad, gaps := []float64{0, 0.1, 0.3}[r.IntN(3)], []float64{0, 0.1, 0.5}[r.IntN(3)], []float64{0, 0.1, 0.3}[r.IntN(3)]
	scenarios := 1 + r.IntN(3)
	for s := range scenarios {
		name := string(rune('A' + s))
		w.names = append(w.names, name)
		for range r.IntN(5) {
			w.calls = append(w.calls, randomCall(r, name, unknown, bad, gaps))
		}
	}
	came := map[string]int{}
	for i := range w.calls {
		w.calls[i].id = uuid.UUID{15: byte(i + 1)}
		came[w.calls[i].scenario]++
	}
	if r.IntN(4) > 0 {
		w.planned = map[string]int{}
		for _, name := range w.names {
			w.planned[name] = max(1, came[name])
			if r.Float64() < unknown {
				w.planned[name] += r.IntN(2)
			}
		}
	} else {
		var there []string
		for _, name := range w.names {
			if came[name] > 0 {
				there = append(there, name)
			}
		}
		w.names = there
	}
	for i := range r.IntN(8) {
		c := randomCall(r, string(rune('A'+r.IntN(scenarios))), 0, bad, 0)
		c.id = uuid.UUID{14: 1, 15: byte(i + 1)}
		w.baseline = append(w.baseline, c)
	}
	return w
}

func randomCall(r *rand.Rand, scenario string, unknown, bad, gaps float64) theCall {
	ends := func() end {
		switch {
		case r.Float64() < unknown:
			return lost + end(r.IntN(3))
		case r.Float64() < bad:
			return failed + end(r.IntN(3))
		}
		return succeeded
	}
	number := func(v float64) *float64 {
		if r.Float64() < gaps {
			return nil
		}
		return &v
	}
	c := theCall{scenario: scenario, end: ends()}
	if c.rerun = r.IntN(5) == 0; c.rerun {
		if c.first = ends(); c.first == crashed {
			c.first = failed
		}
	}
	grade := float64(1 + r.IntN(10))
	if r.IntN(40) == 0 {
		grade = 0
	}
	c.score, c.duration = number(grade), number(float64(10*r.IntN(30)))
	for i := range c.evals {
		if r.Float64() < gaps {
			c.evals[i] = result{late: r.IntN(2) == 0}
			continue
		}
		c.evals[i] = result{has: true, pass: r.Float64() >= bad, score: float64(r.IntN(5)) * 25, label: []string{"x", "y"}[r.IntN(2)]}
	}
	return c
}

// call is the call as a run has it.
func (c theCall) call() verdict.Call {
	status := map[end]calls.Status{succeeded: calls.Completed, failed: calls.Failed, crashed: calls.Completed, skipped: calls.Completed,
		lost: calls.Failed, cancelled: calls.Cancelled, atWork: calls.Ongoing}
	outcomes := map[end]verdict.Outcome{succeeded: verdict.Succeeded, failed: verdict.Failed, crashed: verdict.Failed, skipped: verdict.Skipped,
		lost: verdict.Lost, cancelled: verdict.Cancelled, atWork: verdict.Open}
	out := verdict.Call{Call: calls.Call{ID: c.id, Scenario: text.New(c.scenario), Status: status[c.end], OverallScore: c.score, DurationSeconds: c.duration,
		ProcessingSkipped: c.end == skipped, Row: c.row}, Attempts: 1, FirstOutcome: outcomes[c.end]}
	switch c.end {
	case crashed:
		out.EndedReason = text.New("Error processing simulation")
	case lost:
		out.EndedReason = text.New("Insufficient balance to make calls.")
	case succeeded, failed, skipped, cancelled, atWork, missing:
	}
	if c.rerun {
		out.Attempts, out.FirstOutcome = 2, outcomes[c.first]
	}
	for _, name := range evalNames {
		r := c.result(name)
		e := calls.EvalResult{ConfigID: uuid.NewSHA1(uuid.Nil, []byte(name)), Name: text.New(name), Type: text.New(evalTypes[name]), State: calls.EvalScored}
		switch {
		case !r.has && r.late:
			e.State = calls.EvalPending
		case !r.has:
			e.State = calls.EvalErrored
		case name == "pass":
			e.Value = calls.EvalValue{Kind: calls.ValuePass, Passed: r.pass}
		case name == "score":
			e.Value = calls.EvalValue{Kind: calls.ValueScore, Number: r.score / 100}
		case name == "number":
			e.Value = calls.EvalValue{Kind: calls.ValueNumeric, Number: r.score}
		case name == "label":
			e.Value = calls.EvalValue{Kind: calls.ValueChoices, Labels: []text.Untrusted{text.New(r.label)}}
		}
		out.Evals = append(out.Evals, calls.NewEval(e))
	}
	return out
}

// evidence is the world as the gate gives it to be judged.
func (w world) evidence() verdict.Evidence {
	e := verdict.Evidence{Execution: verdict.Execution{Status: calls.ExecutionCompleted}, Calls: packCalls(w.calls)}
	for _, name := range evalNames {
		e.Evals = append(e.Evals, calls.EvalConfig{ID: uuid.NewSHA1(uuid.Nil, []byte(name)), Name: text.New(name), Type: text.New(evalTypes[name])})
	}
	if w.planned != nil {
		e.Plan = []verdict.Planned{}
	}
	for _, name := range w.names {
		if n, known := w.planned[name]; known {
			e.Plan = append(e.Plan, verdict.Planned{Name: text.New(name), Calls: &n})
		}
	}
	return e
}

// earlier is the earlier run as a baseline.
func (w world) earlier() *verdict.Baseline {
	then := world{calls: w.baseline}
	return verdict.BaselineOf(then.evidence())
}

func packCalls(calls []theCall) verdict.Calls {
	var p verdict.CallPacker
	for _, c := range calls {
		p.Add(c.call())
	}
	return p.Calls()
}

// String shows a world in a failed test.
func (w world) String() string {
	ends := []string{"succeeded", "failed", "crashed", "skipped", "lost", "cancelled", "at work", "missing"}
	value := func(v *float64) string {
		if v == nil {
			return "?"
		}
		return fmt.Sprint(*v)
	}
	var out strings.Builder
	out.WriteString(fmt.Sprintf("planned %v\n", w.planned))
	for i, c := range append(w.calls[:len(w.calls):len(w.calls)], w.baseline...) {
		if i == len(w.calls) {
			out.WriteString("baseline\n")
		}
		out.WriteString(fmt.Sprintf("  %s %s", c.scenario, ends[c.end]))
		if c.rerun {
			out.WriteString(" (first " + ends[c.first] + ")")
		}
		out.WriteString(fmt.Sprintf(" score %s, %s s", value(c.score), value(c.duration)))
		for _, name := range evalNames {
			r := c.result(name)
			said := map[string]string{"pass": fmt.Sprint(r.pass), "score": fmt.Sprint(r.score), "number": fmt.Sprint(r.score), "label": r.label}[name]
			if !r.has {
				said = map[bool]string{true: "pending", false: "?"}[r.late]
			}
			out.WriteString(fmt.Sprintf(", %s %s", name, said))
		}
		out.WriteString("\n")
	}
	return out.String()
}
