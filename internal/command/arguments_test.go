package command_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/command"
)

func TestAKeyAmongTheArgumentsIsNotPrinted(t *testing.T) {
	t.Parallel()
	const key = "fi-4f2a9c7e1b8d6035"
	for name, args := range map[string][]string{
		"as the command":          {key},
		"as a report":             {"decide", key},
		"as an argument":          {"run", key},
		"as a flag":               {"run", "--" + key},
		"as the value of a flag":  {"run", "--timeout", key},
		"as a criterion":          {"decide", "report.json", "--criteria", key + " >= 1"},
		"as a scenario, misspelt": {"run", "--scenario-id", key},
	} {
		for _, variable := range []string{"FI_API_KEY", "AGENT_GATE_SECRET_KEY", "INPUT_GITHUB-TOKEN"} {
			t.Run(name+", "+variable, func(t *testing.T) {
				t.Parallel()
				var out bytes.Buffer
				c := command.Command{Args: args, Environ: []string{variable + "=" + key}, Stdout: &out, Stderr: &out}
				if code := c.Main(t.Context()); code == 0 {
					t.Errorf("exit code 0")
				}
				if strings.Contains(out.String(), key) {
					t.Errorf("the key is printed:\n%s", out.String())
				}
			})
		}
	}
}
