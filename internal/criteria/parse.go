package criteria

import (
	"fmt"
	"strconv"
	"strings"
)

// parser reads the tokens of one line, left to right. Its steps return false on a mistake, and set
// problem.
type parser struct {
	tokens              []token
	problem, suggestion string
}

func (p *parser) peek() token {
	if len(p.tokens) == 0 {
		return token{}
	}
	return p.tokens[0]
}

func (p *parser) next() token {
	t := p.peek()
	if len(p.tokens) > 0 {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) fail(problem, suggestion string) bool {
	p.problem, p.suggestion = problem, suggestion
	return false
}

// criterion reads a whole line.
func (p *parser) criterion() (c Criterion, ok bool) {
	if !p.scope(&c) || !p.metric(&c) {
		return c, false
	}
	// Check the left side before reading the right one: the first mistake of a line is reported.
	probe := c
	probe.Op, probe.Bound = OpAtLeast, 0
	if problem, suggestion := probe.fault(); problem != "" {
		return c, p.fail(problem, p.completed(suggestion))
	}
	m, _ := c.Lookup()
	b, ok := p.bound(c.Subject(), m)
	if !ok {
		return c, false
	}
	if !p.tolerance(&c) {
		return c, false
	}
	if extra := p.peek(); extra.kind != tokenEnd {
		return c, p.fail("unexpected "+Show(extra.text)+" after the number; write each criterion on its own line", "")
	}
	c.Op, c.Bound = b.op, b.number
	c.Fraction = c.partOfOne() && !b.unit
	if problem, suggestion := c.fault(); problem != "" {
		return c, p.fail(problem, suggestion)
	}
	return c, true
}

// completed replaces the probe's right side in a suggestion by the user's.
func (p *parser) completed(suggestion string) string {
	left, found := strings.CutSuffix(suggestion, " >= 0")
	if !found {
		return suggestion
	}
	for _, t := range p.tokens {
		if t.kind == tokenOp || t.kind == tokenWord {
			left += " " + t.text
		}
	}
	return left
}

// scope reads `scenario NAME:`, `each scenario:`, `eval NAME:` and `each eval:`.
func (p *parser) scope(c *Criterion) bool {
	first := p.peek()
	switch {
	case first.kind == tokenWord && first.text == "each":
		p.next()
		kind := ScopeKind("each " + p.peek().text)
		if t := p.next(); t.kind != tokenWord || kind != ScopeEachScenario && kind != ScopeEachEval {
			return p.fail(`expected "scenario:" or "eval:" after each`, "")
		}
		c.Scope.Kind = kind
	case first.kind == tokenWord && (first.text == string(ScopeScenario) || first.text == string(ScopeEval)):
		p.next()
		c.Scope.Kind = ScopeKind(first.text)
		name := p.next()
		if name.kind != tokenWord && name.kind != tokenQuoted {
			return p.fail(fmt.Sprintf(`missing name after %s: write %s "NAME":`, first.text, first.text), "")
		}
		if name.text == "" {
			return p.fail("the "+first.text+" name is empty", "")
		}
		c.Scope.Name = name.text
	default:
		return p.noScope()
	}
	if p.peek().kind == tokenColon {
		p.next()
		return true
	}
	if c.Scope.Kind.named() {
		if whole, found := p.nameWithBlanks(c.Scope.Name); found {
			return p.fail("write a name with spaces in double quotes", string(c.Scope.Kind)+" "+Quote(whole)+": …")
		}
	}
	return p.fail("missing colon after the scope: write "+strings.TrimSpace(Criterion{Scope: c.Scope}.Subject()), "")
}

// nameWithBlanks is the name up to the colon, if it consists of words only.
func (p *parser) nameWithBlanks(name string) (whole string, found bool) {
	for _, t := range p.tokens {
		switch {
		case t.kind == tokenColon:
			return name, true
		case t.kind != tokenWord:
			return "", false
		}
		name += " " + t.text
	}
	return "", false
}

// noScope handles a line without a scope. A colon means that one was intended.
func (p *parser) noScope() bool {
	for _, t := range p.tokens {
		if t.kind == tokenColon {
			word := p.peek().text
			return p.fail("unknown scope "+Show(word)+"; available: scenario NAME, each scenario, eval NAME, each eval",
				nearest(word, []string{string(ScopeScenario), string(ScopeEval)}))
		}
	}
	return true
}

// metric reads `metric[.stat][.change]` and the label of a share.
func (p *parser) metric(c *Criterion) bool {
	t := p.next()
	if t.kind != tokenWord {
		return p.fail("missing metric; available: "+strings.Join(metricNames(c.Scope.Kind.evals()), ", "), "")
	}
	name, rest, _ := strings.Cut(t.text, ".")
	if of, k, ok := caseMetric(name); ok {
		name, c.K = of, k
	}
	c.Metric = name
	m, known := c.Lookup()
	if !known {
		// A metric of the other kind of scope: fault says where it belongs.
		m, known = Find(name, !c.Scope.Kind.evals())
	}
	switch {
	case !known:
		return p.fail(unknownMetric(name, c.Scope.Kind.evals()))
	case name == MetricShare:
		if rest != "" || strings.HasSuffix(t.text, ".") {
			return p.fail("write the label right after share", `share "LABEL".`+rest)
		}
		return p.label(c)
	case rest == "" && strings.HasSuffix(t.text, "."):
		return p.fail("missing stat after "+Show(t.text), "")
	}
	stat, rest, more := strings.Cut(rest, ".")
	if stat == wordChange {
		c.Change, stat = true, ""
		if more {
			return p.fail("nothing can follow .change: write the stat before it", name+"."+rest+".change")
		}
	}
	if more {
		if rest != wordChange {
			return p.fail("unexpected "+Show("."+rest)+"; a metric takes one stat, then .change", nearest(rest, []string{wordChange}))
		}
		c.Change = true
	}
	c.Stat = stat
	if m.Family == Average && stat == "" {
		c.Stat = StatMean
	}
	return true
}

// tolerance reads an optional `tolerance NUMBER`.
func (p *parser) tolerance(c *Criterion) bool {
	if t := p.peek(); t.kind != tokenWord || t.text != wordTolerance {
		return true
	}
	p.next()
	t := p.next()
	digits, unit := splitNumber(t.text)
	number, err := strconv.ParseFloat(digits, 64)
	switch {
	case t.kind == tokenEnd:
		return p.fail("missing number after "+wordTolerance+": write the percentage points, such as "+wordTolerance+" 5", "")
	case t.kind != tokenWord || digits == "" || err != nil || unit != "" && unit != string(UnitPercent):
		return p.fail("not a number of percentage points: "+Show(t.text), "")
	case number <= 0:
		return p.fail("a tolerance is above 0 percentage points", "")
	}
	c.Tolerance = number
	return true
}

// label reads the label of a share and an optional `.change`.
func (p *parser) label(c *Criterion) bool {
	t := p.next()
	switch {
	case t.kind == tokenWord && !strings.ContainsAny(t.text, ".%"):
	case t.kind == tokenQuoted:
	default:
		return p.fail("share needs a label in double quotes", `share "LABEL"`)
	}
	c.Label = t.text
	if t := p.peek(); t.kind == tokenWord {
		if t.text != "."+wordChange {
			return p.fail("unexpected "+Show(t.text)+" after the label; only .change can follow it, and a label with spaces needs double quotes", "")
		}
		p.next()
		c.Change = true
	}
	return true
}
