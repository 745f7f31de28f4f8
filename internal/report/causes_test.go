package report_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// told returns a run whose calls failed is_helpful for the given reasons; an empty one is a call that passed.
func told(t *testing.T, rules string, reasons ...string) report.Report {
	t.Helper()
	run := reporttest.NewRun("told", calls.AgentVoice)
	for _, reason := range reasons {
		score := 2.0
		if reason == "" {
			score = 9
		}
		c := run.Call("Refund", calls.Completed, score, "customer-ended-call")
		for i := range c.Evals {
			reporttest.ChangeEval(&c.Evals[i], func(e *calls.EvalResult) { e.Reason = text.New(reason) })
		}
	}
	return judged(t, run.Done(), rules)
}

// judged judges evidence by criteria.
func judged(t *testing.T, e verdict.Evidence, rules string) report.Report {
	t.Helper()
	all, err := criteria.Parse(rules)
	if err != nil {
		t.Fatal(err)
	}
	r := report.Report{Evidence: e, Rules: verdict.Rules{Set: criteria.Set{Criteria: all}}}
	r.Verdict = verdict.Judge(r.Evidence, r.Rules)
	return r
}

// sentences are the causes of a report, one a line.
func sentences(r report.Report) string {
	var b strings.Builder
	for _, c := range report.Causes(r) {
		fmt.Fprintf(&b, "%d× %s\n", c.Calls, c.Sentence(80))
	}
	return b.String()
}

func TestCauses_groupByTheWordsTheyShare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		reasons []string
		want    string
	}{
		{"a hundred alike are one row", many(100, "described a policy that does not exist"), "100× is_helpful failed: \"described a policy that does not exist\"\n"},
		{"numbers and ids do not tell them apart", []string{"order 4400 was not found", "order 4511 was not found"}, "2× is_helpful failed, such as: \"order 4511 was not found\"\n"},
		{"other words for the same", []string{"described a policy that does not exist", "described a refund policy that does not exist", "rude"},
			"2× is_helpful failed, such as: \"described a refund policy that does not exist\"\n1× is_helpful failed: \"rude\"\n"},
		{"those that share no word are causes of their own", []string{"rude", "asked for nothing", "never greeted the customer"},
			"1× is_helpful failed: \"asked for nothing\"\n1× is_helpful failed: \"never greeted the customer\"\n1× is_helpful failed: \"rude\"\n"},
		{"most calls first", []string{"rude", "late again", "late again"}, "2× is_helpful failed: \"late again\"\n1× is_helpful failed: \"rude\"\n"},
		{"no reason", []string{" "}, "1× is_helpful failed\n"},
		{"nothing failed", []string{"", ""}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := sentences(told(t, "pass_rate >= 100", c.reasons...)); got != c.want {
				t.Errorf("got:\n%swant:\n%s", got, c.want)
			}
		})
	}
}

func TestCauses_countTheReasonsBeyondThoseThatAreToldApart(t *testing.T) {
	t.Parallel()
	var reasons []string
	for n := range 205 {
		reasons = append(reasons, strings.Map(func(r rune) rune { return r - '0' + 'a' }, fmt.Sprintf("%04d", n)))
	}
	r := told(t, "pass_rate >= 100", append(reasons, reasons[0])...)
	all := strings.Split(strings.TrimSpace(sentences(r)), "\n")
	if len(all) != 201 || !strings.HasSuffix(all[200], "× is_helpful failed: 5 other reasons") {
		t.Errorf("%d causes, the last is %s", len(all), all[len(all)-1])
	}
}

func many(n int, s string) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = s
	}
	return all
}

