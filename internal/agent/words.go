package agent

import (
	"fmt"
	"slices"
	"strings"
)

// needsShell is a hint, for a command that did not start, that it was written for a shell;
// otherwise empty.
func needsShell(words []string) string {
	for i, word := range words {
		switch {
		case slices.Contains([]string{"&&", "||", "|", ";", "&", ">", "<", ">>", "2>&1"}, word),
			i == 0 && strings.Contains(word, "="), i == 0 && slices.Contains([]string{"cd", "exec", "export", "source", "."}, word):
			return fmt.Sprintf("; %q needs a shell: use sh -c '…'", word)
		}
	}
	return ""
}
