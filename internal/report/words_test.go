package report

import (
	"testing"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

func TestWhatIsTestedIsNamedAsFarAsKnown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		agent   string
		typ     calls.AgentType
		version string
		want    string
	}{
		{"an agent", "Support", calls.AgentVoice, "", "Support, voice"},
		{"an agent of an unknown type", "Support", "", "", "Support"},
		{"only a type", "", calls.AgentText, "", "text"},
		{"a prompt", "Support prompt", calls.AgentText, "v2", "Support prompt v2, prompt"},
		{"a prompt of an unknown version", "Support prompt", calls.AgentText, "", "Support prompt, text"},
		{"a prompt without a name", "", calls.AgentText, "v2", "text"},
	} {
		e := verdict.Execution{AgentName: text.New(c.agent), AgentType: c.typ, PromptVersion: text.New(c.version)}
		if got := Agent(e).Line(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
