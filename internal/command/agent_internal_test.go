package command

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text/redact"
)

func TestSecretsOfAnAgent(t *testing.T) {
	t.Parallel()
	const password = "s3cret-of-the-agent"
	for name, c := range map[string]struct {
		agent config.Agent
		said  string
	}{
		"header":                  {config.Agent{Header: config.NewSecret("Authorization: Bearer " + password)}, password},
		"header without a scheme": {config.Agent{Header: config.NewSecret("X-Token: " + password)}, password},
		"URL":                     {config.Agent{URL: "https://user:" + password + "@agent.example"}, password},
		"URL, as it is sent": {config.Agent{URL: "https://user:" + password + "@agent.example"},
			base64.StdEncoding.EncodeToString([]byte("user:" + password))},
	} {
		r := redact.New(secretsOf(c.agent)...)
		if got := r.String("Authorization: " + c.said); strings.Contains(got, c.said) || !strings.Contains(got, "Authorization") {
			t.Errorf("%s: %q", name, got)
		}
	}
}
