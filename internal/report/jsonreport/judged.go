package jsonreport

import (
	"fmt"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// jsonJudgedBy is what a run was judged by, as a user would write it, besides confidence, decide_on and
// soft_fail, which have keys of their own. With it decide comes to the same verdict and exit code.
type jsonJudgedBy struct {
	Criteria           []string `json:"criteria"`
	PassWhen           []string `json:"pass_when"`
	PlatformFailures   string   `json:"platform_failures"`
	OnOperationalError string   `json:"on_operational_error"`
	OnInconclusive     string   `json:"on_inconclusive"`
}

// The values of inputs.
const (
	platformUnknown = "unknown"
	platformFailed  = "failed"
	onFail          = "fail"
	onWarn          = "warn"
	rerunAuto       = "auto"
)

func judgedByJSON(r report.Report) jsonJudgedBy {
	j := jsonJudgedBy{Criteria: []string{}, PassWhen: []string{}, PlatformFailures: platformUnknown, OnOperationalError: onFail, OnInconclusive: onFail}
	for _, c := range r.Rules.Criteria {
		j.Criteria = append(j.Criteria, c.String())
	}
	for _, c := range r.Rules.PassWhen {
		j.PassWhen = append(j.PassWhen, c.String())
	}
	if r.Rules.PlatformFails {
		j.PlatformFailures = platformFailed
	}
	if r.Policy.WarnOnOperationalError {
		j.OnOperationalError = onWarn
	}
	if r.Policy.AllowInconclusive {
		j.OnInconclusive = onWarn
	}
	return j
}

// restore reads what the run was judged by.
func (j jsonJudgedBy) restore(m *Meta) error {
	if err := oneOf("judged_by: platform_failures", j.PlatformFailures, platformUnknown, platformFailed); err != nil {
		return err
	}
	for i, line := range j.Criteria {
		parsed, err := criteria.Parse(line)
		if err != nil || len(parsed) != 1 {
			return fmt.Errorf("judged_by: criterion %d is not one that this version of agent-gate knows", i+1)
		}
		parsed[0].Line = i + 1
		m.Rules.Criteria = append(m.Rules.Criteria, parsed[0])
	}
	for i, line := range j.PassWhen {
		parsed, err := criteria.ParseConditions(line)
		if err != nil || len(parsed) != 1 {
			return fmt.Errorf("judged_by: condition %d of pass_when is not one that this version of agent-gate knows", i+1)
		}
		parsed[0].Line = i + 1
		m.Rules.PassWhen = append(m.Rules.PassWhen, parsed[0])
	}
	m.Rules.PlatformFails = j.PlatformFailures == platformFailed
	m.Policy = verdict.Policy{WarnOnOperationalError: j.OnOperationalError == onWarn, AllowInconclusive: j.OnInconclusive == onWarn}
	return nil
}
