package report_test

import (
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/report/terminal"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// unread is a run that timed out, and none of whose calls could be read.
func unread(t *testing.T) report.Report {
	t.Helper()
	e := reporttest.NewRun("unread", calls.AgentVoice).Done()
	e.Execution.Status, e.Unread = calls.ExecutionCancelled, true
	e.Plan = []verdict.Planned{{ID: reporttest.ID("scenario Refund", 0), Name: text.New("Refund"), Calls: new(20)}}
	e.Budget.Spent = budget.Spent{Calls: 20}
	r := judged(t, e, "pass_rate >= 90")
	r.Verdict = verdict.Errored(verdict.CauseTimeout, text.New("timed out after 10s when 19 of 20 calls had ended"), r.Evidence, r.Rules)
	r.ExitCode = verdict.ExitTimeout
	return r
}

func TestARunWhoseCallsWereNotRead_doesNotSayThatThereAreNone(t *testing.T) {
	t.Parallel()
	for where, out := range allOf(t, unread(t)) {
		for _, want := range []string{"20 planned, none read", "20 calls"} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: %q is missing", where, want)
			}
		}
		for _, no := range []string{"0 created", "0 judged", "Refund", "Pass/Fail eval"} {
			if strings.Contains(out, no) {
				t.Errorf("%s: %q stands there", where, no)
			}
		}
	}
	if got, want := report.SpendingLine(unread(t)), report.Figure("20 calls · cost unknown · call time unknown"); got != want {
		t.Errorf("spent is %q, want %q", got, want)
	}
}

// emptyColon is a colon that nothing follows on its line.
var emptyColon = regexp.MustCompile(`:(\*\*)? *(\n|</p>|</li>)`)

func TestNoSentence_endsInAColonWithNothingAfterIt(t *testing.T) {
	t.Parallel()
	all := reporttest.Cases()
	all["unread"] = unread(t)
	for name, r := range all {
		for where, out := range allOf(t, r) {
			switch where {
			case "terminal": // whose lines would wrap
				out = asString(t, r, func(w io.Writer, r report.Report) error {
					return errors.Join(terminal.Details(w, r, terminal.Options{Debug: true}), terminal.Verdict(w, r, terminal.Options{}))
				})
			case "html":
				_, out, _ = strings.Cut(out, "<body")
				out, _, _ = strings.Cut(out, "<script")
			}
			for _, at := range emptyColon.FindAllStringIndex(out, -1) {
				if before := out[max(at[0]-60, 0):at[1]]; !strings.Contains(before, "unless a line says something else:") { // a list follows
					t.Errorf("%s: %s: nothing follows a colon: %q", name, where, before)
				}
			}
		}
	}
}
