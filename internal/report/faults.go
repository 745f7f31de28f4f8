package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A Fault is something that speaks against a call that took place: the result of an eval, or a number.
type Fault struct {
	Name   text.Untrusted // of the eval or the number
	How    text.Untrusted // "failed", "below 70", "is Rude"
	Value  Figure         // of a number; else empty
	Reason text.Untrusted // the eval's own; empty if it gave none
	// Missing means that the eval has no result.
	Missing bool
	// Number means that it is a number of the call itself, not of an eval.
	Number bool
}

// Words are the fault with at most n characters of its reason, in quotes.
func (f Fault) Words(n int) text.Untrusted {
	t := text.Sprintf("%s %s", text.New(f.Name.LineMax(60)), text.New(f.How.LineMax(100)))
	if f.Value != "" {
		t = text.Sprintf("%s %s, %s", text.New(f.Name.LineMax(60)), string(f.Value), f.How)
	}
	if reason := Quoted(f.Reason, n); !reason.IsEmpty() {
		t = text.Sprintf("%s: %s", t, reason)
	}
	return t
}

// FailedEval reports whether an eval speaks against a call, by its result.
func FailedEval(c ShownCall) bool {
	return slices.ContainsFunc(c.Faults, func(f Fault) bool { return !f.Missing && !f.Number })
}

// title is the name of the eval or number and how it speaks against the call, as a heading of several calls.
func (f Fault) title() text.Untrusted {
	return text.Sprintf("%s %s", text.New(f.Name.LineMax(60)), text.New(f.How.LineMax(60)))
}

// failed reports whether it is a Pass/Fail eval that failed.
func (f Fault) failed() bool { return f.How.Raw() == "failed" }

// Quoted is what an eval says, of at most n characters, without a full stop and in quotes; empty without
// a word.
func Quoted(reason text.Untrusted, n int) text.Untrusted {
	said := strings.TrimRight(reason.LineMax(n), ". ")
	if said == "" {
		return text.Untrusted{}
	}
	return text.Sprintf(`"%s"`, said)
}

// A measure is what a criterion that is not met, or a condition of pass-when, wants of a call.
type measure struct {
	eval  string // empty for a number of the call
	kind  criteria.ConditionKind
	label string
	not   bool // the label is not wanted
	criteria.Metric
	op    string
	bound float64
	about aspect
	// blamed are the calls to blame, if no single number shows which they are; nil otherwise.
	blamed *map[uuid.UUID]bool
}

// An aspect is what a measure looks at, if not at a number, result or label of the call by itself.
type aspect int

const (
	aboutItself   aspect = iota
	aboutChange          // the bound is on the change from the baseline
	aboutSum             // the bound is on a sum
	aboutFirstTry        // it should have needed no rerun
	aboutResult          // the eval should have a result
	aboutScore           // the call should have an overall score
	aboutPassing         // it should be known whether the call passed
)

