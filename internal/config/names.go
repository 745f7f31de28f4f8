package config

import "strings"

// nearest returns the candidate that a misspelt name most likely meant, or "" when
// none is near: at most one edit for every four letters of the name, and at most three.
func nearest(name string, candidates []string) string {
	if len(name) > 64 { // longer than any name; spares the work on junk
		return ""
	}
	best, bestDistance := "", 4
	for _, c := range candidates {
		limit := min(3, max(1, len(c)/4))
		if d := distance(name, c); d <= limit && d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// nearestOrPart is nearest, and failing that the only candidate that the name is a part
// of: "success-rate" for min-success-rate.
func nearestOrPart(name string, candidates []string) string {
	if c := nearest(name, candidates); c != "" {
		return c
	}
	found := ""
	for _, c := range candidates {
		if len(name) >= 4 && strings.Contains(c, name) {
			if found != "" {
				return ""
			}
			found = c
		}
	}
	return found
}

// distance counts the edits between two names: letters inserted, deleted or replaced,
// and neighbours swapped (optimal string alignment).
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// didYouMean is the suggestion at the end of a sentence; empty without one.
func didYouMean(suggestion string) string {
	if suggestion == "" {
		return ""
	}
	return "; did you mean " + suggestion + "?"
}

// DidYouMean is the end of a sentence that suggests the candidate that a misspelt name
// most likely meant; empty when none is near.
func DidYouMean(name string, candidates []string) string {
	return didYouMean(nearest(name, candidates))
}
