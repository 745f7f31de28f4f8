package agent_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/agent"
	"github.com/agent-gate/agent-gate/internal/text/redact"
)

func TestCommand_environmentHasNoKeys(t *testing.T) {
	t.Parallel()
	o := options("environment", "FI_API_KEY=by name", "OTHER=has a hidden-value in it", "KEPT=yes", "SHORT=abc")
	o.Without = []string{"FI_API_KEY"}
	o.Secrets = []string{"hidden-value", "abc", ""}
	o.Dir = t.TempDir()
	got, err := start(t, o).Ask(t.Context(), ask("c", 1, "hello"))
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Split(got.Content.Raw(), "\n")
	for _, want := range []string{"KEPT=yes", "SHORT=abc", "in " + o.Dir} {
		if !slices.Contains(said, want) {
			t.Errorf("the agent does not have %s", want)
		}
	}
	for _, secret := range []string{"by name", "hidden-value"} {
		if strings.Contains(got.Content.Raw(), secret) {
			t.Errorf("the agent has %s", secret)
		}
	}
}

func TestCommand_takesSecretsOutOfWhatItTells(t *testing.T) {
	t.Parallel()
	o := options("dies in the middle of a line")
	o.Redactor = redact.New("KeyError: 'order'")
	_, err := start(t, o).Ask(t.Context(), ask("c", 1, "hello"))
	if got, want := failure(t, err).Error(), "agent: process died (exit status 3): ***"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCommand_thatDoesNotStart(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		words []string
		want  string
	}{
		{"no words", nil, "start the agent: no program is named"},
		{"no such program", []string{"no-such-program-at-all"}, `start the agent: exec: "no-such-program-at-all": executable file not found in $PATH`},
		{"a command for a shell", []string{"no-such-program-at-all", "&&", "python", "agent.py"},
			`start the agent: exec: "no-such-program-at-all": executable file not found in $PATH; "&&" needs a shell: use sh -c '…'`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := agent.Command(t.Context(), agent.CommandOptions{Words: c.words})
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}
