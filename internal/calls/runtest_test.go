package calls_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

func TestAPromptIsNamedByWhatIsKnownOfIt(t *testing.T) {
	t.Parallel()
	template, version := uuid.UUID{1}, uuid.UUID{2}
	for _, c := range []struct {
		name   string
		prompt calls.Prompt
		want   string
	}{
		{"all", calls.Prompt{TemplateID: template, Name: text.New("Support"), VersionID: version, Version: text.New("v2")}, `"Support" version v2`},
		{"a version without a name", calls.Prompt{TemplateID: template, Name: text.New("Support"), VersionID: version}, `"Support" version ` + version.String()},
		{"no version", calls.Prompt{TemplateID: template, Name: text.New("Support")}, `"Support"`},
		{"ids only", calls.Prompt{TemplateID: template, VersionID: version}, template.String() + " version " + version.String()},
	} {
		if got := c.prompt.Title().Line(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
