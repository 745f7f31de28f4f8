package criteria

import "strings"

// The words of a condition.
const (
	wordPassed = "passed"
	wordIs     = "is"
)

// numbersOfCalls are the metrics of a single call.
var numbersOfCalls = []string{MetricOverallScore, MetricDuration, MetricResponseTime, MetricCost}

// condition reads a whole line.
func (p *parser) condition() (c Condition, ok bool) {
	t := p.next()
	switch {
	case t.kind != tokenWord:
		return c, p.fail(`a condition starts with eval "NAME" or one of `+strings.Join(numbersOfCalls, ", "), "")
	case t.text != string(ScopeEval):
		c.Kind, c.Metric = ConditionNumber, t.text
		if !p.numberOfCall(&c) {
			return c, false
		}
	case !p.evalOf(&c) || !p.asked(&c):
		return c, false
	}
	if c.Kind == ConditionNumber {
		m, _ := c.metric()
		b, ok := p.bound(c.subject(), m)
		if !ok {
			return c, false
		}
		c.Op, c.Bound = b.op, b.number
	}
	if extra := p.peek(); extra.kind != tokenEnd {
		return c, p.fail("unexpected "+Show(extra.text)+" at the end; write each condition on its own line", "")
	}
	if problem, suggestion := c.fault(); problem != "" {
		return c, p.fail(problem, suggestion)
	}
	return c, true
}

// numberOfCall checks the first word of a condition that names no eval.
func (p *parser) numberOfCall(c *Condition) bool {
	switch c.Metric {
	case string(ScopeScenario), "each":
		return p.fail("a condition looks at one call, so its only scope is eval \"NAME\"", "")
	}
	if name, stat, found := strings.Cut(c.Metric, "."); found {
		if m, known := Find(name, false); known && m.Family == Average {
			return p.fail("a condition looks at one call, which has one "+name+": it takes no stat "+Show("."+stat), name)
		}
	}
	if _, known := c.metric(); !known {
		return p.fail(unknownNumber(c.Metric))
	}
	return true
}

// unknownNumber says which numbers a call has, and suggests the nearest.
func unknownNumber(name string) (problem, suggestion string) {
	allowed := `; a condition starts with eval "NAME" or one of ` + strings.Join(numbersOfCalls, ", ")
	if m, known := Find(name, false); known {
		return name + " is " + m.Family.article() + ", but a condition looks at one" + allowed, ""
	}
	if _, known := Find(name, true); known {
		return name + " is measured on an eval" + allowed, `eval "NAME" ` + wordPassed
	}
	suggestion = nearest(name, append([]string{string(ScopeEval)}, numbersOfCalls...))
	return "unknown " + Show(name) + allowed, suggestion
}

// evalOf reads the name of an eval.
func (p *parser) evalOf(c *Condition) bool {
	name := p.next()
	if name.kind != tokenWord && name.kind != tokenQuoted {
		return p.fail(`missing name after eval: write eval "NAME" passed`, "")
	}
	if name.text == "" {
		return p.fail("the eval name is empty", "")
	}
	c.Eval = name.text
	return true
}

// asked reads the check on an eval: `passed`, `is LABEL` or `score`.
func (p *parser) asked(c *Condition) bool {
	const allowed = `passed, is "LABEL", score >= NUMBER`
	eval := string(ScopeEval) + " " + Quote(c.Eval) + " "
	t := p.next()
	switch {
	case t.kind == tokenEnd:
		return p.fail("missing check after the eval; available: "+allowed, eval+wordPassed)
	case t.kind == tokenColon:
		return p.fail("a condition takes no colon after the eval", strings.TrimSpace(eval+p.rest()))
	case t.kind == tokenOp:
		if value := p.peek(); t.text == OpEqual || t.text == "=" {
			if number, _ := splitNumber(value.text); number == "" && value.text != "" {
				return p.fail("unexpected "+Show(t.text)+" after the eval; available: "+allowed, eval+wordIs+" "+Quote(value.text))
			}
		}
		return p.fail("unexpected "+Show(t.text)+" after the eval; available: "+allowed, strings.TrimSpace(eval+MetricScore+" "+t.text+" "+p.rest()))
	case t.kind == tokenWord && t.text == wordPassed:
		c.Kind = ConditionPassed
		return true
	case t.kind == tokenWord && t.text == MetricScore:
		c.Kind = ConditionNumber
		return true
	case t.kind == tokenWord && t.text == wordIs:
		c.Kind = ConditionLabel
		return p.labelOf(c)
	}
	if whole, found := p.nameBefore(c.Eval, t); found {
		return p.fail("write a name with spaces in double quotes", string(ScopeEval)+" "+Quote(whole)+" …")
	}
	suggestion := nearest(t.text, []string{wordPassed, wordIs, MetricScore})
	switch name, _, _ := strings.Cut(t.text, "."); name {
	case MetricPassRate, "pass":
		suggestion = eval + wordPassed
	case MetricScore:
		suggestion = eval + MetricScore
	case MetricShare:
		suggestion = eval + wordIs + ` "LABEL"`
	}
	return p.fail("unexpected "+Show(t.text)+" after the eval; available: "+allowed, suggestion)
}

// labelOf reads the label of an eval.
func (p *parser) labelOf(c *Condition) bool {
	label := p.next()
	if label.kind != tokenWord && label.kind != tokenQuoted || label.text == "" {
		return p.fail(`missing label after is: write is "LABEL"`, "")
	}
	c.Label = label.text
	if p.peek().kind == tokenWord {
		return p.fail("write a label with spaces in double quotes", string(ScopeEval)+" "+Quote(c.Eval)+" "+wordIs+" "+Quote(c.Label+" "+p.rest()))
	}
	return true
}

// nameBefore is the name up to the check, if it consists of words only.
func (p *parser) nameBefore(name string, next token) (whole string, found bool) {
	for _, t := range append([]token{next}, p.tokens...) {
		switch {
		case t.kind != tokenWord:
			return "", false
		case t.text == wordPassed || t.text == wordIs || t.text == MetricScore:
			return name, true
		}
		name += " " + t.text
	}
	return "", false
}

// rest is the remaining tokens in one line.
func (p *parser) rest() string {
	var words []string
	for _, t := range p.tokens {
		if t.kind == tokenQuoted {
			t.text = Quote(t.text)
		}
		words = append(words, t.text)
	}
	return strings.Join(words, " ")
}
