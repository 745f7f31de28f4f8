package verdict

import (
	"cmp"
	"slices"
)

// scenarioValues are the values of one scenario, in ascending order.
type scenarioValues struct {
	scenario int32 // its place
	values   []float64
}

// sortedGroups orders groups by the places of their scenarios.
func sortedGroups(groups map[int32][]float64) []scenarioValues {
	var sorted []scenarioValues
	for scenario, values := range groups {
		sorted = append(sorted, scenarioValues{scenario, values})
	}
	slices.SortFunc(sorted, func(a, b scenarioValues) int { return cmp.Compare(a.scenario, b.scenario) })
	return sorted
}
