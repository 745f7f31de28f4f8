package report

import (
	"cmp"
	"slices"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// EvalFailed reports whether an eval failed or has no result.
func EvalFailed(e calls.Eval) bool {
	return e.State() != calls.EvalScored || e.Value().Kind == calls.ValuePass && !e.Value().Passed
}

// FailedEvals returns the Pass/Fail evals of a call that failed; not those without a result, as of a call that
// did not take place.
func FailedEvals(c verdict.Call) []calls.Eval {
	var out []calls.Eval
	for _, e := range c.Evals {
		if e.State() == calls.EvalScored && EvalFailed(e) {
			out = append(out, e)
		}
	}
	return out
}

// EvalStateWord names the result of an eval on one call.
func EvalStateWord(e calls.Eval) Lit {
	switch e.State() {
	case calls.EvalScored:
		if e.Value().Kind == calls.ValuePass && !e.Value().Passed {
			return "failed"
		}
		return "scored"
	case calls.EvalPending:
		return "pending"
	case calls.EvalErrored:
		return "errored"
	case calls.EvalSkipped:
		return "skipped"
	}
	return "empty"
}

// EvalHeadline returns the main number of an eval and its name: the pass rate or the mean
// score. Both are empty for an eval that only assigns labels.
func EvalHeadline(e verdict.EvalSummary) (Figure, Lit) {
	switch {
	case e.PassRate.Value != nil:
		return Value(e.PassRate), "passed"
	case e.Score.Value != nil:
		return Value(e.Score), "mean"
	}
	return "", ""
}

// EvalInterval formats the interval of EvalHeadline's number.
func EvalInterval(e verdict.EvalSummary) Figure {
	if e.PassRate.Value != nil {
		return Interval(e.PassRate)
	}
	return Interval(e.Score)
}

// MissingResults is the number of succeeded calls without a result of the eval.
func MissingResults(e verdict.EvalSummary) int { return e.Errored + e.Pending + e.Skipped }

// MissingWhy counts the missing results by reason.
func MissingWhy(e verdict.EvalSummary) Figure {
	var f Figure
	for _, part := range []struct {
		n    int
		word Figure
	}{{e.Errored, " errored"}, {e.Pending, " pending"}, {e.Skipped, " skipped"}} {
		if part.n == 0 {
			continue
		}
		if f != "" {
			f += ", "
		}
		f += Count(part.n) + part.word
	}
	return f
}

// lacking groups the calls of those at some indexes that took place and lack what a check without data looks at.
func (v Viewer) lacking(among []int) []Cause {
	wants := lacks(v.r)
	if len(wants) == 0 {
		return nil
	}
	list := slices.DeleteFunc(slices.Clone(among), func(at int) bool {
		_, is := lack(v.At(at), wants)
		return !is
	})
	all := v.grouped(list, func(c ShownCall) (causeKey, text.Untrusted) {
		f, _ := lack(c, wants)
		return causeKey{EndSucceeded, f.title()}, f.Reason
	})
	slices.SortStableFunc(all, func(a, b Cause) int { return cmp.Compare(b.Calls, a.Calls) })
	return all
}

// Lacking returns those of [Causes] that are of calls without a result, most calls first.
func Lacking(r Report) []Cause {
	if len(lacks(r)) == 0 {
		return nil
	}
	_, rest := WorstFirst(r)
	return NewViewer(r).lacking(rest)
}

// lacks are what checks without data need to know of calls that took place.
func lacks(r Report) (wants []measure) {
	for _, check := range r.Verdict.Checks {
		if m, ok := lackOf(check); ok && check.Outcome == verdict.NoData && !slices.Contains(wants, m) {
			wants = append(wants, m)
		}
	}
	return wants
}

// needs are the results that tell whether a call passed.
func needs(r Report) (all []measure) {
	for _, c := range r.Rules.PassWhen {
		switch {
		case c.Eval != "":
			all = append(all, measure{eval: c.Eval, about: aboutResult})
		case c.Metric == criteria.MetricOverallScore:
			all = append(all, measure{about: aboutScore})
		}
	}
	if len(r.Rules.PassWhen) > 0 {
		return all
	}
	for _, e := range r.Verdict.Evals {
		if e.PassFail {
			all = append(all, measure{eval: e.Name.Raw(), about: aboutResult})
		}
	}
	return all
}

// lackOf returns what a check needs to know of a call that took place; ok is false if it needs nothing more.
func lackOf(check verdict.Check) (m measure, ok bool) {
	c, ok := Criterion(check)
	if !ok {
		return m, false
	}
	metric, _ := c.Lookup()
	switch {
	case metric.Evals:
		return measure{eval: c.On(check.Scope.Raw()).Scope.Name, about: aboutResult}, true
	case metric.Name == criteria.MetricOverallScore:
		return measure{about: aboutScore}, true
	case countsPasses(metric.Name):
		return measure{about: aboutPassing}, true
	}
	return m, false
}

// lack returns the first result that a call that took place lacks.
func lack(c ShownCall, wants []measure) (f Fault, ok bool) {
	if !c.Ending.Succeeded() {
		return f, false
	}
	for _, m := range wants {
		if m.about != aboutPassing {
			if all := m.of(c.Call); len(all) > 0 {
				return all[0], true
			}
			continue
		}
		if !c.Unsure {
			continue
		}
		if at := slices.IndexFunc(c.Faults, func(f Fault) bool { return f.Missing }); at >= 0 {
			return c.Faults[at], true
		}
		return Fault{Name: text.New("a result that pass-when needs"), How: text.New("is missing"), Missing: true}, true
	}
	return f, false
}

// withoutResult returns the fault that an eval has no result.
func (m measure) withoutResult(c verdict.Call) (all []Fault) {
	for _, e := range c.Evals {
		switch {
		case e.Name().Raw() != m.eval:
		case e.State() == calls.EvalScored:
			return nil
		default:
			all = append(all, unscored(e))
		}
	}
	if len(all) == 0 {
		all = append(all, Fault{Name: text.New(m.eval), How: text.New("missing"), Missing: true})
	}
	return all
}

// unscored is the fault of an eval that gave no result.
func unscored(e calls.Eval) Fault {
	return Fault{Name: e.Name(), How: text.New(string(EvalStateWord(e))), Reason: e.Reason, Missing: true}
}

// noScore is the fault of a call without an overall score.
func noScore() Fault {
	return Fault{Name: text.New(criteria.MetricOverallScore), How: text.New("missing"), Number: true}
}
