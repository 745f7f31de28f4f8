package verdict

import "github.com/agent-gate/agent-gate/internal/text"

// ScenarioChange is one scenario in both runs.
type ScenarioChange struct {
	Name      text.Untrusted
	Then, Now Share
}

// Share is how many calls are good, of those of which that is known.
type Share struct{ Good, Of int }

// all reports whether every call is good.
func (s Share) all() bool { return s.Good == s.Of }

// goodOf are the calls that passed or, without a bar, succeeded.
func goodOf(c Counts, byPass bool) Share {
	if !byPass {
		return Share{c.Succeeded, c.Judged}
	}
	return Share{c.Passed, c.Judged - (c.Succeeded - c.Passed - c.BelowBar)}
}
