package gate_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/talk"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// How this run ended a conversation counts, whatever the server makes of it: one that it will not close
// is reported as open there, and the cancel ends it.
func TestCallsThatCannotBeClosedCountAsTheyEnded(t *testing.T) {
	t.Parallel()
	fails := func() *fake {
		return answers(func(q agent.Question) (agent.Answer, error) {
			if q.Turn == 2 {
				return agent.Answer{}, &agent.Error{Kind: agent.KindError, Detail: text.New("no model")}
			}
			return say(q, "One moment."), nil
		})
	}
	patient := simulator.Chats{Customer: func(_ story.CallRef, c story.Customer) story.Customer {
		c.Patience = 99
		return c
	}}
	for _, c := range []struct {
		name   string
		under  func() *fake
		reason string
	}{
		{"the agent failed", fails, "5 of 5 calls failed"},
		{"the turn limit", func() *fake { return says("One moment.") }, "5 of 5 calls failed"},
	} {
		for _, status := range []int{http.StatusNotFound, http.StatusInternalServerError} {
			// The closes fail from about 1.5 s on, and are given up 7 s later.
			for _, timeout := range []time.Duration{time.Hour, 6 * time.Second} {
				t.Run(fmt.Sprintf("%s, %d, timeout %s", c.name, status, timeout), func(t *testing.T) {
					t.Parallel()
					fault := simulator.Fault{Kind: simulator.FaultStatus, Status: status, Count: simulator.Always}
					result, patch := fault, fault
					result.Endpoint, patch.Endpoint = talk.EndpointResult, talk.EndpointPatch
					options := simulator.Options{Chats: patient, Faults: []simulator.Fault{result, patch}, Scenarios: []story.Scenario{{Name: "refunds"}}}
					inChats(t, options, func(w *world) {
						w.gate.Config.Agent.MaxTurns = 3
						w.gate.Timeout = timeout
						began := time.Now()
						got := w.run()
						w.wantVerdict(got, verdict.Fail, "")
						w.wantReason(got, c.reason)
						w.wantWarning(got, "5 conversations may still be open on the server")
						w.wantCancels(1)
						if d := time.Since(began); d > 15*time.Second {
							t.Errorf("the run took %s", d)
						}
					}, c.under)
				})
			}
		}
	}
}

// Servers say in many ways that they lack the runner's endpoint; the older one closes a call too.
func TestCallsAreClosedWhereTheServerCan(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"in JSON":        {Status: http.StatusNotFound},
		"in plain text":  {Status: http.StatusNotFound, ContentType: "text/plain", Body: "404 page not found"},
		"another method": {Status: http.StatusMethodNotAllowed},
		"unknown call":   {Status: http.StatusNotFound, ContentType: "application/json", Body: `{"detail":"Call execution not found"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault.Endpoint, fault.Kind, fault.Count = talk.EndpointResult, simulator.FaultStatus, simulator.Always
			options := simulator.Options{Faults: []simulator.Fault{fault}, Scenarios: []story.Scenario{{Name: "refunds"}}}
			inChats(t, options, func(w *world) {
				got := w.run()
				w.wantVerdict(got, verdict.Fail, "")
				w.wantReason(got, "5 of 5 calls failed")
				for _, warning := range got.Evidence.Warnings {
					t.Errorf("warning %q", warning.Line())
				}
				w.wantCancels(0)
				if counts := w.server.Ledger().Counts; counts[talk.EndpointPatch] != 5 {
					t.Errorf("%d calls were closed at the older endpoint, want 5", counts[talk.EndpointPatch])
				}
			}, func() *fake {
				return answers(func(agent.Question) (agent.Answer, error) {
					return agent.Answer{}, &agent.Error{Kind: agent.KindEmpty}
				})
			})
		})
	}
}

// A server may tell an end, or an inner error, that it does not store. Then nothing ends the call there,
// and the agent is not to blame.
func TestEndsThatTheServerDoesNotStoreAreLost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(c *story.Customer)
		reason string
		closes int
	}{
		{"the end", func(c *story.Customer) { c.Unsaved = true }, "simulator: the customer ended the chat, but the call stayed ongoing", 5},
		{"an inner error", func(c *story.Customer) { c.Unsaved, c.Breaks = true, map[int]string{2: story.ModelError} }, "simulator: turn 2: ", 5},
		{"an inner error after the end", func(c *story.Customer) { c.Spoils = story.ModelError }, "simulator: failed after the end: " + story.ModelError, 0},
	} {
		for _, old := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, before runner endpoints %t", c.name, old), func(t *testing.T) {
				t.Parallel()
				chats := simulator.Chats{NoALK: old, Customer: func(_ story.CallRef, drawn story.Customer) story.Customer {
					c.change(&drawn)
					return drawn
				}}
				inChats(t, simulator.Options{Chats: chats, Scenarios: []story.Scenario{{Name: "refunds"}}}, func(w *world) {
					w.gate.Config.Waiting.ResultsWait = 10 * time.Minute
					began := time.Now()
					got := w.run()
					w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
					if got.Verdict.Counts.Lost != 5 {
						t.Errorf("counts %+v, want 5 lost", got.Verdict.Counts)
					}
					for _, call := range got.Evidence.Calls.All() {
						if reason := call.EndedReason.Line(); !strings.HasPrefix(reason, c.reason) {
							t.Errorf("reason %q, want %q", reason, c.reason)
						}
					}
					if n := w.server.Ledger().ChatTally().Closes; n != c.closes {
						t.Errorf("%d closes, want %d", n, c.closes)
					}
					if d := time.Since(began); d > 4*time.Minute {
						t.Errorf("the run took %s", d)
					}
				}, func() *fake { return says(grants) })
			})
		}
	}
}
