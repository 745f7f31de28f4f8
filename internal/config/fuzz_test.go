package config_test

import (
	"math"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/config"
)

// FuzzParse checks three rules for all inputs: parsing never panics; a valid
// configuration has finite bounds, a criterion and exactly one mode; no message shows a
// key.
func FuzzParse(f *testing.F) {
	f.Add(uint8(0), "--min-success-rate\x0095", "AGENT_GATE_RUN_TEST_ID="+runTest)
	f.Add(uint8(1), "--min-success-rate=NaN\x00--run-test-id="+runTest, "")
	f.Add(uint8(0), "--agent-definition-id="+agent+"\x00--scenario-ids="+scenario+"\x00--criteria=success_rate >= 95", "GITHUB_ACTIONS=true\x00INPUT_TIMEOUT=1m")
	f.Add(uint8(1), "--min-overall-score=1e309\x00--rerun-max-calls=25%\x00--\x00x", "INPUT_MIN-SUCCESS-RATE=0x10")
	f.Add(uint8(0), `--evaluations-config=[{"template_id":"`+agent+`"}]`+"\x00--soft-fail=\x00-h", "AGENT_GATE_=1\x00INPUT_=2\x00=")
	f.Add(uint8(4), "--api-key\x00"+secretKey+"\x00--base-url=http://[::1]:8000/", "FI_BASE_URL=https://u:p@h?q#f")
	f.Fuzz(func(t *testing.T, number uint8, args, environ string) {
		// Do not read a file whose name the fuzzer happens to find.
		args, environ = strings.ReplaceAll(args, "@", "a"), strings.ReplaceAll(environ, "@", "a")
		commands := config.Commands()
		command := commands[int(number)%len(commands)].Name
		env := append(keys(), strings.Split(environ, "\x00")...)
		c, warnings, err := config.Parse(strings.Split(args, "\x00"), env, config.Options{Command: command})
		said := strings.Join(lines(warnings), "\n")
		if err != nil {
			said += err.Error()
		}
		if strings.Contains(said, apiKey) || strings.Contains(said, secretKey) {
			t.Errorf("a key is shown in %s", said)
		}
		runs := command == config.CommandRun || command == config.CommandDemo
		if err != nil || !runs && command != config.CommandDecide {
			return
		}
		if len(c.Rules.Criteria) == 0 {
			t.Error("got a valid configuration without criteria")
		}
		for _, criterion := range c.Rules.Criteria {
			if math.IsNaN(criterion.Bound) || math.IsInf(criterion.Bound, 0) {
				t.Errorf("got bound %v, want a finite one", criterion.Bound)
			}
		}
		if !(c.Rules.Confidence >= 50 && c.Rules.Confidence <= 99.9) {
			t.Errorf("got confidence %v, want 50 to 99.9", c.Rules.Confidence)
		}
		if runs && (c.Target.Mode == "" || c.Waiting.Timeout <= 0 || c.Waiting.PollMinInterval <= 0 || c.Waiting.PollMinInterval > c.Waiting.PollMaxInterval) {
			t.Errorf("got target %+v, waiting %+v, want one way and bounds in order", c.Target, c.Waiting)
		}
	})
}
