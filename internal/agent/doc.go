// Package agent talks to the agent under test: a text agent that is a program on this
// machine ([Command]) or an HTTP endpoint ([Endpoint]). It asks one turn of a conversation at
// a time and returns an answer, or an [Error] that says how the agent failed.
//
// Agents act: a turn may have sent an e-mail or booked a flight. So no turn is asked twice,
// and an HTTP request is sent again only when the endpoint certainly did not take it: the
// connection was refused, or the answer was 429 or 503 with a Retry-After.
//
// Nothing of a program outlives the gate: see [Process.Close] and package group.
//
// Whatever an agent says comes from a stranger and is a [text.Untrusted].
//
// Start with agent.go and error.go. A program: process.go and ending.go run it, talk.go asks
// and waits, take.go and inbox.go match its lines with open questions, lines.go reads them,
// tail.go keeps the end of stderr. An endpoint: endpoint.go, post.go, reach.go, openai.go.
// Both: wire.go is the JSON, ledger.go makes sure that nothing is asked twice.
//
// The package knows nothing of who plays the customer, of CI or of verdicts.
package agent
