package criteria

import (
	"fmt"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// MaxNames is how many names a sentence lists before it only counts the rest.
const MaxNames = 8

// Names are the names of scenarios or evals, as far as they are known.
type Names struct {
	All   []text.Untrusted
	Known bool // All is complete; otherwise no name is called unknown
}

// UnknownNames are the criteria and conditions on scenarios or evals that the run or report does not
// have. scenarios are those chosen to run.
func (s Set) UnknownNames(scenarios, evals Names) []Mistake {
	var all []Mistake
	for _, c := range s.Criteria {
		what, names := string(ScopeScenario), scenarios
		switch {
		case c.Scope.Kind == ScopeRun:
			continue
		case c.Scope.Kind.evals():
			what, names = string(ScopeEval), evals
		}
		if problem, suggestion := names.lack(what, c.Scope.Name); problem != "" {
			all = append(all, c.mistake(problem, suggestion))
		}
	}
	for _, c := range s.PassWhen {
		if c.Eval == "" {
			continue
		}
		if problem, suggestion := evals.lack(string(ScopeEval), c.Eval); problem != "" {
			all = append(all, c.mistake(problem, suggestion))
		}
	}
	return all
}

// lack says that the name is unknown, and suggests one; empty if it is known. The empty name stands
// for each, and needs at least one.
func (n Names) lack(what, name string) (problem, suggestion string) {
	if !n.Known {
		return "", ""
	}
	for _, other := range n.All {
		if name == "" || other.Raw() == name {
			return "", ""
		}
	}
	if len(n.All) == 0 {
		return "this run has no " + what + "s", ""
	}
	if near := nearName(name, n.All); near != "" {
		suggestion = what + " " + Quote(near)
	}
	return fmt.Sprintf("no %s named %s; available: %s", what, Show(name), n.list()), suggestion
}

// list names the first names, each once.
func (n Names) list() string {
	var words []string
	seen := map[string]bool{}
	for _, name := range n.All {
		if seen[name.Raw()] {
			continue
		}
		seen[name.Raw()] = true
		words = append(words, Show(name.Raw()))
	}
	if more := len(words) - MaxNames; more > 0 {
		return strings.Join(words[:MaxNames], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(words, ", ")
}

// nearName is the name that was probably meant: one that only differs in case, spaces, hyphens or
// invisible characters, otherwise the nearest; empty if none is near.
func nearName(name string, names []text.Untrusted) string {
	folded := fold(name)
	best, found := 1+max(1, len(folded)/3), ""
	for _, other := range names {
		candidate := fold(other.Raw())
		if candidate == folded {
			return other.Raw()
		}
		if d := text.Distance(folded, candidate, best); d < best {
			best, found = d, other.Raw()
		}
	}
	return found
}

// fold removes what readers do not distinguish names by.
func fold(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return r == ' ' || r == '\t' || r == '\u00a0' || r == '-' || r == '_' || invisible(r)
	})
	return strings.Join(words, "")
}
