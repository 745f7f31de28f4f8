package verdict

import (
	"errors"
	"fmt"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// CriterionError is a line of the criteria, or of pass-when, that cannot be judged by.
type CriterionError struct {
	Line       int    // from 1; 0 when the criterion comes from an input of its own
	Text       string // the line, as the user wrote it
	Problem    string // what is wrong, and what is allowed
	Suggestion string // what was probably meant; empty when there is no guess
}

// Error is the mistake in one line, in which what cannot be seen is spelled out.
func (e *CriterionError) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	b.WriteString(text.New(reveal(e.Text)).LineMax(120) + ": " + e.Problem)
	if e.Suggestion != "" {
		b.WriteString("; did you mean " + text.New(reveal(e.Suggestion)).LineMax(120) + "?")
	}
	return b.String()
}

// ParseCriteria reads criteria, one a line; blank lines and comments are skipped, so
// that an input of nothing else gives no criteria and no error. All lines that cannot
// be read are reported at once: the error joins a *CriterionError for each, and the other
// lines are returned beside it, so that [Rules.Mistakes] can tell in the same breath which of
// them cannot do their work.
func ParseCriteria(input string) ([]Criterion, error) {
	return readLines(input, language[Criterion]{
		input: inputCriteria, what: "criterion", inside: criteriaInside,
		read: (*parser).criterion,
		set:  func(c *Criterion, line int) { c.Line = line },
	})
}

// language is an input of one T a line.
type language[T comparable] struct {
	input, what string // the name of the input, and what a line of it is
	// inside finds the lines that a comment holds.
	inside func(comment string) []string
	read   func(*parser) (T, bool)
	set    func(t *T, line int)
}

// readLines reads all lines of an input that can be read. The error joins a *CriterionError
// for each of the others.
func readLines[T comparable](input string, l language[T]) ([]T, error) {
	var all []T
	var mistakes []error
	first := map[T]int{} // the line on which one stands first
	number := 0
	for line := range strings.SplitSeq(strings.TrimPrefix(input, "\ufeff"), "\n") {
		number++
		t, some, mistake := readLine(line, l)
		before, twice := first[t]
		switch {
		case mistake == nil && !some:
		case mistake == nil && twice:
			mistake = &CriterionError{Problem: fmt.Sprintf("the same %s stands on line %d", l.what, before)}
		case mistake == nil:
			first[t] = number
			l.set(&t, number)
			all = append(all, t)
		}
		if mistake != nil {
			mistake.Line, mistake.Text = number, strings.TrimSpace(line)
			mistakes = append(mistakes, mistake)
		}
	}
	return all, errors.Join(mistakes...)
}

// readLine reads one line; some is false when there is nothing on it but a comment. The
// mistake lacks its line.
func readLine[T comparable](line string, l language[T]) (t T, some bool, mistake *CriterionError) {
	tokens, comment, problem := tokenize(line)
	if problem != "" {
		return t, false, &CriterionError{Problem: problem}
	}
	if len(tokens) > 0 {
		p := parser{tokens: tokens}
		var ok bool
		if t, ok = l.read(&p); !ok {
			return t, false, &CriterionError{Problem: p.problem, Suggestion: p.suggestion}
		}
		some = true
	}
	if problem := swallowed(l, comment, some); problem != "" {
		return t, false, &CriterionError{Problem: problem}
	}
	return t, some, nil
}

// parser reads the tokens of one line, left to right. Its steps return false once
// something is wrong, and say what in problem.
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
	// The left side is checked before the right one is read, so that the first mistake
	// of a line is the one that is told.
	probe := c
	probe.Op, probe.Bound = opAtLeast, 0
	if problem, suggestion := probe.fault(); problem != "" {
		return c, p.fail(problem, p.completed(suggestion))
	}
	m, _ := c.metric()
	b, ok := p.bound(c.subject(), m)
	if !ok {
		return c, false
	}
	if extra := p.peek(); extra.kind != tokenEnd {
		return c, p.fail("unexpected "+show(extra.text)+" after the number; a criterion takes one line of its own", "")
	}
	c.Op, c.Bound = b.op, b.number
	c.Fraction = c.partOfOne() && !b.unit
	if problem, suggestion := c.fault(); problem != "" {
		return c, p.fail(problem, suggestion)
	}
	return c, true
}

