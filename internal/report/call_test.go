package report

import (
	"testing"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestReasonOfACallIsTheServersOrOurs(t *testing.T) {
	t.Parallel()
	call := func(status string, ended, skip string, skipped bool) verdict.Call {
		var c verdict.Call
		c.Status, c.EndedReason, c.SkipReason, c.ProcessingSkipped = "completed", text.New(ended), text.New(skip), skipped
		if status != "" {
			c.Call.Status = "ongoing"
		}
		return c
	}
	for name, c := range map[string]struct {
		call verdict.Call
		want string
	}{
		"skipped":             {call("", "silence", "too short", true), "too short"},
		"skipped, no reason":  {call("", "silence", "", true), "silence"},
		"ended":               {call("", "crash", "x", false), "crash"},
		"never ended":         {call("ongoing", "", "", false), "never finished (status ongoing)"},
		"nothing was said":    {call("", "", "", false), "no reason given"},
		"only a skip reason":  {call("ongoing", "", "x", false), "x"},
		"reason before state": {call("ongoing", "crash", "", false), "crash"},
	} {
		if got := Reason(c.call).Raw(); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestCallDetail_saysNothingThatTheTitleSays(t *testing.T) {
	t.Parallel()
	fault := func(name, reason string) Fault {
		return Fault{Name: text.New(name), How: text.New("failed"), Reason: text.New(reason)}
	}
	for _, c := range []struct {
		name   string
		faults []Fault
		want   string
	}{
		{"the reason of the eval in the title", []Fault{fault("is_helpful", "no answer.")}, `"no answer"`},
		{"others by name", []Fault{fault("is_helpful", "no answer"), fault("polite", "rude")}, `"no answer"; polite failed`},
		{"others alone", []Fault{fault("is_helpful", ""), fault("polite", "rude")}, "also polite failed"},
		{"nothing to add", []Fault{fault("is_helpful", "")}, ""},
	} {
		if got := CallDetail(ShownCall{Ending: EndBelowBar, Faults: c.faults}).Line(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
