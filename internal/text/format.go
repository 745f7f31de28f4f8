package text

import (
	"fmt"
	"strings"
)

// constant is a string literal. Other packages cannot name the type, so only their
// constants convert to it; a variable does not compile.
type constant string

// Sprintf builds a text from a constant format and arguments, as fmt.Sprintf does.
// Untrusted arguments are inserted raw: the result is Untrusted and passes its door once,
// as a whole.
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

// Join joins texts with a constant separator.
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

// Format is the door for log lines for every verb of package fmt, %q, %x and %#v
// included, with flags and widths. The one gap: %v of a struct shows a text in an
// unexported field as it is, since fmt calls no methods there.
func (t Untrusted) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), t.Line())
}
