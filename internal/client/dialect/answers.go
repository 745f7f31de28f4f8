// Package dialect decodes API responses in both dialects into the types of package calls, whose
// texts all pass the [Redactor]. It sends nothing and knows no HTTP; JSON comes as a stream
// from package jsonstream.
//
// Unknown is not zero: a field that is missing or of the wrong type becomes nil, uuid.Nil or
// empty in the result, never 0, unless the comment of the field in package calls says so.
//
// Read in this order: [Answers], which has a reader for each kind of response; page.go, row.go,
// eval.go, value.go and earlier.go, which read the calls of an execution; then execution.go,
// runtest.go, lookup.go, rerun.go, newevals.go and turn.go for the other responses; document.go
// and lenient.go, which decode JSON for all of them, with texts.go and redact.go for texts; and
// the errors: envelope.go and phrases.go for error responses, nonsense.go for unusable ones.
package dialect

import (
	"sync"

	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
)

// Answers decodes a server's responses. A value of the wrong type counts as absent; if the
// result is useless without it, that is an error.
type Answers struct {
	secrets *Redactor
	replies *sync.Pool // of *jsonstream.Scanner: a reply is small, and its buffer is not
}

// NewAnswers returns Answers that remove secrets.
func NewAnswers(secrets *Redactor) Answers {
	return Answers{secrets: secrets, replies: &sync.Pool{New: func() any { return &jsonstream.Scanner{} }}}
}