func TestCauses_sayWhatHoldsForOneOfThemOnly(t *testing.T) {
	t.Parallel()
	type made struct {
		score  float64
		reason string
	}
	for _, c := range []struct {
		name           string
		calls          []made
		said, likeness string
	}{
		{"one call", []made{{-1, "no-answer"}}, "failed: no-answer", ""},
		{"the same words", []made{{-1, "no-answer"}, {-1, "no-answer"}}, "failed: no-answer", "the same in 2 calls"},
		{"other numbers", []made{{-1, "hung up after 3 s"}, {-1, "hung up after 9 s"}}, "failed, such as: hung up after 9 s", "one of 2 calls like this"},
		{"other scores", []made{{3, ""}, {1, ""}}, `is_helpful failed: "The agent described a policy that does not exist"`, "the same in 2 calls, scores 1 to 3"},
		{"one score", []made{{3, ""}, {3, ""}}, `is_helpful failed: "The agent described a policy that does not exist"`, "the same in 2 calls"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			run := reporttest.NewRun("like", calls.AgentVoice)
			for _, m := range c.calls {
				status := calls.Completed
				if m.score < 0 {
					status = calls.Failed
				}
				run.Call("Refund", status, m.score, m.reason)
			}
			r := judged(t, run.Done(), "pass_rate >= 100")
			all := report.Causes(r)
			if len(all) != 1 || all[0].Sentence(100).Line() != c.said {
				t.Fatalf("the causes are %s", sentences(r))
			}
			if got := string(report.NewViewer(r).Likeness(all[0])); got != c.likeness {
				t.Errorf("got %q, want %q", got, c.likeness)
			}
		})
	}
}

