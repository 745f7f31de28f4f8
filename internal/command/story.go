package command

import (
	"time"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/simulator"
)

// plans are the stories that the simulated API can tell, by the values of the input
// story.
func plans() map[string]simulator.Plan {
	return map[string]simulator.Plan{
		config.StoryLifelike:  simulator.LifelikePlan(),
		config.StoryPass:      {},
		config.StoryFail:      {Rates: simulator.Rates{Fail: 0.08, Dropped: 0.07, Low: 0.25, EvalFail: 0.1}},
		config.StoryFlaky:     {Calls: map[int]simulator.Outcome{1: simulator.Flaky(1, ""), 7: simulator.Flaky(1, ""), 13: simulator.Flaky(1, "")}},
		config.StoryUnscored:  {Default: simulator.Unscored()},
		config.StoryError:     {SetupError: "Failed to create call execution records"},
		config.StoryEmpty:     {NoCalls: true},
		config.StoryCancelled: {CancelAfter: 90 * time.Second},
		config.StoryStuck:     {Stuck: simulator.StatusRunning},
		config.StoryHostile:   {Hostile: true},
	}
}
