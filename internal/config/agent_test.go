package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/config"
)

func TestAgents(t *testing.T) {
	t.Parallel()
	with := func(change func(*config.Agent)) config.Agent {
		a := config.Agent{
			Format: "agent-gate", Model: "agent-gate", Ready: time.Minute, Concurrency: 5, TurnTimeout: time.Minute, MaxTurns: 30,
		}
		change(&a)
		return a
	}
	for _, c := range []struct {
		name    string
		args    []string
		environ []string
		want    config.Agent
		warning string
	}{
		{"none", nil, nil, config.Agent{}, ""},
		{"a command", []string{"--agent-command", "sh -c 'exec ./agent'"}, nil, with(func(a *config.Agent) { a.Command = "sh -c 'exec ./agent'" }), ""},
		{"an endpoint, its query and its slash", []string{"--agent-url", "http://localhost:8080/chat/?v=1"}, nil, with(func(a *config.Agent) { a.URL = "http://localhost:8080/chat/?v=1" }), ""},
		{
			"everything",
			[]string{"--agent-url=https://agent.example.com", "--agent-format=openai", "--agent-model=m1", "--agent-ready=2m", "--concurrency=25", "--turn-timeout=90s", "--max-turns=12"},
			[]string{"INPUT_AGENT-HEADER=Authorization: Bearer hunter22"},
			config.Agent{
				URL: "https://agent.example.com", Format: "openai", Model: "m1", Header: config.NewSecret("Authorization: Bearer hunter22"),
				Ready: 2 * time.Minute, Concurrency: 25, TurnTimeout: 90 * time.Second, MaxTurns: 12,
			}, "",
		},
		{"a model that is not sent", []string{"--agent-url=https://agent.example.com", "--agent-model=m1"}, nil, with(func(a *config.Agent) { a.URL, a.Model = "https://agent.example.com", "m1" }), "--agent-model: no effect unless agent-format is openai"},
		{"turns of nobody", []string{"--max-turns=3"}, nil, config.Agent{}, "--max-turns: no effect without agent-command or agent-url"},
		{"no cancel", []string{"--agent-command=a", "--cancel-on-exit=false"}, nil, with(func(a *config.Agent) { a.Command = "a" }), "--cancel-on-exit: no effect with agent-command"},
	} {
		got, warnings := parse(t, append([]string{"--run-test-id", runTest, "--min-success-rate=95"}, c.args...), keys(c.environ...), config.Options{})
		if diff := cmp.Diff(c.want, got.Agent, cmp.AllowUnexported(config.Secret{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if said := strings.Join(warnings, "\n"); !strings.HasPrefix(said, c.warning) || c.warning == "" && said != "" {
			t.Errorf("%s: warnings %q, want one that begins with %q", c.name, said, c.warning)
		}
	}
}