// measures are what the run wants of a call: conditions of pass-when, then criteria that are not met. By
// default, if there is no pass-when, every Pass/Fail eval has to pass.
func measures(r Report) (all []measure, everyEval bool) {
	for _, c := range r.Rules.PassWhen {
		m := measure{eval: c.Eval, kind: c.Kind, label: c.Label, op: c.Op, bound: c.Bound}
		if c.Eval == "" {
			m.Metric, _ = criteria.Find(c.Metric, false)
		}
		all = append(all, m)
	}
	for _, check := range r.Verdict.Checks {
		if check.Outcome != verdict.NotMet && check.Outcome != verdict.Undecided {
			continue
		}
		if m, ok := measureOf(check); ok && !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	return all, len(r.Rules.PassWhen) == 0
}

// measureOf returns what a check wants of one call; ok is false if that cannot be said of one call.
func measureOf(check verdict.Check) (m measure, ok bool) {
	c, ok := Criterion(check)
	if !ok {
		return m, false
	}
	metric, _ := c.Lookup()
	m = measure{Metric: metric, op: c.Op, bound: c.Bound, label: c.Label}
	if metric.Evals {
		m.eval = c.On(check.Scope.Raw()).Scope.Name
	}
	switch {
	case metric.Family == criteria.Average:
		m.kind = criteria.ConditionNumber
		switch {
		case c.Change:
			m.about = aboutChange
		case c.Stat == criteria.StatSum:
			m.about = aboutSum
		default:
			return m, true
		}
		m.blamed = blamedBy(check)
		return m, len(check.Worst) > 0
	case c.Change:
		return m, false
	case metric.Name == criteria.MetricPassRate && metric.Evals:
		m.kind, m.not = criteria.ConditionPassed, c.WantsLittle()
		return m, true
	case metric.Name == criteria.MetricShare:
		m.kind, m.not = criteria.ConditionLabel, c.WantsLittle()
		return m, true
	}
	switch m.about = aspectOf(metric.Name); {
	case m.about == aboutItself:
		return m, false
	case metric.Name == criteria.MetricFirstPassRate:
		m.blamed = blamedBy(check)
	}
	reruns := metric.Name == criteria.MetricFlakyRate || metric.Name == criteria.MetricFlakyCalls
	return m, c.WantsLittle() == reruns
}

// blamedBy are the calls that a check blames.
func blamedBy(check verdict.Check) *map[uuid.UUID]bool {
	blamed := make(map[uuid.UUID]bool, len(check.Worst))
	for _, id := range check.Worst {
		blamed[id] = true
	}
	return &blamed
}

// aspectOf is what a rate or count of calls looks at, where it is not how the last try ended.
func aspectOf(metric string) aspect {
	switch metric {
	case criteria.MetricFirstSuccessRate, criteria.MetricFirstPassRate, criteria.MetricFlakyRate, criteria.MetricFlakyCalls:
		return aboutFirstTry
	case criteria.MetricResultRate:
		return aboutResult
	case criteria.MetricScoredRate:
		return aboutScore
	}
	return aboutItself
}

// Criterion reads the criterion of a check; ok is false if it is none that this version knows.
func Criterion(check verdict.Check) (c criteria.Criterion, ok bool) {
	all, err := criteria.Parse(check.Criterion)
	if err != nil || len(all) != 1 {
		return c, false
	}
	return all[0], true
}

// faults returns what speaks against a call that took place: what keeps it from passing first, then what
// pulled a criterion down, and last evals without a result.
func (v Viewer) faults(c ShownCall) []Fault {
	var all []Fault
	for _, m := range v.wants {
		all = append(all, m.of(c.Call)...)
	}
	if c.Unsure {
		for _, m := range v.needs {
			all = append(all, m.of(c.Call)...)
		}
	}
	for _, e := range c.Evals {
		switch {
		case e.State() != calls.EvalScored:
			all = append(all, unscored(e))
		case v.everyEval && EvalFailed(e) && !slices.ContainsFunc(all, func(f Fault) bool { return f.Name == e.Name() }):
			all = append(all, Fault{Name: e.Name(), How: text.New("failed"), Reason: e.Reason})
		}
	}
	slices.SortStableFunc(all, func(a, b Fault) int { return rankFault(a) - rankFault(b) })
	var once []Fault
	for _, f := range all {
		if !slices.ContainsFunc(once, func(o Fault) bool { return o == f || o.Name == f.Name && o.Value == f.Value && f.Value != "" }) {
			once = append(once, f)
		}
	}
	return once
}

// rankFault puts evals that failed first, then numbers of evals and of the call, then what is missing.
func rankFault(f Fault) int {
	switch {
	case f.Missing:
		return 2
	case f.failed():
		return 0
	}
	return 1
}

// of returns what is wrong with a call.
func (m measure) of(c verdict.Call) (all []Fault) {
	if m.blamed != nil && !(*m.blamed)[c.ID] {
		return nil
	}
	if m.eval == "" {
		if f, ok := m.ofCall(c); ok {
			all = append(all, f)
		}
		return all
	}
	if m.about == aboutResult {
		return m.withoutResult(c)
	}
	for _, e := range c.Evals {
		if f, ok := m.ofEval(e); ok {
			all = append(all, f)
		}
	}
	return all
}

// ofCall returns the fault of a number of the call itself.
func (m measure) ofCall(c verdict.Call) (f Fault, ok bool) {
	switch m.about {
	case aboutFirstTry:
		f = Fault{Name: text.New("first try"), How: text.New("did not succeed"), Number: true}
		if c.FirstOutcome == verdict.Succeeded {
			f.How = text.New("did not pass")
			return f, m.blamed != nil && c.Attempts > 1
		}
		return f, c.Attempts > 1
	case aboutScore:
		return noScore(), c.OverallScore == nil
	}
	var v *float64
	switch m.Name {
	case criteria.MetricOverallScore:
		v = c.OverallScore
	case criteria.MetricDuration:
		v = c.DurationSeconds
	case criteria.MetricResponseTime:
		v = c.ResponseSeconds
	case criteria.MetricCost:
		v = c.CostCents
	}
	if Finite(v) == nil || m.holds(*v) {
		return f, false
	}
	return Fault{Name: text.New(m.Name), Value: Rounded(*v, m.Unit, 2) + unitSuffix(m.Unit), How: m.side(), Number: true}, true
}

// ofEval returns the fault that the result of an eval is.
func (m measure) ofEval(e calls.Eval) (f Fault, ok bool) {
	if e.Name().Raw() != m.eval || e.State() != calls.EvalScored {
		return f, false
	}
	f = Fault{Name: e.Name(), Reason: e.Reason}
	switch m.kind {
	case criteria.ConditionPassed:
		f.How = text.New("failed")
		if m.not {
			f.How = text.New("passed")
		}
		return f, e.Kind() == calls.ValuePass && e.Passed() == m.not
	case criteria.ConditionLabel:
		labels := e.Value().Labels
		has := slices.ContainsFunc(labels, func(l text.Untrusted) bool { return l.Raw() == m.label })
		f.How = text.Sprintf("is %s", text.Join(", ", labels...))
		return f, len(labels) > 0 && has == m.not
	case criteria.ConditionNumber:
		v, known := evalScore(e)
		f.Value, f.How = Decimal(v, 2), m.side()
		return f, known && !m.holds(v)
	}
	return f, false
}

func (m measure) holds(v float64) bool {
	return m.blamed == nil && criteria.Holds(m.op, cmp.Compare(v, m.bound))
}

// side says on which side of the bound a number is that does not hold.
func (m measure) side() text.Untrusted {
	var side Lit = "not"
	switch m.op {
	case criteria.OpAtLeast, criteria.OpAbove:
		side = "below"
	case criteria.OpAtMost, criteria.OpBelow:
		side = "above"
	}
	switch m.about {
	case aboutChange:
		return text.Sprintf("%s what the baseline allows", string(side))
	case aboutSum:
		return text.Sprintf("adds to a sum %s %s", string(side), criteria.FormatBound(m.bound))
	}
	return text.Sprintf("%s %s", string(side), criteria.FormatBound(m.bound))
}

// evalScore is the result of an eval on the scale of the metric score; known is false if it is no number.
func evalScore(e calls.Eval) (v float64, known bool) {
	switch e.Kind() {
	case calls.ValuePass:
		if e.Passed() {
			return 100, true
		}
		return 0, true
	case calls.ValueScore:
		return 100 * e.Number(), true
	case calls.ValueNumeric:
		return e.Number(), Finite(new(e.Number())) != nil
	}
	return 0, false
}
