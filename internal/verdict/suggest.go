package verdict

import "strings"

// nearest returns the candidate that a mistyped word is most like, or nothing when it
// is like none of them: a wrong suggestion is worse than none.
func nearest(word string, candidates []string) string {
	best, found := 1+max(1, len(word)/3), ""
	for _, c := range candidates {
		if d := editDistance(strings.ToLower(word), c, best); d < best {
			best, found = d, c
		}
	}
	return found
}

// editDistance counts the letters to insert, delete, replace or swap with a neighbour
// to make a into b (optimal string alignment). Words whose lengths differ by limit or
// more are limit apart, whatever their letters.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	rows := [3][]int{}
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		now, last, before := rows[i%3], rows[(i+2)%3], rows[(i+1)%3]
		now[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
