package odds

import (
	"strconv"
	"strings"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Words are the chances of all rate criteria, a sentence each. They are empty if there is nothing to say.
func (p Plan) Words(rules verdict.Rules) []text.Untrusted {
	var all []text.Untrusted
	warned := false
	for _, c := range rules.Criteria {
		courses, ok := p.Courses(rules, c)
		if !ok {
			continue
		}
		sizes := courses.sizes
		var at []string
		for _, rate := range ratesNear(c) {
			one := courses.Chance(rate)
			said := percent(one.Met) + " at " + criteria.FormatBound(one.Rate) + "%"
			if one.Calls > 0 {
				said += " (" + calls(int(one.Calls+0.5)) + " expected)"
			}
			at = append(at, said)
		}
		all = append(all, text.Sprintf("Chance to meet %s%s, by the true rate: %s.", c, text.New(p.with(rules, c, sizes)), text.New(strings.Join(at, ", "))))
		if len(sizes) > 1 && !warned {
			if one := courses.Chance(goodRate(c)); one.Met < 0.9 {
				warned = true
				all = append(all, text.Sprintf("%d scenarios have to meet that at once: an agent with a true rate of %s%% in each of them misses one in %s of runs.",
					len(sizes), text.New(criteria.FormatBound(goodRate(c))), text.New(percent(1-one.Met))))
			}
		}
	}
	return all
}

// with says how many calls there are by the sizes in ascending order, and what else the chances are for.
func (p Plan) with(rules verdict.Rules, c criteria.Criterion, sizes []int) string {
	looks := p.looks(rules, sizes[0])
	said := " with " + calls(looks[0])
	if most := looks[len(looks)-1]; most > looks[0] {
		said = " with " + strconv.Itoa(looks[0]) + " to " + calls(most)
	}
	if len(sizes) > 1 {
		low, high := sizes[0], sizes[len(sizes)-1]
		first := looks[0] / sizes[0]
		said = " with " + calls(first*high)
		if low < high {
			said = " with " + strconv.Itoa(first*low) + " to " + calls(first*high)
		}
		said += " in each of " + strconv.Itoa(len(sizes)) + " scenarios"
	}
	if p.reruns(c) && len(looks) == 1 {
		said += " and up to " + text.Plural(p.Reruns, "rerun")
	}
	if rules.DecideOn == verdict.DecideOnInterval {
		said += " by interval"
	}
	return said
}

// goodRate is a true rate well on the right side of the bound.
func goodRate(c criteria.Criterion) float64 {
	if c.WantsLittle() {
		return 0.4 * c.Bound
	}
	return c.Bound + 0.6*(100-c.Bound)
}

func calls(n int) string { return text.Plural(n, "call") }

// percent prints a probability. What is possible is never 0%, what is not certain never 100%.
func percent(p float64) string {
	switch {
	case p <= 0:
		return "0%"
	case p < 0.001:
		return "<0.1%"
	case p > 0.999 && p < 1-1e-12:
		return ">99.9%"
	}
	digits := 1
	if p >= 0.1 && p <= 0.9 {
		digits = 0
	}
	return strings.TrimSuffix(strconv.FormatFloat(100*p, 'f', digits, 64), ".0") + "%"
}
