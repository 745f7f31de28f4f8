package calls

import (
	"testing"

	"github.com/agent-gate/agent-gate/internal/text"
)

func TestThePlatformLostACallForReasonsThatItsOwnCodeWrites(t *testing.T) {
	t.Parallel()
	const reached, never, no = "may have reached the agent", "never reached the agent", "not lost"
	for _, c := range []struct {
		reason            string
		failed, completed string
	}{
		{"Insufficient balance to make calls.", never, no},
		{"Insufficient balance", never, no},
		{"  Insufficient balance to make calls.\n", never, no},
		{"Failed to acquire phone number: none is free", never, no},
		{"Preparation failed: the scenario has no graph", never, no},
		{"Call monitoring failed: timed out", reached, no},
		{"Rerun dispatch failed: connection refused", never, no},
		{"Activity task failed", reached, no},
		{"Activity task failed: heartbeat timeout", reached, no},
		{"simulator: an empty message twice", reached, no},
		{"call.start.error-get-transport", never, never},
		{"call.in-progress.error-providerfault-transport-never-connected", reached, reached},
		{"call.in-progress.error-vapifault-worker-died ", reached, reached},

		// Here it may be the agent that did not answer, or ended the call.
		{"Call initiation failed: provider answered 503", no, no},
		{"Call initiation failed: Insufficient balance", no, no},
		{"no-answer", no, no},
		{"agent: no answer within 60 s", no, no},
		{"turn limit (30)", no, no},
		{"Error processing simulation", no, no},
		{"Activity cancelled", no, no},
		{"Cancelled by user", no, no},
		{"customer-ended-call", no, no},
		{"call.in-progress.sip-completed-call", no, no},
		{"", no, no},

		// Near misses.
		{"insufficient balance", no, no},
		{"The agent said: Insufficient balance", no, no},
		{"Preparation failed", no, no},
		{"call.error-x", no, no},
		{"call..error-x", no, no},
		{"call.start.error-", no, no},
		{"a call.start.error-x", no, no},
	} {
		for status, want := range map[Status]string{
			Failed: c.failed, Completed: c.completed, Cancelled: no, Pending: no, Analyzing: no, "on_hold": no,
		} {
			got := no
			failure, lost := PlatformFailureOf(status, text.New(c.reason))
			switch {
			case lost && failure.Reached:
				got = reached
			case lost:
				got = never
			}
			if got != want {
				t.Errorf("%s, %q: %s, want %s", status, c.reason, got, want)
			}
			if lost != (failure.Words != "") || lost != (failure.Advice != "") {
				t.Errorf("%s, %q: got %+v", status, c.reason, failure)
			}
		}
	}
}

func TestReasonsOfACancelAreKnown(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]bool{
		"Cancelled by user": true, "Rerun cancelled by user": true, "Activity cancelled": true, " Activity cancelled ": true,
		"": false, "cancelled": false, "Activity task failed": false, "Cancelled by user?": false,
	} {
		if got := IsCancelReason(text.New(reason)); got != want {
			t.Errorf("%q: got %t", reason, got)
		}
	}
}
