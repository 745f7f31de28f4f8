package text

import (
	"fmt"
	"strings"
)

// constant is a string that stands in the program. Other packages cannot name the
// type, so only a constant of theirs converts to it: a variable does not compile.
type constant string

// Sprintf builds a text of a constant format and arguments as fmt.Sprintf does. An
// argument that is Untrusted goes in as it is, not through a door: the result is
// Untrusted again and has its door still to pass, once.
func Sprintf(format constant, args ...any) Untrusted {
	raw := make([]any, len(args))
	for i, arg := range args {
		if t, ok := arg.(Untrusted); ok {
			arg = t.raw
		}
		raw[i] = arg
	}
	return New(fmt.Sprintf(string(format), raw...))
}

// Join puts a constant between texts.
func Join(separator constant, texts ...Untrusted) Untrusted {
	raw := make([]string, len(texts))
	for i, t := range texts {
		raw[i] = t.raw
	}
	return New(strings.Join(raw, string(separator)))
}

// List names things in a sentence, with commas between them.
func List[T fmt.Stringer](things []T) Untrusted {
	names := make([]string, len(things))
	for i, t := range things {
		names[i] = t.String()
	}
	return New(strings.Join(names, ", "))
}

// Format is the door of log lines for every verb of the fmt package, %q, %x and %#v
// among them, with their flags and widths. Only a struct that holds the text in a
// field of lower case shows it to %v as it is: fmt calls no methods there.
func (t Untrusted) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), t.Line())
}