func TestCauses_lostAndMissingCallsComeLast(t *testing.T) {
	t.Parallel()
	run := reporttest.NewRun("lost", calls.AgentVoice)
	for range 3 {
		run.Call("Refund", calls.Failed, -1, reporttest.NoBalance)
	}
	run.Call("Refund", calls.Failed, -1, "no-answer")
	run.Call("Refund", calls.Completed, 9, "")
	want := "1× failed: no-answer\n3× never reached your agent: no balance left (top up and run again)\n"
	if got := sentences(judged(t, run.Done(), "success_rate >= 90")); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

func TestCauses_sayThatTheRunItselfCancelledCalls(t *testing.T) {
	t.Parallel()
	run := reporttest.NewRun("stopped", calls.AgentVoice)
	run.Call("Refund", calls.Cancelled, -1, "Cancelled by user")
	run.Call("Refund", calls.Failed, -1, "Rerun cancelled by user")
	run.Call("Refund", calls.Cancelled, -1, "")
	for _, c := range []struct {
		name     string
		status   calls.ExecutionStatus
		cause    verdict.Cause
		failFast bool
		want     string
	}{
		{"timeout", calls.ExecutionCancelled, verdict.CauseTimeout, false, "3× cancelled: agent-gate stopped it when the run timed out\n"},
		{"signal", calls.ExecutionCancelling, verdict.CauseInterrupted, false, "3× cancelled: agent-gate stopped it when the run was interrupted\n"},
		{"budget", calls.ExecutionCancelled, verdict.CauseBudget, false, "3× cancelled: agent-gate stopped it at the limit of the budget\n"},
		{"fail-fast", calls.ExecutionCancelled, "", true, "3× cancelled: agent-gate stopped it because a criterion could no longer be met\n"},
		{"a timeout that left it running", calls.ExecutionRunning, verdict.CauseTimeout, false, "2× cancelled, such as: Rerun cancelled by user\n"},
		{"somebody else", calls.ExecutionCancelled, verdict.CauseOperational, false, "2× cancelled, such as: Rerun cancelled by user\n"},
	} {
		r := report.Report{Evidence: run.Done()}
		r.Evidence.Execution.Status, r.Verdict.Cause, r.Verdict.Kind = c.status, c.cause, verdict.Error
		if c.failFast {
			r.Evidence.FailFast = &verdict.FailFast{}
		}
		if got := sentences(r); !strings.Contains(got, c.want) {
			t.Errorf("%s: got:\n%swant:\n%s", c.name, got, c.want)
		}
		if call := report.CallsAt(r, []int{1})[0]; call.Outcome() != verdict.Cancelled {
			t.Errorf("%s: the call is now %s", c.name, call.Outcome())
		}
	}
}

func TestCauses_countEveryCallOnce(t *testing.T) {
	t.Parallel()
	for name, r := range reporttest.Cases() {
		worst, _ := report.WorstFirst(r)
		n := 0
		for _, c := range report.Causes(r) {
			if !c.Lacking() { // these did nothing wrong
				n += c.Calls
			}
		}
		if want := len(worst) + r.Verdict.Counts.Missing; n != want {
			t.Errorf("%s: the causes are of %d calls, want %d", name, n, want)
		}
	}
}

func TestCauses_sayWhatTheCheckHasAgainstACall(t *testing.T) {
	t.Parallel()
	long := func(c *verdict.Call) { c.DurationSeconds = new(400.0) }
	rerun := func(c *verdict.Call) { c.Attempts, c.FirstOutcome = 2, verdict.Failed }
	unscored := func(c *verdict.Call) { c.OverallScore = nil }
	blank := func(c *verdict.Call) {
		reporttest.ChangeEval(&c.Evals[1], func(e *calls.EvalResult) {
			e.Value, e.State, e.Reason = calls.EvalValue{}, calls.EvalErrored, text.New("model gpt-x is not available")
		})
	}
	none := func(c *verdict.Call) { c.Evals = nil }
	for _, c := range []struct {
		rules  string
		change func(*verdict.Call) // of one call of four, all of which passed
		want   string
	}{
		{"first_success_rate >= 90", rerun, "1× first try did not succeed\n"},
		{"flaky_rate <= 10", rerun, "1× first try did not succeed\n"},
		{"flaky_calls <= 0", rerun, "1× first try did not succeed\n"},
		{"scored_rate >= 95", unscored, "1× overall_score missing\n"},
		{"eval is_helpful: result_rate >= 99", blank, "1× is_helpful errored: \"model gpt-x is not available\"\n"},
		{"eval is_helpful: result_rate >= 99", none, "1× is_helpful missing\n"},
		{"duration <= 100", long, "1× duration above 100\n"},
		{"duration.sum <= 100", long, "4× duration adds to a sum above 100\n"},
		{"eval is_helpful: pass_rate <= 50", nil, "4× is_helpful passed\n"},
		{"pass_rate <= 50", nil, "4× passed, which counts against a criterion\n"},
		{"pass_rate >= 90", blank, "1× is_helpful errored: \"model gpt-x is not available\"\n"},
		{"pass_rate >= 90", none, "1× is_helpful missing\n"},
		{"eval is_helpful: score >= 95", blank, "1× is_helpful errored: \"model gpt-x is not available\"\n"},
		{"overall_score >= 8", unscored, "1× overall_score missing\n"},
	} {
		run := reporttest.NewRun("aspects", calls.AgentVoice)
		for i := range 4 {
			one := run.Call("Refund", calls.Completed, 9, "customer-ended-call")
			reporttest.ChangeEval(&one.Evals[1], func(e *calls.EvalResult) { e.Reason = text.Untrusted{} })
			if i == 2 && c.change != nil {
				c.change(one)
			}
		}
		r := judged(t, run.Done(), c.rules)
		if got := sentences(r); got != c.want {
			t.Errorf("%s: got:\n%swant:\n%s", c.rules, got, c.want)
		}
		v := report.NewViewer(r)
		for _, all := range [][]report.Cause{report.Causes(r), v.CheckCauses(r.Verdict.Checks[0])} {
			for _, cause := range all {
				if call, ok := v.Worst(cause); !ok || !strings.HasSuffix(c.want, report.CallStory(call).Line()+"\n") && cause.Short() != cause.Sentence(80) {
					t.Errorf("%s: of the call itself: %s", c.rules, report.CallStory(call).Line())
				}
				if v.Below(cause) > 0 {
					t.Errorf("%s: no call is below the bar", c.rules)
				}
			}
		}
	}
}

func TestCallWhy_namesTheReasonOfTheEval(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, rules, want string }{
		{"a Pass/Fail eval by default", "pass_rate >= 100", `is_helpful failed: "was rude"`},
		{"an eval below a bound that is not met", `eval "groundedness": score >= 70`, `is_helpful failed: "was rude"; groundedness 18, below 70`},
		{"a label that is not wanted", `eval "tone": share "Polite" <= 0`, `is_helpful failed: "was rude"; tone is Polite`},
		{"the overall score", "overall_score >= 7", `is_helpful failed: "was rude"; overall_score 2, below 7`},
		{"a bound that is met says nothing", "overall_score >= 1", `is_helpful failed: "was rude"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := told(t, c.rules, "was rude")
			worst, n := report.WorstCalls(r, 1)
			if n != 1 {
				t.Fatalf("%d calls are worth a look, want 1", n)
			}
			if got := report.CallWhy(worst[0]).Line(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestNext_opensTheWorstCallWhereItCanBeRead(t *testing.T) {
	t.Parallel()
	r := told(t, "pass_rate >= 100", "rude")
	r.Evidence.Execution.URL = ""
	id := r.Evidence.Calls.ID(0)
	short := id.String()[:8]
	for _, c := range []struct {
		name   string
		places report.Places
		want   string
	}{
		{"on the web", report.Places{URL: "https://example.com/report.html", HTML: text.New("x.html")}, "open call " + short + ": https://example.com/report.html#calls?call=" + id.String()},
		{"in a file", report.Places{HTML: text.New("x.html")}, "open call " + short + " in the report: x.html#calls?call=" + id.String()},
		{"nowhere yet", report.Places{}, "add --html-report agent-gate.html to read call " + short},
		{"in a file that cannot be written", report.Places{NoHTML: true}, "give html-report a path that can be written, to read call " + short},
		{"an address that is none", report.Places{URL: "javascript:alert(1)"}, "add --html-report agent-gate.html to read call " + short},
	} {
		r := r
		r.Places = c.places
		if got := report.Next(r).Line(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if got := (report.Places{URL: "https://example.com/"}).Call(uuid.Nil); strings.Contains(string(got), "00000000") {
		t.Errorf("a call without an id has the address %s", got)
	}
}

func TestNext_isAboutWhatEndedTheRun(t *testing.T) {
	t.Parallel()
	run := reporttest.NewRun("next", calls.AgentVoice)
	run.Call("Refund", calls.Failed, -1, reporttest.NoBalance)
	lost := judged(t, run.Done(), "success_rate >= 90")
	for _, c := range []struct {
		name  string
		cause verdict.Cause
		begun bool
		key   string
		want  string
	}{
		{"the budget, although a call was lost", verdict.CauseBudget, true, "", "raise the limit, or run fewer calls"},
		{"the timeout, although a call was lost", verdict.CauseTimeout, true, "", "raise timeout, or run fewer calls"},
		{"lost calls", verdict.CauseOperational, true, "", "top up and run again"},
		{
			"lost calls that the next start would judge again", verdict.CauseOperational, true, "tree",
			"top up and run again with a higher rerun-attempts, as run-key tree judges these calls again",
		},
		{"a timeout before anything was started", verdict.CauseTimeout, false, "", ""},
	} {
		r := lost
		r.Verdict.Kind, r.Verdict.Cause, r.Evidence.Key = verdict.Error, c.cause, text.New(c.key)
		if !c.begun {
			r.Evidence.Execution = verdict.Execution{}
		}
		if got := report.Next(r).Line(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestCheckCount_isReadAtAGlance(t *testing.T) {
	t.Parallel()
	r := told(t, "pass_rate >= 80\nfailed_calls <= 0\noverall_score >= 9\neach scenario: success_rate >= 10\neval \"is_helpful\": pass_rate > 90", "rude", "", "")
	var got []string
	for _, c := range r.Verdict.Checks {
		got = append(got, fmt.Sprintf("%s %s (need %s) %s", report.CheckSubject(c), report.Value(c.Value), report.CheckNeed(c), report.CheckCount(c)))
	}
	want := []string{
		"pass_rate 66.7% (need 80) 2 of 3 passed",
		"failed_calls 0 (need at most 0) 3 calls",
		"overall_score 6.67 (need 9) 3 calls",
		"Refund: success_rate 100% (need 10) 3 of 3 succeeded",
		"is_helpful: pass_rate 66.7% (need above 90) 2 of 3 passed",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
