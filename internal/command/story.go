package command

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/simulator"
)

// plans are the stories of the simulated API, by the values of the input story.
func plans() map[string]simulator.Plan {
	return map[string]simulator.Plan{
		config.StoryLifelike:  simulator.LifelikePlan(),
		config.StoryPass:      {},
		config.StoryFail:      failPlan(),
		config.StoryFlaky:     {Calls: map[int]simulator.Outcome{1: simulator.Flaky(1, ""), 7: simulator.Flaky(1, ""), 13: simulator.Flaky(1, "")}},
		config.StoryUnscored:  {Default: simulator.Unscored()},
		config.StoryLost:      lostPlan(),
		config.StoryMissing:   missingPlan(),
		config.StoryLate:      latePlan(),
		config.StoryError:     {SetupError: "Failed to create call execution records"},
		config.StoryEmpty:     {NoCalls: true},
		config.StoryCancelled: {CancelAfter: 90 * time.Second},
		config.StoryStuck:     {Stuck: simulator.StatusRunning},
		config.StoryHostile:   {Hostile: true},
	}
}

// each makes a story from what happens to the call with an index.
func each(fate func(call int) (simulator.Outcome, bool)) func(simulator.CallRef) (simulator.Outcome, bool) {
	return func(ref simulator.CallRef) (simulator.Outcome, bool) { return fate(ref.Index) }
}

// failPlan is an agent that does not pass: of twenty calls it fails three for good,
// serves about five badly, and fails some evals. The platform loses two more, one of
// which a rerun recovers.
func failPlan() simulator.Plan {
	return simulator.Plan{
		Rates: simulator.Rates{Low: 0.3, EvalFail: 0.1},
		Each: each(func(call int) (simulator.Outcome, bool) {
			switch call % 20 {
			case 9, 13:
				return simulator.Fails("no-answer"), true
			case 3:
				return simulator.Outcome{Fails: true, Connects: true, FailReason: "max-duration-reached"}, true
			case 6:
				return simulator.Lost(simulator.EndedNoBalance), true
			case 15:
				return simulator.Rescued(simulator.EndedMonitoring), true
			}
			return simulator.Outcome{}, false
		}),
	}
}

// lostPlan is an agent that does well when it is called. Of twenty calls the platform
// loses three for good, so that nobody knows whether the agent would pass, and two that a
// rerun recovers.
func lostPlan() simulator.Plan {
	return simulator.Plan{Each: each(func(call int) (simulator.Outcome, bool) {
		switch call % 20 {
		case 2, 7:
			return simulator.Lost(simulator.EndedNoBalance), true
		case 12:
			return simulator.Lost(simulator.EndedNoNumber), true
		case 5:
			return simulator.Rescued(simulator.EndedMonitoring), true
		case 10:
			return simulator.Rescued(simulator.EndedActivityFailed), true
		}
		return simulator.Outcome{}, false
	})}
}

// missingPlan has planned calls that never come: the whole billing scenario, and the last
// row of every other one.
func missingPlan() simulator.Plan {
	return simulator.Plan{
		MissingScenarios: []string{demoScenarios()[1].Name},
		Each: func(ref simulator.CallRef) (simulator.Outcome, bool) {
			return simulator.NeverComes(), ref.Row.Row == 4
		},
	}
}

// latePlan is a good agent on a slow platform: scores and evals come a minute and a half
// after the end, some calls end after the execution, and some look failed for a while
// before they complete.
func latePlan() simulator.Plan {
	return simulator.Plan{
		LateScores: 90 * time.Second,
		LateEvals:  90 * time.Second,
		Each: each(func(call int) (simulator.Outcome, bool) {
			switch call % 5 {
			case 1:
				return simulator.Outcome{}.Lagging(40 * time.Second), true
			case 3:
				return simulator.Outcome{}.Wavering(20 * time.Second), true
			}
			return simulator.Outcome{}, false
		}),
	}
}
