package whole

import (
	"testing"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// of makes a gate, named after its exit code under a policy.
func of(name string, kind verdict.Kind, cause verdict.Cause, p verdict.Policy) Gate {
	v := verdict.Verdict{Kind: kind, Cause: cause}
	return Gate{Name: name, Kind: kind, Cause: cause, Reason: text.New("because"), ExitCode: v.ExitCode(p)}
}

func TestTheWholeVerdictComesFromTheExitsOfTheGates(t *testing.T) {
	t.Parallel()
	strict := verdict.Policy{}
	passed, failed := of("pass", verdict.Pass, "", strict), of("fail", verdict.Fail, "", strict)
	config, operational := of("config", verdict.Error, verdict.CauseConfig, strict), of("api", verdict.Error, verdict.CauseOperational, strict)
	timeout, open := of("slow", verdict.Error, verdict.CauseTimeout, strict), of("open", verdict.Inconclusive, "", strict)
	budget, unchanged := of("big", verdict.Skip, verdict.CauseBudget, strict), of("same", verdict.Skip, "unchanged", strict)
	skipped, apart := of("fork", verdict.Skip, "", strict), of("apart", verdict.Skip, verdict.CauseConfig, strict)
	warns := verdict.Policy{WarnOnOperationalError: true}
	soft, lenient := of("soft", verdict.Fail, "", verdict.Policy{SoftFail: true}), of("warn", verdict.Error, verdict.CauseOperational, warns)
	late, vague := of("late", verdict.Error, verdict.CauseTimeout, warns), of("vague", verdict.Inconclusive, "", verdict.Policy{AllowInconclusive: true})
	for _, c := range []struct {
		name   string
		gates  []Gate
		over   string
		kind   verdict.Kind
		cause  verdict.Cause
		exit   int
		reason string
	}{
		{"one that passes", []Gate{passed}, "", verdict.Pass, "", 0, "1 of 1 gate passed"},
		{"all pass", []Gate{passed, passed}, "", verdict.Pass, "", 0, "all 2 gates passed"},
		{"one fails among everything else", []Gate{passed, timeout, operational, config, open, failed}, "", verdict.Fail, "", 1,
			"1 of 6 gates failed (fail: because), 3 could not be judged (slow, api, config), 1 is inconclusive (open), 1 passed"},
		{"the lowest of the errors", []Gate{timeout, operational, config, open}, "", verdict.Error, verdict.CauseConfig, 2,
			"3 of 4 gates could not be judged (slow, api, config), 1 is inconclusive (open)"},
		{"an API failure before a timeout", []Gate{timeout, operational, passed}, "", verdict.Error, verdict.CauseOperational, 3,
			"2 of 3 gates could not be judged (slow, api), 1 passed"},
		{"a timeout before an undecided one", []Gate{open, timeout}, "", verdict.Error, verdict.CauseTimeout, 4,
			"1 of 2 gates could not be judged (slow: because), 1 is inconclusive (open)"},
		{"an undecided one", []Gate{passed, open}, "", verdict.Inconclusive, "", 5, "1 of 2 gates is inconclusive (open: because), 1 passed"},
		{"no room in the budget", []Gate{passed, budget}, "", verdict.Error, verdict.CauseBudget, 3, "1 of 2 gates was not started (big: because), 1 passed"},
		{"no room in the budget, whatever the gate's policy is", []Gate{passed, of("big", verdict.Skip, verdict.CauseBudget, verdict.Policy{SoftFail: true})}, "", verdict.Error, verdict.CauseBudget, 3,
			"1 of 2 gates was not started (big: because), 1 passed"},
		{"a mistake in another gate", []Gate{apart, config}, "", verdict.Error, verdict.CauseConfig, 2,
			"1 of 2 gates could not be judged (config: because), 1 was not started (apart)"},
		{"an unchanged one counts as passed", []Gate{unchanged}, "", verdict.Pass, "", 0, "1 of 1 gate is unchanged (same: because)"},
		{"one that was only started beside an unchanged one", []Gate{unchanged, skipped}, "", verdict.Skip, "", 0, "1 of 2 gates is unchanged (same: because), 1 was skipped (fork)"},
		{"all skipped", []Gate{skipped, skipped}, "", verdict.Skip, "", 0, "all 2 gates were skipped (fork, fork)"},
		{"a soft failure is no pass", []Gate{soft, passed}, "", verdict.Fail, "", 0, "1 of 2 gates failed (soft: because), 1 passed; not counted, by its own policy: soft"},
		{"what was not judged is no pass, whatever it does to the job", []Gate{lenient}, "", verdict.Error, verdict.CauseOperational, 0,
			"1 of 1 gate could not be judged (warn: because); not counted, by its own policy: warn"},
		{"what was not judged beside what passed and what is unchanged", []Gate{unchanged, passed, lenient}, "", verdict.Error, verdict.CauseOperational, 0,
			"1 of 3 gates could not be judged (warn: because), 1 is unchanged (same), 1 passed; not counted, by its own policy: warn"},
		{"an API failure before a timeout, if both only warn", []Gate{late, lenient}, "", verdict.Error, verdict.CauseOperational, 0,
			"all 2 gates could not be judged (late, warn); not counted, by its own policy: late, warn"},
		{"a timeout that only warns", []Gate{unchanged, late, vague}, "", verdict.Error, verdict.CauseTimeout, 0,
			"1 of 3 gates could not be judged (late: because), 1 is inconclusive (vague), 1 is unchanged (same); not counted, by its own policy: late, vague"},
		{"an undecided one that only warns", []Gate{vague, passed}, "", verdict.Inconclusive, "", 0,
			"1 of 2 gates is inconclusive (vague: because), 1 passed; not counted, by its own policy: vague"},
		{"a soft failure beside an error that only warns", []Gate{soft, lenient}, "", verdict.Fail, "", 0,
			"1 of 2 gates failed (soft: because), 1 could not be judged (warn); not counted, by its own policy: soft, warn"},
		{"a signal comes first", []Gate{failed, of("int", verdict.Error, verdict.CauseInterrupted, strict)}, "", verdict.Error, verdict.CauseInterrupted, 130,
			"1 of 2 gates was stopped (int: because), 1 failed (fail)"},
		{"SIGTERM", []Gate{of("term", verdict.Error, verdict.CauseTerminated, strict), passed}, "", verdict.Error, verdict.CauseTerminated, 143,
			"1 of 2 gates was stopped (term: because), 1 passed"},
		{"more than are named", []Gate{failed, failed, failed, failed, failed, failed, failed}, "", verdict.Fail, "", 1,
			"all 7 gates failed (fail, fail, fail, fail, fail and 2 more)"},
		{"an exit code that is none", []Gate{{Name: "odd", Kind: verdict.Pass, ExitCode: 77}}, "", verdict.Error, verdict.CauseOperational, 3, "1 of 1 gate passed"},
		{"all pass, but spent too much", []Gate{passed, passed}, "they cost $3.00", verdict.Error, verdict.CauseBudget, 3,
			"all 2 gates passed; over the budget: they cost $3.00"},
		{"spent too much, whatever the gates' policies are", []Gate{soft, lenient, passed}, "they cost $3.00", verdict.Error, verdict.CauseBudget, 3,
			"1 of 3 gates failed (soft: because), 1 could not be judged (warn), 1 passed; not counted, by its own policy: soft, warn; over the budget: they cost $3.00"},
		{"a failure beside that", []Gate{failed, passed}, "they cost $3.00", verdict.Fail, "", 1, "1 of 2 gates failed (fail: because), 1 passed; over the budget: they cost $3.00"},
		{"an undecided one beside that", []Gate{open}, "they cost $3.00", verdict.Error, verdict.CauseBudget, 3, "1 of 1 gate is inconclusive (open: because); over the budget: they cost $3.00"},
		{"no gates", nil, "", verdict.Error, verdict.CauseConfig, 2, "there are no gates"},
	} {
		v, exit := Judge(c.gates, text.New(c.over))
		if v.Kind != c.kind || v.Cause != c.cause || exit != c.exit || v.Reason.Line() != c.reason {
			t.Errorf("%s:\n got %s %s, exit %d: %s\nwant %s %s, exit %d: %s", c.name, v.Kind, v.Cause, exit, v.Reason, c.kind, c.cause, c.exit, c.reason)
		}
	}
}
