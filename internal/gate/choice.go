package gate

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate/pairing"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// rerunnable are the calls that a rerun of this type would help: for call_and_eval those that did
// not succeed, for eval_only those that succeeded but lack results. Never the other way round: an
// eval_only rerun makes the deployed server mark a failed call as completed (contract, fact 19).
// Calls that the platform lost come first, and they alone are rerun when too many others failed.
// refusal says why calls are left out; empty when none are. from are the calls to pick from: a rerun of what is in
// quarantine could change nothing. Those that are untold are left out of a rerun in another execution.
func (r *rerunner) rerunnable(from verdict.Calls, typ calls.RerunType, untold pairing.Untold) (list []uuid.UUID, refusal text.Untrusted) {
	from = r.gathered.Judged(from)
	if chosen := r.config.Reruns.Type; chosen != "" && chosen != typ {
		return nil, refusal
	}
	var lost, others []uuid.UUID
	var unsure []verdict.Call
	for _, c := range from.All() {
		if r.config.FindsByKey() && r.made(c, typ) >= r.config.Reruns.Attempts {
			continue // earlier starts of the run-key count
		}
		outcome := c.Outcome()
		failed := outcome != verdict.Succeeded && outcome != verdict.Open // an open call may still succeed
		switch {
		case typ == calls.RerunEvalOnly:
			if outcome == verdict.Succeeded && r.lacksEvals(c) {
				others = append(others, c.ID)
			}
		case !failed, r.config.Trials.GoOn() && outcome != verdict.Lost: // first tries decide
		case untold.Has(c):
			unsure = append(unsure, c)
		case outcome == verdict.Lost:
			lost = append(lost, c.ID)
		default:
			others = append(others, c.ID)
		}
	}
	all := slices.Concat(lost, others)
	if len(unsure) > 0 {
		refusal = text.Sprintf("Not rerunning %s: %s.", text.Plural(len(unsure), "conversation"), untold.Why(unsure))
		r.log.Warn(refusal)
	}
	if len(all) == 0 {
		return nil, refusal
	}
	why := r.refusal(from, typ, others, len(all))
	switch {
	case why.IsEmpty():
		return all, refusal
	case len(lost) > 0 && len(others) > 0 && r.refusal(from, typ, nil, len(lost)).IsEmpty():
		return lost, text.Sprintf("Rerunning only calls that the platform lost: %s.", why)
	}
	return nil, text.Sprintf("Not rerunning: %s.", why)
}

// made is how many reruns of a type a call has had, as far as that is known. In an execution whose conversations
// this run holds only evals can have been rerun.
func (r *rerunner) made(c verdict.Call, typ calls.RerunType) int {
	if typ == calls.RerunEvalOnly && r.config.Agent.Given() {
		return c.Reruns
	}
	return c.Attempts - 1
}

// lacksEvals reports whether the call has no result of an eval that the verdict depends on.
func (r *rerunner) lacksEvals(c verdict.Call) bool {
	have := map[uuid.UUID]bool{}
	for _, e := range c.Evals {
		have[e.ConfigID()] = true
		if r.plan.RunsLater(e.ConfigID()) || !r.plan.Rules().LooksAtEval(e.Name().Raw()) && !r.looksAtConfig(e.ConfigID()) {
			continue
		}
		switch e.State() {
		case calls.EvalPending, calls.EvalErrored, calls.EvalEmpty:
			return true
		}
	}
	for _, e := range r.gathered.Evals() {
		if !have[e.ID] && !r.plan.RunsLater(e.ID) && r.plan.Rules().LooksAtEval(e.Name.Raw()) {
			return true
		}
	}
	return false
}

// looksAtConfig reports whether a criterion names an eval config. Pending results have no name, so
// it looks the config up by id.
func (r *rerunner) looksAtConfig(id uuid.UUID) bool {
	return slices.ContainsFunc(r.gathered.Evals(), func(e calls.EvalConfig) bool {
		return e.ID == id && r.plan.Rules().LooksAtEval(e.Name.Raw())
	})
}

// allFailed reports whether all of these calls failed: others were skipped or cancelled.
func allFailed(from verdict.Calls, list []uuid.UUID) bool {
	for _, c := range from.All() {
		if c.Outcome() != verdict.Failed && slices.Contains(list, c.ID) {
			return false
		}
	}
	return true
}

// refusal says why a rerun of placed calls is refused, others of which the platform did not lose;
// empty when it may be sent. Many failures at once are not flaky calls.
func (r *rerunner) refusal(from verdict.Calls, typ calls.RerunType, others []uuid.UUID, list int) text.Untrusted {
	total, most := from.Len(), r.config.Reruns.Max
	if len(others) > most.Of(total) {
		what := "failed"
		switch {
		case typ == calls.RerunEvalOnly:
			what = "lack eval results"
		case !allFailed(from, others):
			what = "need a rerun"
		}
		limit := "the limit of " + most.String()
		if strings.HasSuffix(limit, "%") {
			limit = "the " + most.String() + " limit"
		}
		return text.Sprintf("%d of %d %s, over %s (rerun-max-calls)", len(others), total, text.New(what), text.New(limit))
	}
	if typ != calls.RerunCallAndEval {
		return text.Untrusted{}
	}
	if r.paid.OfPrompt() {
		// It would accept that, and empty the calls (chat.md 9).
		return text.Sprintf("%d of %d failed, but the server cannot place calls of a prompt again (rerun-type eval_only still works)", list, total)
	}
	if r.paid.Execution().AgentType == calls.AgentText && !r.config.Agent.Given() {
		return text.Sprintf("%d of %d failed, but the server cannot place calls of a text agent again (rerun-type eval_only still works)", list, total)
	}
	placed, ahead := r.placed(), r.gathered.Ahead() // planned trials come first
	with := text.Untrusted{}
	if ahead > 0 {
		with = text.New(" with those of the trials to come")
	}
	if limit := r.config.MaxCalls; limit > 0 && placed+ahead+list > limit {
		return text.Sprintf("%d more would make %d calls%s, over max-calls %d", list, placed+ahead+list, with, limit)
	}
	if why := r.spending.Refuses(ahead + list); !why.IsEmpty() {
		return text.Sprintf("%s%s", why, with)
	}
	if r.company != nil {
		return r.company.More(list, r.spending.Each())
	}
	return text.Untrusted{}
}