// completed puts the user's own right side into a suggested criterion, which was made
// of the probe's.
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
			return p.fail(`each is followed by "scenario:" or "eval:"`, "")
		}
		c.Scope.Kind = kind
	case first.kind == tokenWord && (first.text == string(ScopeScenario) || first.text == string(ScopeEval)):
		p.next()
		c.Scope.Kind = ScopeKind(first.text)
		name := p.next()
		if name.kind != tokenWord && name.kind != tokenQuoted {
			return p.fail(fmt.Sprintf(`%s is followed by a name: %s "NAME":`, first.text, first.text), "")
		}
		if name.text == "" {
			return p.fail("the name of the "+first.text+" is empty", "")
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
			return p.fail("a name with blanks stands in double quotes", string(c.Scope.Kind)+" "+quote(whole)+": …")
		}
	}
	return p.fail("a colon follows the scope: "+strings.TrimSpace(Criterion{Scope: c.Scope}.subject()), "")
}

// nameWithBlanks is the name up to the colon, when it is only words.
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

// noScope is the scope of a line that names none. A colon in it tells that one was
// meant.
func (p *parser) noScope() bool {
	for _, t := range p.tokens {
		if t.kind == tokenColon {
			word := p.peek().text
			return p.fail("unknown scope "+show(word)+"; allowed are scenario NAME, each scenario, eval NAME and each eval",
				nearest(word, []string{string(ScopeScenario), string(ScopeEval)}))
		}
	}
	return true
}

// metric reads `metric[.stat][.change]` and the label of a share.
func (p *parser) metric(c *Criterion) bool {
	t := p.next()
	if t.kind != tokenWord {
		return p.fail("a metric is missing; allowed are "+strings.Join(metricNames(c.Scope.Kind.evals()), ", "), "")
	}
	name, rest, _ := strings.Cut(t.text, ".")
	c.Metric = name
	m, known := c.metric()
	if !known {
		// One of the other kind of scope: the check after this says where it belongs.
		m, known = findMetric(name, !c.Scope.Kind.evals())
	}
	switch {
	case !known:
		return p.fail(unknownMetric(name, c.Scope.Kind.evals()))
	case name == metricShare:
		if rest != "" || strings.HasSuffix(t.text, ".") {
			return p.fail("the label follows share at once", `share "LABEL".`+rest)
		}
		return p.label(c)
	case rest == "" && strings.HasSuffix(t.text, "."):
		return p.fail("a stat is missing after "+show(t.text), "")
	}
	stat, rest, more := strings.Cut(rest, ".")
	if stat == wordChange {
		c.Change, stat = true, ""
		if more {
			return p.fail("nothing follows .change: the stat stands before it", name+"."+rest+".change")
		}
	}
	if more {
		if rest != wordChange {
			return p.fail("unexpected "+show("."+rest)+"; a metric takes one stat, and then .change", nearest(rest, []string{wordChange}))
		}
		c.Change = true
	}
	c.Stat = stat
	if m.family == average && stat == "" {
		c.Stat = statMean
	}
	return true
}

// label reads the label of a share and a `.change` behind it.
func (p *parser) label(c *Criterion) bool {
	t := p.next()
	switch {
	case t.kind == tokenWord && !strings.ContainsAny(t.text, ".%"):
	case t.kind == tokenQuoted:
	default:
		return p.fail("share takes a label in double quotes", `share "LABEL"`)
	}
	c.Label = t.text
	if t := p.peek(); t.kind == tokenWord {
		if t.text != "."+wordChange {
			return p.fail("unexpected "+show(t.text)+" after the label; only .change may follow it, and a label with blanks stands in double quotes", "")
		}
		p.next()
		c.Change = true
	}
	return true
}
