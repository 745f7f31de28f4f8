package config_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/config"
)

// No message shows a key, however it got into the configuration.
func TestNoMessageShowsASecret(t *testing.T) {
	t.Parallel()
	const secret = "sk-live-4f1d0a77c2b94e55"
	broken := secret + " with blank"
	cases := []struct {
		name    string
		args    []string
		environ []string
	}{
		{"a key with a blank in a variable", attach(), []string{"FI_API_KEY=" + broken}},
		{"a key with a line break in a flag", attach("--api-key", secret+"\nx"), nil},
		{"a key given twice", attach("--api-key", secret, "--api-key="+secret), nil},
		{"a misspelt flag with its value", attach("--api-kye=" + secret), nil},
		{"a misspelt flag and its value", attach("--api-kye", secret), nil},
		{"one dash", attach("-api-key", secret), nil},
		{"an argument", attach(secret), nil},
		{"a misspelt input of the action", attach(), []string{"GITHUB_ACTIONS=true", "INPUT_API-KYE=" + secret}},
		{"a misspelt variable", attach(), []string{"AGENT_GATE_SECRET_KYE=" + secret}},
		{"a key as UUID", attach("--run-test-id", secret), []string{"FI_API_KEY=" + secret}},
		{"a key in a list", attach("--scenario-ids", agent+","+secret), []string{"INPUT_SECRET-KEY=" + secret}},
		{"a key as number", attach("--max-calls", secret), []string{"FI_API_KEY=" + secret}},
		{"a key as duration", attach("--timeout", secret), []string{"AGENT_GATE_API_KEY=" + secret}},
		{"a key as choice", attach("--log-level", secret), []string{"FI_API_KEY=" + secret}},
		{"a key as boolean", attach("--soft-fail=" + secret), []string{"FI_API_KEY=" + secret}},
		{"a key in a criterion", attach("--criteria", "success_rate "+secret), []string{"FI_API_KEY=" + secret}},
		{"a key in a base URL", attach("--base-url", "https://"+secret+"@example.com"), nil},
		{"a key as host", attach("--base-url", "http://"+secret), []string{"FI_API_KEY=" + secret}},
		{"a key as host in another case", attach("--base-url", "http://"+strings.ToUpper(secret)), []string{"FI_API_KEY=" + strings.ToUpper(secret)}},
		{"a key across the cut of a long line", attach("--criteria", strings.Repeat("x", 110)+secret), []string{"FI_API_KEY=" + secret}},
		{"a key with a comma in a list", attach("--scenario-ids", "x,"+secret+",y"), []string{"FI_API_KEY=" + "x," + secret + ",y"}},
		{"a key in a query", attach("--dashboard-url", "https://example.com?key="+secret), nil},
		{"a key as path", attach("--json-report", secret+"/"), []string{"FI_API_KEY=" + secret}},
		{"a key as file", attach("--evaluations-config", "@"+secret), []string{"FI_API_KEY=" + secret}},
		{"a key as template", attach("--evaluations-config", `[{"template_id":"`+secret+`"}]`), []string{"FI_API_KEY=" + secret}},
		{"a header in a flag", attach("--agent-header", secret), nil},
		{"a password in the address of an agent", attach("--agent-url", "ws://me:"+secret+"@agent.example.com"), nil},
		{"a key in a command", attach("--agent-command", "agent --key '"+secret), nil},
		{"a key in a run name", attach("--run-name", "a/"+secret), []string{"FI_API_KEY=" + secret}},
		{"a key that a stronger source hides", attach("--run-test-id", secret, "--api-key", apiKey), []string{"FI_API_KEY=" + secret}},
		{"a key in the name of a flag", attach("--" + secret), []string{"FI_API_KEY=" + secret}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, warnings, err := config.Parse(c.args, c.environ, config.Options{})
			if err == nil {
				t.Fatal("got no error, want a mistake that could show the secret")
			}
			held := []config.Secret{got.API.APIKey, got.API.SecretKey}
			encoded, _ := json.Marshal(held)
			said := err.Error() + fmt.Sprintf("%v %+v %#v %s", held, held, held, encoded)
			failure, _ := errors.AsType[*config.Error](err)
			for _, p := range append(failure.Problems, warnings...) {
				said = strings.Join([]string{said, p.String(), p.Text.Raw()}, "\n")
			}
			if low := strings.ToLower(said); strings.Contains(low, secret) || strings.Contains(low, secret[3:]) {
				t.Errorf("the secret is shown in\n%s", said)
			}
		})
	}
}

func TestHelpAndMetadataHoldNoEnvironment(t *testing.T) {
	t.Parallel()
	for _, in := range config.Inputs() {
		if in.Secret && (in.Default != "" || in.DefaultNote != "") {
			t.Errorf("%s has a default, want none for a secret", in.Name)
		}
	}
}
