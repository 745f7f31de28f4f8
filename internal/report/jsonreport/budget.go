package jsonreport

import (
	"math"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/report"
)

// jsonBudget is what a run may spend, has spent and was expected to spend.
type jsonBudget struct {
	Calls   jsonSpending `json:"calls"`
	CostUSD jsonSpending `json:"cost_usd"`
	Minutes jsonSpending `json:"minutes"`
	// EstimatedFrom is how many earlier executions the estimate rests on.
	EstimatedFrom *int `json:"estimated_from"`
}

// jsonSpending is one of the things that a run spends.
type jsonSpending struct {
	Limit    *float64 `json:"limit"`
	Used     *float64 `json:"used"`
	Estimate *float64 `json:"estimate"`
	// Unknown is how many of the calls are not in used; null if nothing was started.
	Unknown *int `json:"unknown"`
}

func budgetJSON(r report.Report) jsonBudget {
	return accountJSON(r.Evidence.Budget, r.Evidence.Budget.Spent, r.Evidence.Execution.ID != uuid.Nil)
}

// accountJSON is a budget of which s is spent, if anything was started.
func accountJSON(a budget.Account, s budget.Spent, started bool) (j jsonBudget) {
	j.Calls.Limit, j.CostUSD.Limit, j.Minutes.Limit = limitOf(float64(a.Limits.Calls)), limitOf(a.Limits.Cents/100), limitOf(a.Limits.Minutes)
	if started {
		j.Calls.Used, j.Calls.Unknown = new(float64(s.Calls)), new(0)
		j.CostUSD.Unknown, j.Minutes.Unknown = new(s.Unpriced()), new(s.Untimed())
		if s.Priced > 0 || s.Unpriced() == 0 {
			j.CostUSD.Used = report.Finite(new(report.Round(s.Cents / 100)))
		}
		if s.Timed > 0 || s.Untimed() == 0 {
			j.Minutes.Used = report.Finite(new(report.Round(s.Minutes())))
		}
	}
	if e := a.Estimate; e != nil {
		j.Calls.Estimate, j.EstimatedFrom = new(float64(e.Calls)), &e.Executions
		if e.Cents != nil {
			j.CostUSD.Estimate = report.Finite(new(report.Round(*e.Cents / 100)))
		}
		if e.Minutes != nil {
			j.Minutes.Estimate = report.Finite(new(report.Round(*e.Minutes)))
		}
	}
	return j
}

// limitOf is a limit; nil if there is none.
func limitOf(v float64) *float64 {
	if v <= 0 {
		return nil
	}
	return &v
}

// account restores the budget. Numbers that cannot be, such as negative ones, count as unknown.
func (j jsonBudget) account() budget.Account {
	number := func(v *float64) float64 {
		if report.Finite(v) == nil {
			return 0
		}
		return max(0, *v)
	}
	count := func(v *int) int {
		if v == nil {
			return 0
		}
		return max(0, *v)
	}
	a := budget.Account{Limits: budget.Limits{Calls: int(min(number(j.Calls.Limit), maxCalls)), Cents: 100 * number(j.CostUSD.Limit), Minutes: number(j.Minutes.Limit)}}
	s := budget.Spent{Calls: int(min(number(j.Calls.Used), maxCalls)), Cents: report.Round(100 * number(j.CostUSD.Used)), Seconds: math.Round(60e3*number(j.Minutes.Used)) / 1e3}
	// Tries that never began are not unknown. Where something is known of others, they may count as known.
	switch {
	case j.CostUSD.Used == nil:
		s.Idle = max(0, s.Calls-count(j.CostUSD.Unknown))
	case j.Minutes.Used == nil:
		s.Idle = max(0, s.Calls-count(j.Minutes.Unknown))
	}
	s.Priced = max(0, s.Calls-s.Idle-count(j.CostUSD.Unknown))
	s.Timed = max(0, s.Calls-s.Idle-count(j.Minutes.Unknown))
	a.Spent = s
	if n := count(j.EstimatedFrom); n > 0 && number(j.Calls.Estimate) > 0 {
		a.Estimate = &budget.Estimate{Calls: int(min(number(j.Calls.Estimate), maxCalls)), Executions: n}
		if j.CostUSD.Estimate != nil {
			a.Estimate.Cents = new(100 * number(j.CostUSD.Estimate))
		}
		if j.Minutes.Estimate != nil {
			a.Estimate.Minutes = new(number(j.Minutes.Estimate))
		}
	}
	return a
}
