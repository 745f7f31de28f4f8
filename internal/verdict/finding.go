package verdict

import (
	"math"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/stats"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

// finding is a check with what it is based on.
type finding struct {
	Check
	index     int                // of the criterion
	criterion criteria.Criterion // on one scenario or eval, even if the user wrote "each"
	measured  measured
	reading   reading // unset without data
	late      int     // unknown rows that may still become known
	// population means that its interval is over scenarios, refused that these are no sample.
	population, refused bool
	// first is the number before reruns if the criterion is met only after them; nil otherwise.
	first *float64
}

// target is what one check measures. why is set if there is nothing to measure.
type target struct {
	criterion criteria.Criterion
	scope     text.Untrusted
	now, then measured
	why       text.Untrusted
}

// checkAll judges every criterion that counts.
func (j *judgement) checkAll() {
	for i, c := range j.rules.Criteria {
		j.check(i, c)
	}
}

// check judges one criterion, with one check per scenario or eval.
func (j *judgement) check(index int, c criteria.Criterion) {
	m, _ := c.Lookup()
	if m.Family == criteria.Average && c.Stat == "" {
		c.Stat = criteria.StatMean // for a criterion not made by the parser
	}
	var targets []target
	if m.Evals {
		targets = j.evalTargets(c, m)
	} else {
		targets = j.callTargets(c, m)
	}
	for _, t := range targets {
		j.findings = append(j.findings, j.find(index, c, t))
	}
	if c.Change && j.rules.Baseline.fault().IsEmpty() {
		j.warnScenarioChanges()
	}
}

// callTargets are the run, one scenario, or each.
func (j *judgement) callTargets(c criteria.Criterion, m criteria.Metric) []target {
	if c.Scope.Kind == criteria.ScopeRun {
		return []target{{
			criterion: c,
			now:       j.now.measure(m, nil),
			then:      j.baseline.measure(m, nil),
		}}
	}
	var targets []target
	for i := range j.now.scenarios {
		s := &j.now.scenarios[i]
		if c.Scope.Kind == criteria.ScopeScenario && s.name.Raw() != c.Scope.Name {
			continue
		}
		t := target{criterion: c.On(s.name.Raw()), scope: s.title(), now: j.now.measure(m, j.now.one(int32(i)))}
		if s.twin {
			t.criterion.Scope.Name = s.title().Raw()
		}
		t.then.why = text.New("there is no such scenario")
		if base, ok := j.baseline.counterpart(s); ok {
			t.then = j.baseline.measure(m, j.baseline.one(base))
		}
		targets = append(targets, t)
	}
	if targets != nil {
		return targets
	}
	var known []text.Untrusted
	for i := range j.now.scenarios {
		known = append(known, j.now.scenarios[i].name)
	}
	return []target{{criterion: c, scope: text.New(c.Scope.Name), why: explain.NoSuchName("scenario", c.Scope.Name, known)}}
}

// evalTargets are one eval, all of one name, or each.
func (j *judgement) evalTargets(c criteria.Criterion, m criteria.Metric) []target {
	var targets []target
	var unfit []text.Untrusted
	named := map[text.Untrusted]int{}
	for _, e := range j.now.evals {
		named[e.name]++
	}
	for i := range j.now.evals {
		e := &j.now.evals[i]
		if c.Scope.Kind == criteria.ScopeEval && e.name.Raw() != c.Scope.Name {
			continue
		}
		if c.Scope.Kind == criteria.ScopeEachEval && !e.fits(m) {
			unfit = append(unfit, e.title())
			continue
		}
		t := target{criterion: c.On(e.title().Raw()), scope: e.title(), now: measureEval(m, e, c.Label)}
		if named[e.name] > 1 {
			t.scope = text.Sprintf("%s (%s)", e.name, shortID(e.id))
		}
		if c.Change && j.rules.Baseline.fault().IsEmpty() {
			base, why := counterpart(e, j.baseline.evals)
			if t.why = why; base != nil {
				t.then = measureEval(m, base, c.Label)
			}
		}
		j.warnLabel(c, e)
		targets = append(targets, t)
	}
	if len(unfit) > 0 {
		j.warn(explain.LeftOut(c.String(), m.Name, unfit))
	}
	if targets != nil {
		return targets
	}
	var known []text.Untrusted
	for _, e := range j.now.evals {
		known = append(known, e.title())
	}
	why := explain.NoSuchName("eval", c.Scope.Name, slices.Compact(known))
	if len(unfit) > 0 {
		why = explain.NoFittingEval(m.Name)
	}
	t := target{criterion: c, scope: text.New(c.Scope.Name), why: why}
	t.now.late = j.now.unnamed()
	return []target{t}
}

// unnamed is how many evals may still turn out to be the one that a criterion names: pending results
// have no names (contract, section 5).
func (s sample) unnamed() (n int) {
	for i := range s.evals {
		if s.open && s.evals[i].name.IsEmpty() {
			n++
		}
	}
	return n
}

// fits reports whether a criterion on each eval includes this one. An eval of another kind is left
// out. One without results, or whose type should fit, is included: otherwise it would pass unseen.
func (e *eval) fits(m criteria.Metric) bool {
	scored := false
	for r := range e.results() {
		if e.is(m, &r) {
			return true
		}
		scored = scored || r.has
	}
	if !scored {
		return true
	}
	typ := strings.ToLower(strings.TrimSpace(e.typ.Raw()))
	switch m.Name {
	case criteria.MetricPassRate:
		return typ == "pass/fail"
	case criteria.MetricScore:
		return typ == "pass/fail" || typ == "score" || typ == "numeric"
	case criteria.MetricShare:
		return typ == "pass/fail" || typ == "choices" || typ == "choice"
	}
	return true
}

// is reports whether a result fits a metric.
func (e *eval) is(m criteria.Metric, r *evalResult) bool {
	ok := r.has
	switch m.Name {
	case criteria.MetricPassRate:
		_, ok = r.verdict()
	case criteria.MetricScore:
		_, ok = e.score(r)
	case criteria.MetricShare:
		_, ok = r.labels()
	}
	return ok
}

// title is the eval's name, or its id if it has none.
func (e *eval) title() text.Untrusted {
	if e.name.IsEmpty() {
		return text.New(e.id.String())
	}
	return e.name
}

// find measures one target and compares it with the bound.
func (j *judgement) find(index int, c criteria.Criterion, t target) finding {
	m, _ := c.Lookup()
	f := finding{index: index, criterion: t.criterion, measured: t.now}
	f.Criterion, f.Scope, f.Outcome, f.Value.Unit, f.Tolerance = c.String(), t.scope, NoData, m.Unit, c.Tolerance
	why := t.why
	f.Unknown = t.now.unknown()
	if why.IsEmpty() && c.Change {
		why = j.rules.Baseline.fault()
	}
	if why.IsEmpty() && c.Change && m.Family != criteria.Count {
		f.measured, t.then, why = inBoth(t.now, t.then)
		t.now = f.measured
	}
	if f.population = j.rules.forPopulation(t.criterion); f.population && why.IsEmpty() && t.now.why.IsEmpty() && t.now.n > 0 {
		why = t.now.notASample()
		f.refused = !why.IsEmpty()
	}
	switch {
	case !why.IsEmpty():
	case c.Change:
		f.reading, why = readChange(t.now, t.then, c.Stat, j.basis(j.lookLevel()))
	case m.Family == criteria.Case && t.now.why.IsEmpty():
		f.reading, why = t.now.readCases(c.K, j.lookLevel())
	default:
		f.reading, why = read(t.now, c.Stat, j.basis(j.lookLevel()))
		f.reading = f.reading.ruled(j.ruleFor(c, &t.now))
	}
	f.late = t.now.late
	if c.Change && m.Name == criteria.MetricOverallScore && t.now.run != nil && t.now.run.zeroMayCome && t.then.unknown() > 0 {
		f.late = max(f.late, 1)
	}
	if !why.IsEmpty() {
		f.Value.N = t.now.known()
		f.Detail = why
		return f
	}
	f.Unknown = f.reading.unknown
	f.Value = f.reading.estimate()
	f.Value.Unit = f.Value.Unit.Of(c)
	f.Outcome = f.reading.decide(c.Op, c.Bound, j.rules.DecideOn)
	if !stats.Same(f.reading.shown, c.Bound) {
		f.Margin = math.Abs(f.reading.shown - c.Bound)
	}
	if f.Outcome == NotMet {
		f.Short = f.Margin
	}
	j.compareFirstTries(&f)
	f.Detail = j.facts(f).Detail(j.before(f, t.then))
	j.warnMissing(f)
	if m.Name == criteria.MetricJudgedRate && !t.now.run.planned(t.now.only) {
		j.warn(j.facts(f).WithoutPlan())
	}
	return f
}
