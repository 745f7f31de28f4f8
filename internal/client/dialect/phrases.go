package dialect

import (
	"regexp"
	"sync"
)

// IsGone reports whether the server's words say that something does not exist, whatever the
// status of the answer.
func IsGone(said string) bool { return gone().MatchString(said) }

// IsUnknownVersion reports whether the server's words say that there is no such version of an
// agent.
func IsUnknownVersion(said string) bool { return unknownVersion().MatchString(said) }

// IsUnknownHere reports whether the server's words say that it does not know the agent or a
// scenario of a create.
func IsUnknownHere(said string) bool { return unknownHere().MatchString(said) }

// IsNoRunTest reports whether the server's words say that no run test has a name.
func IsNoRunTest(said string) bool { return runTestNotFound().MatchString(said) }

// IsNoneLeft reports whether the server's words say that a chat execution has all its calls
// (chat.md 3 and 8).
func IsNoneLeft(said string) bool { return noneLeft().MatchString(said) }

// gone matches the words with which Django says that something does not exist. The
// deployed server puts them into a 500 (contract, sections 0.6, 0.7 and 3.1).
var gone = pattern(`No \w+ matches the given query|\w+ matching query does not exist|Invalid page`)

// unknownVersion matches what the deployed server says to a create with an agent version
// that it does not have; unknownHere what it says when it does not know the agent or a
// scenario, also since they belong to another workspace (real-server.md, rows 11 and 12).
var (
	unknownVersion = pattern(`AgentVersion matching query does not exist`)
	unknownHere    = pattern(`Agent definition not found|Scenarios not found`)
)

// runTestNotFound is what the deployed server says, with a 400, to a name that it does
// not know (contract, section 3.3).
var runTestNotFound = pattern(`(?i)run test not found`)

// noneLeft is what the deployed server says, with a 400, when no call is left to make; also,
// for it cannot tell, to a key of another workspace (chat.md 3).
var noneLeft = pattern(`No remaining call executions`)

// dispatchFailed matches the message of an answer that is 200 although nothing was
// started (contract, section 3.11).
var dispatchFailed = pattern(`(?i)dispatch failed`)

// pattern is a regular expression that is compiled when it is first needed. All of ours
// look at errors, and a run without one should not wait for them.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
