package verdict

import (
	"cmp"
	"slices"

	"github.com/agent-gate/agent-gate/internal/text"
)

// scenarioValues are the values of one scenario, in ascending order.
type scenarioValues struct {
	name   text.Untrusted
	values []float64
}

// sortedGroups orders groups by name.
func sortedGroups(groups map[text.Untrusted][]float64) []scenarioValues {
	var sorted []scenarioValues
	for name, values := range groups {
		sorted = append(sorted, scenarioValues{name, values})
	}
	slices.SortFunc(sorted, func(a, b scenarioValues) int { return cmp.Compare(a.name.Raw(), b.name.Raw()) })
	return sorted
}
