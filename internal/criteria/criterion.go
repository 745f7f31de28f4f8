package criteria

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Criterion is one line of the criteria: what is measured, and the bound it must meet.
type Criterion struct {
	// Line is its line in the input criteria, from 1; 0 if it comes from min-success-rate or
	// min-overall-score.
	Line  int
	Scope Scope
	// Metric is the name without stat and change, such as "success_rate".
	Metric string
	Stat   string // "mean", "median", "min", "max", "sum", "p01" to "p99"; empty for a rate or a count
	Label  string // for a share
	K      int    // trials of pass^K and pass@K, from 1; 0 for other metrics
	Change bool   // compared with the baseline
	Op     string // >= > <= < ==
	Bound  float64
	// Tolerance, in percentage points, settles what an interval leaves open: the criterion is met once
	// the rate is shown not to be that far on the wrong side of the bound; 0 for none.
	Tolerance float64
	// Fraction means that the bound of a rate is above 0, at most 1, and was written without %:
	// it may be meant as a fraction or as a percentage. Only the parser sets it, and
	// [Set.Mistakes] refuses it.
	Fraction bool
}

// Scope is what a criterion is measured on: the run, scenarios or evals.
type Scope struct {
	Kind ScopeKind
	Name string // the scenario or eval; empty for "each" and for the run
}

// ScopeKind is the kind of a scope.
type ScopeKind string

// The kinds of scopes.
const (
	ScopeRun          ScopeKind = ""
	ScopeScenario     ScopeKind = "scenario"
	ScopeEachScenario ScopeKind = "each scenario"
	ScopeEval         ScopeKind = "eval"
	ScopeEachEval     ScopeKind = "each eval"
)

// evals reports whether the scope is on evals, not on calls.
func (k ScopeKind) evals() bool { return k == ScopeEval || k == ScopeEachEval }

// named reports whether the kind takes a name.
func (k ScopeKind) named() bool { return k == ScopeScenario || k == ScopeEval }

// The comparisons of the grammar.
const (
	OpAtLeast = ">="
	OpAbove   = ">"
	OpAtMost  = "<="
	OpBelow   = "<"
	OpEqual   = "=="
)

// MinSuccessRate is the criterion of the input min-success-rate: a success rate of at least
// percent, 0 to 100.
func MinSuccessRate(percent float64) Criterion {
	return Criterion{Metric: MetricSuccessRate, Op: OpAtLeast, Bound: percent}
}

// MinOverallScore is the criterion of the input min-overall-score: a mean overall score of at least
// score, 0 to 10 as in the API.
func MinOverallScore(score float64) Criterion {
	return Criterion{Metric: MetricOverallScore, Stat: StatMean, Op: OpAtLeast, Bound: score}
}

// String is the normal form; [Parse] reads it back as the same criterion. Names are in quotes, the
// default stat and units are left out, except the % of a bound that would look like a fraction.
func (c Criterion) String() string {
	s := c.Subject() + " " + c.Op + " " + FormatBound(c.Bound)
	if c.partOfOne() && !c.Fraction {
		s += "%"
	}
	if c.Tolerance != 0 {
		s += " " + wordTolerance + " " + FormatBound(c.Tolerance)
	}
	return s
}

// partOfOne reports whether the bound of a rate could be mistaken for a fraction.
func (c Criterion) partOfOne() bool {
	m, _ := c.Lookup()
	return m.Unit == UnitPercent && !c.Change && c.Bound > 0 && c.Bound <= 1
}

// Subject is the left side: what is measured, on what.
func (c Criterion) Subject() string {
	var b strings.Builder
	if c.Scope.Kind != ScopeRun {
		b.WriteString(string(c.Scope.Kind))
		if c.Scope.Kind.named() {
			b.WriteString(" " + Quote(c.Scope.Name))
		}
		b.WriteString(": ")
	}
	b.WriteString(c.name())
	if c.Metric == MetricShare {
		b.WriteString(" " + Quote(c.Label))
	}
	if c.Stat != "" && c.Stat != StatMean {
		b.WriteString("." + c.Stat)
	}
	if c.Change {
		b.WriteString("." + wordChange)
	}
	return b.String()
}

// name is the metric as the grammar writes it.
func (c Criterion) name() string {
	if c.K == 0 {
		return c.Metric
	}
	return strings.TrimSuffix(c.Metric, "K") + strconv.Itoa(c.K)
}

// On is an "each" criterion narrowed to one scenario or eval.
func (c Criterion) On(name string) Criterion {
	switch c.Scope.Kind {
	case ScopeEachScenario:
		c.Scope = Scope{Kind: ScopeScenario, Name: name}
	case ScopeEachEval:
		c.Scope = Scope{Kind: ScopeEval, Name: name}
	}
	return c
}

// Quote writes a name as the grammar reads it.
func Quote(name string) string {
	name = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name)
	var b strings.Builder
	for rest := name; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		if invisibleInName(r) {
			b.WriteString(escape(r))
		} else {
			b.WriteString(rest[:size])
		}
		rest = rest[size:]
	}
	return `"` + b.String() + `"`
}

// FormatBound writes a number with all its digits and no exponent.
func FormatBound(v float64) string {
	return strconv.FormatFloat(v+0, 'f', -1, 64) // + 0 turns -0 into 0
}

// Needed is a bound as it stands after "need": "80" for at least 80.
func Needed(op string, bound float64) string {
	number := FormatBound(bound)
	switch op {
	case OpAtMost:
		return "at most " + number
	case OpBelow:
		return "below " + number
	case OpAbove:
		return "above " + number
	case OpEqual:
		return "exactly " + number
	}
	return number
}

// WantsLittle reports whether the number must not be above the bound, so that calls that count towards it
// are bad.
func (c Criterion) WantsLittle() bool { return c.Op == OpAtMost || c.Op == OpBelow }

// Holds reports whether the comparison op is true for a number below (-1), at (0) or above (1) the
// bound.
func Holds(op string, against int) bool {
	switch op {
	case OpAtLeast:
		return against >= 0
	case OpAbove:
		return against > 0
	case OpAtMost:
		return against <= 0
	case OpBelow:
		return against < 0
	case OpEqual:
		return against == 0
	}
	return false
}
