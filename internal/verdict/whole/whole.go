// Package whole makes one verdict of the verdicts of several gates that ran together. It is as pure as
// package verdict, and judges nothing itself.
package whole

import (
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Gate is the verdict of one gate, and what its own policy made of it.
type Gate struct {
	Name     string
	Kind     verdict.Kind
	Cause    verdict.Cause
	Reason   text.Untrusted
	ExitCode int
}

// Judge returns the verdict of all gates together, and its exit code. Signals come first; then any gate that
// failed, the lowest of the codes for errors, the inconclusive ones. If the policies of the gates make all of
// it 0, the verdict is still that of the worst gate, as for a gate that is alone: what failed or was not
// judged is no pass. over says that all gates together have spent more than their common budget, empty if they
// have not: that is an error of the whole, while the verdicts of the gates stand. Without gates it is an error,
// which only a bug could make.
func Judge(gates []Gate, over text.Untrusted) (verdict.Verdict, int) {
	if len(gates) == 0 {
		return verdict.Verdict{Kind: verdict.Error, Cause: verdict.CauseConfig, Reason: text.New("there are no gates")}, verdict.ExitConfig
	}
	said := reason(gates)
	if !over.IsEmpty() {
		said = text.Sprintf("%s; over the budget: %s", said, over)
		gates = append(slices.Clone(gates), Gate{Kind: verdict.Error, Cause: verdict.CauseBudget, ExitCode: verdict.ExitOperational})
	}
	code := exitOf(gates)
	v := verdict.Verdict{Kind: kindOf(code, gates), Reason: said}
	if v.Kind == verdict.Error {
		v.Cause = causeOf(code, gates)
	}
	return v, code
}

// precedence is the order in which exit codes decide; 0 is what is left.
var precedence = [...]int{
	verdict.ExitInterrupted, verdict.ExitTerminated, verdict.ExitFail, verdict.ExitConfig, verdict.ExitOperational,
	verdict.ExitTimeout, verdict.ExitInconclusive,
}

func exitOf(gates []Gate) int {
	for _, code := range precedence {
		for _, g := range gates {
			if g.ExitCode == code {
				return code
			}
		}
	}
	for _, g := range gates {
		if g.ExitCode != verdict.ExitOK { // a code that no gate should have
			return verdict.ExitOperational
		}
	}
	return verdict.ExitOK
}

func kindOf(code int, gates []Gate) verdict.Kind {
	switch code {
	case verdict.ExitFail:
		return verdict.Fail
	case verdict.ExitInconclusive:
		return verdict.Inconclusive
	case verdict.ExitOK:
		for _, kind := range []verdict.Kind{verdict.Fail, verdict.Error, verdict.Inconclusive, verdict.Pass} {
			if slices.ContainsFunc(gates, func(g Gate) bool { return g.Kind == kind }) {
				return kind
			}
		}
		if slices.ContainsFunc(gates, func(g Gate) bool { return g.Cause == "" }) {
			return verdict.Skip // it would have run, or has only been started
		}
		return verdict.Pass // all are unchanged, which counts as passed
	}
	return verdict.Error
}

// causeOf is the cause of an error: that of the first gate with the deciding exit code, or with the first of
// the codes that the policies turned into 0.
func causeOf(code int, gates []Gate) verdict.Cause {
	for _, strict := range precedence {
		for _, g := range gates {
			decides := g.ExitCode == code
			if code == verdict.ExitOK {
				decides = g.Kind == verdict.Error && verdict.Verdict{Kind: g.Kind, Cause: g.Cause}.ExitCode(verdict.Policy{}) == strict
			}
			if decides && g.Cause != "" {
				return g.Cause
			}
		}
	}
	return verdict.CauseOperational
}

// group is gates of which the same is to be said.
type group struct {
	one, many string // "failed"; after the number of one and of several
	has       func(Gate) bool
}

// groups are what is said of gates, in order.
func groups() []group {
	kind := func(k verdict.Kind) func(Gate) bool { return func(g Gate) bool { return g.Kind == k } }
	return []group{
		{"was stopped", "were stopped", func(g Gate) bool {
			return g.Cause == verdict.CauseInterrupted || g.Cause == verdict.CauseTerminated
		}},
		{"failed", "failed", kind(verdict.Fail)},
		{"could not be judged", "could not be judged", kind(verdict.Error)},
		{"is inconclusive", "are inconclusive", kind(verdict.Inconclusive)},
		{"was not started", "were not started", func(g Gate) bool { return g.Kind == verdict.Skip && g.ExitCode != verdict.ExitOK }},
		{"is unchanged", "are unchanged", func(g Gate) bool { return g.Cause == verdict.CauseUnchanged }},
		{"was skipped", "were skipped", kind(verdict.Skip)},
		{"passed", "passed", kind(verdict.Pass)},
	}
}

// namedGates is how many gates a sentence names.
const namedGates = 5

// reason counts the gates by what became of them, worst first, and names those that did not pass.
func reason(gates []Gate) text.Untrusted {
	var parts []text.Untrusted
	said := make([]bool, len(gates))
	var tolerated []Gate
	for _, what := range groups() {
		var these []Gate
		for i, g := range gates {
			if !said[i] && what.has(g) {
				said[i] = true
				these = append(these, g)
			}
		}
		if len(these) == 0 {
			continue
		}
		words := what.many
		if len(these) == 1 {
			words = what.one
		}
		part := text.Sprintf("%d of %s %s", len(these), text.Plural(len(gates), "gate"), text.New(words))
		if len(these) == len(gates) && len(gates) > 1 {
			part = text.Sprintf("all %d gates %s", len(gates), text.New(what.many))
		} else if len(parts) > 0 {
			part = text.Sprintf("%d %s", len(these), text.New(words))
		}
		if these[0].Kind != verdict.Pass {
			part = text.Sprintf("%s (%s)", part, about(these, len(parts) == 0))
		}
		for _, g := range these {
			if bad(g) && g.ExitCode == verdict.ExitOK {
				tolerated = append(tolerated, g)
			}
		}
		parts = append(parts, part)
	}
	all := text.Join(", ", parts...)
	if len(tolerated) > 0 {
		return text.Sprintf("%s; not counted, by its own policy: %s", all, about(tolerated, false))
	}
	return all
}

// bad reports whether the gate did not pass, whatever its policy makes of that.
func bad(g Gate) bool {
	return g.Kind == verdict.Fail || g.Kind == verdict.Error || g.Kind == verdict.Inconclusive
}

// about names gates. What one gate alone said is repeated if it comes first.
func about(gates []Gate, first bool) text.Untrusted {
	if len(gates) == 1 && first && !gates[0].Reason.IsEmpty() {
		return text.Sprintf("%s: %s", gates[0].Name, gates[0].Reason)
	}
	var names []string
	for _, g := range gates[:min(len(gates), namedGates)] {
		names = append(names, g.Name)
	}
	list := strings.Join(names, ", ")
	if more := len(gates) - len(names); more > 0 {
		return text.Sprintf("%s and %d more", list, more)
	}
	return text.New(list)
}
