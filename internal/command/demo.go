package command

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/demo"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/simulator"
)

// demoKey serves as both keys of the demo.
const demoKey = "not-a-real-key"

// defaults returns the inputs that a command brings along. The demo needs neither an
// agent nor criteria from the user, and its minutes pass in seconds.
func (c Command) defaults(name config.Command, args []string) map[string]string {
	if name != config.CommandDemo {
		return nil
	}
	all := demoDefaults()
	// Which story it is has to be known first; mistakes are reported later.
	if cfg, _, _ := config.Parse(args, c.Environ, config.Options{Command: name, Defaults: all}); cfg.Simulation.Story == config.StoryStuck {
		all["timeout"] = stuckTimeout
	}
	return all
}

// stuckTimeout ends the demo of a run that never ends.
const stuckTimeout = "10s"

func demoDefaults() map[string]string {
	var scenarios []string
	for _, scenario := range demo.Scenarios() {
		scenarios = append(scenarios, scenario.ID.String())
	}
	return map[string]string{
		"agent-definition-id": demo.AgentID,
		"scenario-ids":        strings.Join(scenarios, ","),
		"run-name":            "demo",
		"criteria":            demoCriteria,
		"rerun-attempts":      "1",
		"poll-min-interval":   "100ms",
		"poll-max-interval":   "1s",
		"results-wait":        "6s", // ten simulated minutes
	}
}

// suiteDefaults are those of the inputs that a command brings along also for a suite: how its minutes pass.
func suiteDefaults(all map[string]string) map[string]string {
	all = maps.Clone(all)
	maps.DeleteFunc(all, func(input, _ string) bool {
		return input != "poll-min-interval" && input != "poll-max-interval" && input != "results-wait" && input != "timeout"
	})
	return all
}

// demoCriteria are what the demo is judged by.
const demoCriteria = "pass_rate >= 75\n" +
	"success_rate >= 90\n" +
	"overall_score >= 6.5\n" +
	"each scenario: success_rate >= 80\n" +
	`eval "is_helpful": pass_rate >= 80`

// goingOnCriteria are what a demo is judged by that goes on while it is undecided: the others are so near
// to what the simulated agent does that hundreds of calls would not decide them.
const goingOnCriteria = "success_rate >= 85\npass_rate >= 70"

// easeCriteria makes the criteria that the demo brings along fit a run that goes on.
func easeCriteria(c *config.Config) error {
	own, err := criteria.Parse(demoCriteria)
	if err != nil || !c.Trials.GoOn() || !slices.Equal(c.Rules.Criteria, own) {
		return err
	}
	c.Rules.Criteria, err = criteria.Parse(goingOnCriteria)
	return err
}

// demo runs the gate on a simulated API inside this process.
func (s *session) demo(ctx context.Context) int {
	base, err := url.Parse(report.DemoURL) // nothing goes over a network
	if err != nil {
		return s.misconfigured(err)
	}
	s.config.API.BaseURL = base
	s.config.API.DashboardURL = nil // there is no dashboard
	s.config.API.APIKey, s.config.API.SecretKey = config.NewSecret(demoKey), config.NewSecret(demoKey)
	if err := easeCriteria(&s.config); err != nil {
		return s.misconfigured(err)
	}
	s.log.Info("This is a demo: a simulated Future AGI API in this process. No keys, no network, no cost.")
	options := s.simulation()
	if s.config.Simulation.Text {
		s.log.Info("Its customers talk to a small text agent of ours, in ten conversations.")
		for i := range options.Scenarios {
			options.Scenarios[i].Rows = 3 - i/2
		}
	}
	transport := simulator.New(options).Transport()
	if s.suite != nil {
		return s.runSuite(ctx, transport)
	}
	return s.gate(ctx, transport)
}

// simulation returns the simulated API that the inputs describe. It has the demo's
// scenarios, and makes up anything else that is requested.
func (s *session) simulation() simulator.Options {
	agent := simulator.Voice
	if s.config.Simulation.Text {
		agent = simulator.Text
	}
	return simulator.Options{
		Agent:         agent,
		Dialect:       simulator.Dialect(s.config.Simulation.Dialect),
		Seed:          s.config.Simulation.Seed,
		Speed:         s.config.Simulation.Speed,
		AcceptUnknown: true,
		Prompts:       []uuid.UUID{uuid.MustParse(demo.Prompt)},
		AttachEvals:   true,
		Scenarios:     demo.Scenarios(),
		Plan:          demo.Plans()[s.config.Simulation.Story],
	}
}
