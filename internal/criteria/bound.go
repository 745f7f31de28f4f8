package criteria

import (
	"strconv"
	"strings"
)

// splitNumber splits a word into its leading decimal number, such as -7.5 or 1e3, and the rest. The
// number is empty if there is none. Hexadecimal numbers and underscores, which strconv accepts, do
// not count.
func splitNumber(word string) (number, unit string) {
	digits := func(i int) int {
		for i < len(word) && word[i] >= '0' && word[i] <= '9' {
			i++
		}
		return i
	}
	sign := func(i int) int {
		if i < len(word) && (word[i] == '+' || word[i] == '-') {
			i++
		}
		return i
	}
	start := sign(0)
	end := digits(start)
	some := end > start
	if end < len(word) && word[end] == '.' {
		fraction := digits(end + 1)
		some = some || fraction > end+1
		end = fraction
	}
	if !some {
		return "", word
	}
	if end < len(word) && (word[end] == 'e' || word[end] == 'E') {
		first := sign(end + 1)
		if last := digits(first); last > first {
			end = last
		}
	}
	return word[:end], word[end:]
}

// bound is the right side of a criterion or a condition.
type bound struct {
	op     string
	number float64
	unit   bool // the unit was written
}

// bound reads the comparison, the number and an optional unit. subject is the left side, for
// suggestions.
func (p *parser) bound(subject string, m Metric) (b bound, ok bool) {
	return b, p.comparison(subject, &b) && p.number(subject, m, &b)
}

// comparison reads the operator.
func (p *parser) comparison(subject string, b *bound) bool {
	t := p.next()
	switch {
	case t.kind == tokenEnd:
		return p.fail("missing comparison: write "+subject+" >= NUMBER", "")
	case t.kind != tokenOp:
		return p.fail("expected a comparison, found "+Show(t.text)+"; available: >= > <= < ==", "")
	}
	b.op = t.text
	switch b.op {
	case OpAtLeast, OpAbove, OpAtMost, OpBelow, OpEqual:
		return true
	}
	return p.fail(unknownOp(b.op))
}

// number reads the number and its unit.
func (p *parser) number(subject string, m Metric, b *bound) bool {
	t := p.next()
	switch {
	case t.kind == tokenEnd:
		return p.fail("missing number after "+b.op, "")
	case t.kind != tokenWord:
		return p.fail("expected a number, found "+Show(t.text), "")
	}
	digits, unit := splitNumber(t.text)
	if digits == "" {
		switch strings.ToLower(strings.TrimLeft(t.text, "+-")) {
		case "nan", "inf", "infinity":
			return p.fail("the threshold must be a finite number", "")
		}
		return p.fail("not a number: "+Show(t.text), "")
	}
	if strings.HasPrefix(unit, ",") {
		return p.fail("not a number: "+Show(t.text)+"; write decimals with a point, and thousands without a separator", "")
	}
	if unit == "" && p.peek().kind == tokenWord && (len(p.tokens) == 1 || p.peek().text == string(UnitPercent)) && p.peek().text != wordTolerance {
		unit = p.next().text
	}
	number, err := strconv.ParseFloat(digits, 64)
	if err != nil { // after splitNumber, only numbers that are too large fail
		return p.fail("the threshold must be a finite number", "")
	}
	b.number = number + 0 // + 0 turns -0 into 0
	b.unit = unit != ""
	return p.unit(unit, m, subject+" "+b.op+" "+FormatBound(b.number))
}

// unit checks that the unit after the number is the metric's. right is the line without it.
func (p *parser) unit(unit string, m Metric, right string) bool {
	if unit == "" || (m.Unit == UnitPercent || m.Unit == UnitSeconds) && unit == string(m.Unit) {
		return true
	}
	switch m.Unit {
	case UnitPercent:
		return p.fail("wrong unit "+Show(unit)+": "+m.Name+" is in percent", right)
	case UnitSeconds:
		return p.fail("wrong unit "+Show(unit)+": "+m.Name+" is in seconds", "")
	case UnitCents:
		return p.fail("wrong unit "+Show(unit)+": "+m.Name+" is in US cents and takes no unit", "")
	case UnitCalls:
		return p.fail("wrong unit "+Show(unit)+": "+m.Name+" is a number of calls and takes no unit", "")
	}
	return p.fail("wrong unit "+Show(unit)+": "+m.Name+" takes no unit", right)
}
