package dialect

import (
	"errors"
	"fmt"
)

// nonsenseError says what is wrong with an answer that is whole and JSON, and yet not what
// was asked for: no fault of a connection or of a proxy, which may pass.
type nonsenseError struct{ what string }

// Nonsense is a nonsenseError.
func Nonsense(format string, args ...any) error {
	return nonsenseError{fmt.Sprintf(format, args...)}
}

// Error implements error.
func (e nonsenseError) Error() string { return e.what }

// The kinds of nonsense that several readers meet.
var (
	errNoObject = Nonsense("no JSON object")
	// ErrShape is a value of another type than the one without which nothing can be read.
	ErrShape = Nonsense("the answer has another shape than expected")
	// errNoID is a call that cannot be told from others.
	errNoID = Nonsense("a call has no id, or one that is not a UUID")
)

// IsNonsense reports whether err is one of the above.
func IsNonsense(err error) bool {
	_, ok := errors.AsType[nonsenseError](err)
	return ok
}
