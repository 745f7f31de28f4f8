package criteria

import (
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// nearest returns the candidate closest to a mistyped word, or nothing if none is close: a wrong
// suggestion is worse than none.
func nearest(word string, candidates []string) string {
	best, found := 1+max(1, len(word)/3), ""
	for _, c := range candidates {
		if d := text.Distance(strings.ToLower(word), c, best); d < best {
			best, found = d, c
		}
	}
	return found
}
