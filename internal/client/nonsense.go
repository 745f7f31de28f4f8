package client

import (
	"errors"
	"fmt"
)

// nonsenseError says what is wrong with an answer that is whole and JSON, and yet not what
// was asked for: no fault of a connection or of a proxy, which may pass.
type nonsenseError struct{ what string }

// nonsense is a nonsenseError.
func nonsense(format string, args ...any) error {
	return nonsenseError{fmt.Sprintf(format, args...)}
}

// Error implements error.
func (e nonsenseError) Error() string { return e.what }

// The kinds of nonsense that several readers meet.
var (
	errNoObject = nonsense("no JSON object")
	// errShape is a value of another type than the one without which nothing can be read.
	errShape = nonsense("the answer has another shape than expected")
	// errNoID is a call that cannot be told from others.
	errNoID = nonsense("a call has no id, or one that is not a UUID")
)

// isNonsense reports whether err is one of the above.
func isNonsense(err error) bool {
	_, ok := errors.AsType[nonsenseError](err)
	return ok
}
