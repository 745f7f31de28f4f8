package demo

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Plans are the stories of the simulated API, by the values of the input story.
func Plans() map[string]story.Plan {
	return map[string]story.Plan{
		config.StoryLifelike:  story.LifelikePlan(),
		config.StoryPass:      {},
		config.StoryFail:      failPlan(),
		config.StoryFlaky:     {Calls: map[int]story.Outcome{1: story.Flaky(1, ""), 7: story.Flaky(1, ""), 13: story.Flaky(1, "")}},
		config.StoryUnscored:  {Default: story.Unscored()},
		config.StoryLost:      lostPlan(),
		config.StoryMissing:   missingPlan(),
		config.StoryLate:      latePlan(),
		config.StoryError:     {SetupError: "Failed to create call execution records"},
		config.StoryEmpty:     {NoCalls: true},
		config.StoryCancelled: {CancelAfter: 90 * time.Second, CancelBegun: 4},
		config.StoryStuck:     {Stuck: story.StatusRunning},
		config.StoryHostile:   {Hostile: true},
	}
}

// each makes a story from what happens to the call with an index.
func each(fate func(call int) (story.Outcome, bool)) func(story.CallRef) (story.Outcome, bool) {
	return func(ref story.CallRef) (story.Outcome, bool) { return fate(ref.Index) }
}

// failPlan is an agent that does not pass: of twenty calls it fails three for good,
// serves about five badly, and fails some evals. The platform loses two more, one of
// which a rerun recovers.
func failPlan() story.Plan {
	return story.Plan{
		Rates: story.Rates{Low: 0.3, EvalFail: 0.1},
		Each: each(func(call int) (story.Outcome, bool) {
			switch call % 20 {
			case 9, 13:
				return story.Fails("no-answer"), true
			case 3:
				return story.Outcome{Fails: true, Connects: true, FailReason: "max-duration-reached"}, true
			case 6:
				return story.Lost(story.EndedNoBalance), true
			case 15:
				return story.Rescued(story.EndedMonitoring), true
			}
			return story.Outcome{}, false
		}),
	}
}

// lostPlan is an agent that does well when it is called. Of twenty calls the platform
// loses three for good, so that nobody knows whether the agent would pass, and two that a
// rerun recovers.
func lostPlan() story.Plan {
	return story.Plan{Each: each(func(call int) (story.Outcome, bool) {
		switch call % 20 {
		case 2, 7:
			return story.Lost(story.EndedNoBalance), true
		case 12:
			return story.Lost(story.EndedNoNumber), true
		case 5:
			return story.Rescued(story.EndedMonitoring), true
		case 10:
			return story.Rescued(story.EndedActivityFailed), true
		}
		return story.Outcome{}, false
	})}
}

// missingPlan has planned calls that never come: the whole billing scenario, and the last
// row of every other one.
func missingPlan() story.Plan {
	return story.Plan{
		MissingScenarios: []string{Scenarios()[1].Name},
		Each: func(ref story.CallRef) (story.Outcome, bool) {
			return story.NeverComes(), ref.Row.Row == 4
		},
	}
}

// latePlan is a good agent on a slow platform: scores and evals come a minute and a half
// after the end, some calls end after the execution, and some look failed for a while
// before they complete.
func latePlan() story.Plan {
	return story.Plan{
		LateScores: 90 * time.Second,
		LateEvals:  90 * time.Second,
		Each: each(func(call int) (story.Outcome, bool) {
			switch call % 5 {
			case 1:
				return story.Outcome{}.Lagging(40 * time.Second), true
			case 3:
				return story.Outcome{}.Wavering(20 * time.Second), true
			}
			return story.Outcome{}, false
		}),
	}
}
