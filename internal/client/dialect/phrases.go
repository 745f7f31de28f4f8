package dialect

import (
	"regexp"
	"sync"
)

// IsGone reports whether the server's message says that something does not exist, whatever the
// HTTP status.
func IsGone(said string) bool { return gone.compiled().MatchString(said) }

// IsUnknownVersion reports whether the server's message says that an agent version does not
// exist.
func IsUnknownVersion(said string) bool { return unknownVersion.compiled().MatchString(said) }

// IsUnknownAgentOrScenario reports whether the server's message says that it does not know the
// agent or a scenario in a create.
func IsUnknownAgentOrScenario(said string) bool {
	return unknownAgentOrScenario.compiled().MatchString(said)
}

// IsNoRunTest reports whether the server's message says that no run test has the given name.
func IsNoRunTest(said string) bool { return runTestNotFound.compiled().MatchString(said) }

// IsNoneLeft reports whether the server's message says that a chat execution already has all of
// its calls.
func IsNoneLeft(said string) bool { return noneLeft.compiled().MatchString(said) }

// IsNoPath reports whether the message of a 404 may mean that the server has no such path: it
// names nothing that is missing.
func IsNoPath(said string) bool { return noPath.compiled().MatchString(said) }

// noPath matches what frameworks say of an unknown path in JSON: nothing, or just the status.
var noPath = pattern{expr: `(?i)^\s*(?:404:?\s*)?(?:(?:url |path |route |page |endpoint )?not found\.?)?\s*$`}

// gone matches Django's messages for something that does not exist. The deployed server sends
// them with a 500 (contract, sections 0.6, 0.7 and 3.1).
var gone = pattern{expr: `No \w+ matches the given query|\w+ matching query does not exist|Invalid page`}

// unknownVersion and unknownAgentOrScenario match the deployed server's messages to a create
// with an unknown agent version, and with an agent or scenario that is unknown or belongs to
// another workspace (real-server.md, rows 11 and 12).
var (
	unknownVersion         = pattern{expr: `AgentVersion matching query does not exist`}
	unknownAgentOrScenario = pattern{expr: `Agent definition not found|Scenarios not found`}
)

// runTestNotFound matches the deployed server's message, sent with a 400, for an unknown name
// (contract, section 3.3).
var runTestNotFound = pattern{expr: `(?i)run test not found`}

// noneLeft matches the deployed server's message, sent with a 400, if no calls are left to
// create. A key of another workspace gets the same message (chat.md 3 and 8).
var noneLeft = pattern{expr: `No remaining call executions`}

// dispatchFailed matches the message of a 200 that started nothing (contract, section 3.11).
var dispatchFailed = pattern{expr: `(?i)dispatch failed`}

// A pattern is a regular expression that is compiled on first use. All of ours examine errors, so
// a run without errors does not pay for them, and the start of the program for none.
type pattern struct {
	expr string
	once sync.Once
	re   *regexp.Regexp
}

// compiled returns the regular expression.
func (p *pattern) compiled() *regexp.Regexp {
	p.once.Do(func() { p.re = regexp.MustCompile(p.expr) })
	return p.re
}
