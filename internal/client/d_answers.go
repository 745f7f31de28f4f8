// Package dialect reads the answers of the API, in either of its two forms, and makes the
// types of package calls of them. What the server says comes through the [Redactor] that it
// is given; the JSON comes as a stream from package jsonstream. It sends nothing and knows
// no HTTP.
//
// Read in this order: [Answers], which has a reader for each kind of answer; page.go, row.go
// and eval.go, which read the calls of an execution; document.go and lenient.go, on which all
// of them stand; envelope.go and phrases.go, which read answers that are errors.
package client

// Answers reads the answers of a server. A value that is not of the wanted type counts as
// absent; what nothing can be done without is an error.
type Answers struct{ secrets *redactor }

// NewAnswers makes Answers from which secrets are taken out.
func NewAnswers(secrets *redactor) Answers { return Answers{secrets: secrets} }
