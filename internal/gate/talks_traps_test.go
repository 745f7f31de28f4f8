package gate_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/talk"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Traps of the chat protocol that no other test is about (chat.md 10).

// Older servers say that no rows are left after nine of scenarios without a dataset, and a row that is
// made after the others have ended can never begin (rows 2 and 3).
func TestRowsAreMadeUntilTheServerRefusesMore(t *testing.T) {
	t.Parallel()
	var plain []story.Scenario
	for i := range 12 {
		plain = append(plain, story.Scenario{Name: fmt.Sprint("question ", i), NoDataset: true})
	}
	inChats(t, simulator.Options{Chats: simulator.Chats{NoALK: true}, Scenarios: plain}, func(w *world) {
		w.agent.think = time.Millisecond
		got := w.run()
		w.wantVerdict(got, verdict.Pass, "")
		w.wantChats(12)
		// Nine, three, and the refusal, which is the end.
		if n := w.server.Ledger().Counts[talk.EndpointRows]; n != 3 {
			t.Errorf("rows were asked for %d times, want 3", n)
		}
	}, func() *fake { return says(grants) })
}

// The server has no model for its customers (row 7): that is said once, however often they are called.
func TestAServerWithoutAModelIsNamedOnceInAllExecutions(t *testing.T) {
	t.Parallel()
	inChats(t, simulator.Options{Chats: simulator.Chats{NoModel: true}}, func(w *world) {
		w.gate.Config.Reruns.Attempts, w.gate.Config.Reruns.Max = 2, kind.Amount{IsShare: true, Percent: 100}
		got := w.run()
		w.wantVerdict(got, verdict.Error, verdict.CauseOperational)
		w.wantPaid(3)
		said := 0
		for _, warning := range got.Evidence.Warnings {
			if strings.Contains(warning.Line(), "set one up there") {
				said++
			}
		}
		if said != 1 {
			t.Errorf("it was said %d times, want once", said)
		}
	}, func() *fake { return says(grants) })
}

// Stored transcripts may be out of order, so what was heard is reported (row 9).
func TestReportedTranscriptsAreInTheOrderInWhichTheyWereHeard(t *testing.T) {
	t.Parallel()
	options := simulator.Options{Chats: simulator.Chats{Shuffled: true}, Scenarios: []story.Scenario{{Name: "refunds"}}}
	inChats(t, options, func(w *world) {
		w.agent.think = time.Millisecond
		w.gate.Config.Transcripts = true
		w.judgeBy("failed_calls <= 0")
		w.agent.answer = func(q agent.Question) (agent.Answer, error) {
			if q.Turn == 6 {
				return agent.Answer{}, &agent.Error{Kind: agent.KindEmpty} // so that it is reported
			}
			return say(q, "One moment."), nil
		}
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		shuffled := 0
		for _, call := range got.Evidence.Calls.All() {
			stored, err := w.api.Chat(w.t.Context(), call.ID)
			if err != nil {
				t.Fatal(err)
			}
			var theirs, ours []string
			for _, row := range stored.Rows {
				if row.Role == calls.RoleAgent {
					theirs = append(theirs, row.Messages[0].Line())
				}
			}
			if call.Transcript == nil {
				continue // it was not unsuccessful
			}
			for _, turn := range call.Transcript.Turns {
				if turn.Role == calls.RoleAgent {
					ours = append(ours, turn.Text.Line())
				}
			}
			if !slices.IsSorted(theirs) {
				shuffled++
			}
			if len(ours) < 2 || !slices.IsSorted(ours) {
				t.Errorf("reported %q", ours)
			}
		}
		if shuffled == 0 {
			t.Error("the server has stored all transcripts in order: nothing was tested")
		}
	}, func() *fake { return says(grants) })
}

// An execution may complete after our cancel, since a call that was analyzing completes (row 11). It was
// cancelled all the same.
func TestWhatCompletesAfterOurCancelWasCancelled(t *testing.T) {
	t.Parallel()
	// Customers are content with one answer, which the first gets just before others fail.
	options := simulator.Options{Chats: simulator.Chats{StoreLag: 20 * time.Second, Customer: func(_ story.CallRef, c story.Customer) story.Customer {
		c.Asks, c.Patience = nil, 99
		return c
	}}}
	var first atomic.Pointer[string]
	inChats(t, options, func(w *world) {
		w.gate.Config.FailFast = true
		w.agent.answer = func(q agent.Question) (agent.Answer, error) {
			first.CompareAndSwap(nil, &q.Conversation)
			switch {
			case q.Conversation == *first.Load():
				time.Sleep(time.Second)
				return say(q, grants), nil
			case q.Turn == 4:
				return agent.Answer{}, &agent.Error{Kind: agent.KindEmpty}
			}
			return say(q, "One moment."), nil
		}
		got := w.run()
		w.wantVerdict(got, verdict.Fail, "")
		w.wantReason(got, "can no longer be met")
		for _, warning := range got.Evidence.Warnings {
			if strings.Contains(warning.Line(), "saved nothing") {
				t.Errorf("warning %q", warning.Line())
			}
		}
		time.Sleep(time.Minute)
		if status := w.server.Executions()[0].Status; status != story.StatusCompleted {
			t.Errorf("the server ended it as %s: nothing was tested", status)
		}
	}, func() *fake { return answers(nil) })
}
