package agent

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kballard/go-shellquote"
)

// Words splits a command into a program and its arguments as a POSIX shell does, with quotes
// and backslashes. Nothing is expanded and no shell is involved: "&&", "|", ">" and "#" are
// ordinary words. The error does not quote the command.
func Words(command string) ([]string, error) {
	words, err := shellquote.Split(command)
	switch {
	case errors.Is(err, shellquote.UnterminatedSingleQuoteError):
		return nil, errors.New("a single quote (') is not closed")
	case errors.Is(err, shellquote.UnterminatedDoubleQuoteError):
		return nil, errors.New(`a double quote (") is not closed`)
	case errors.Is(err, shellquote.UnterminatedEscapeError):
		return nil, errors.New(`nothing follows the backslash (\) at the end`)
	case err != nil:
		return nil, err
	case len(words) == 0 || words[0] == "":
		return nil, errors.New("it names no program")
	case slices.ContainsFunc(words, func(w string) bool { return strings.ContainsRune(w, 0) }):
		return nil, errors.New("it holds a NUL character")
	}
	return words, nil
}

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
