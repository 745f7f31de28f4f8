package dialect

import (
	"errors"
	"fmt"
)

// nonsenseError says what is wrong with a complete JSON response that is not what was asked
// for. Unlike a connection or proxy failure, it is unlikely to go away.
type nonsenseError struct{ what string }

// Nonsense formats an error for which [IsNonsense] is true.
func Nonsense(format string, args ...any) error {
	return nonsenseError{fmt.Sprintf(format, args...)}
}

// Error implements error.
func (e nonsenseError) Error() string { return e.what }

// The errors shared by several readers.
var (
	errNoObject = Nonsense("not a JSON object")
	// ErrShape says that a required value has the wrong type.
	ErrShape = Nonsense("the answer does not have the expected shape")
	// errNoID says that a call has no id to distinguish it by.
	errNoID = Nonsense("a call has no id, or one that is not a UUID")
)

// IsNonsense reports whether err comes from [Nonsense].
func IsNonsense(err error) bool {
	_, ok := errors.AsType[nonsenseError](err)
	return ok
}
