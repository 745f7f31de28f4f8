package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// enumerate joins words: "a, b and c".
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// parts takes pairs of a count and a word, and leaves out zeros: "2 failed, 1 skipped".
func parts(counts ...any) string {
	var words []string
	for i := 0; i+1 < len(counts); i += 2 {
		if n, _ := counts[i].(int); n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, counts[i+1]))
		}
	}
	return strings.Join(words, ", ")
}

// names lists the first names in quotes.
func names(all []text.Untrusted) text.Untrusted {
	var quoted []text.Untrusted
	for _, n := range all[:min(len(all), criteria.MaxNames)] {
		quoted = append(quoted, text.New(criteria.Quote(n.Raw())))
	}
	list := text.Join(", ", quoted...)
	if more := len(all) - criteria.MaxNames; more > 0 {
		return text.Sprintf("%s and %d more", list, more)
	}
	return list
}

// named lists the first names behind the word for one of them, in singular or plural.
func named(what string, all []text.Untrusted) text.Untrusted {
	if len(all) > 1 {
		what += "s"
	}
	return text.Sprintf("%s %s", what, names(all))
}

// words joins those that are not empty.
func words(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), ", ")
}

// inBrackets puts words in brackets, to follow others.
func inBrackets(words string) string {
	if words == "" {
		return ""
	}
	return " (" + words + ")"
}

// because adds the server's reason to a sentence, if it gave one.
func because(sentence string, reason text.Untrusted) text.Untrusted {
	if reason.IsEmpty() {
		return text.New(sentence)
	}
	return text.Sprintf("%s: %s", sentence, reason)
}

// statusWord is a status as part of a sentence.
func statusWord(status string) text.Untrusted {
	if status == "" {
		return text.New("in no known state")
	}
	return text.New(status)
}
