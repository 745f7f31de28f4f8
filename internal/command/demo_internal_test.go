package command

import (
	"testing"

	"github.com/agent-gate/agent-gate/internal/config"
)

// TestDefaultsEndOnlyTheDemoThatIsStuck: whoever tries what happens to a run that never ends does not want to
// wait for an hour.
func TestDefaultsEndOnlyTheDemoThatIsStuck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		command config.Command
		args    []string
		environ []string
		want    string
	}{
		"stuck":                     {config.CommandDemo, []string{"--story", "stuck"}, nil, "10s"},
		"stuck, by a variable":      {config.CommandDemo, nil, []string{"AGENT_GATE_STORY=stuck"}, "10s"},
		"stuck, among mistakes":     {config.CommandDemo, []string{"--story=stuck", "--criteria", "bogus"}, nil, "10s"},
		"another story":             {config.CommandDemo, []string{"--story", "fail"}, nil, ""},
		"a run with real calls":     {config.CommandRun, nil, []string{"AGENT_GATE_STORY=stuck"}, ""},
		"a story that there is not": {config.CommandDemo, []string{"--story", "stuk"}, nil, ""},
	} {
		got := Command{Environ: c.environ}.defaults(c.command, c.args)
		if got["timeout"] != c.want {
			t.Errorf("%s: the timeout is %q, want %q", name, got["timeout"], c.want)
		}
		if of := suiteDefaults(got); of["timeout"] != c.want || of["criteria"] != "" {
			t.Errorf("%s: a suite has the defaults %v", name, of)
		}
	}
}
