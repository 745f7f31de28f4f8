// Package talk holds the conversations of one chat execution: it stands between the simulated
// customer, which the server plays, and the agent under test, and carries what each says to the
// other (chat.md 4).
//
// Whatever fails, no conversation is begun twice, no turn is sent twice to the server, and no
// turn is asked twice of the agent: a repeated turn turns a completed call into a failed one,
// and an agent may have sent an e-mail. What was begun is ended by the customer or closed by us.
//
// Who failed is told apart, since nothing is worse than blaming the wrong side: see [End].
//
// Start with talk.go (what comes in, and the lanes) and outcome.go (what comes out). One
// conversation: chat.go is its course, turn.go what is made of an answer of the agent,
// exchange.go sends what must not be sent twice, look.go finds out what became of it, close.go
// ends what is open, compact.go what is kept of it. For all of them: stops.go is what ends the
// work early, pace.go what can still be begun, hunch.go the server without a model.
//
// The package starts nothing, makes no rows, and does not wait for evals.
package talk
