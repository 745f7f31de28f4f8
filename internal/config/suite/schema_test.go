package suite_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/agent-gate/agent-gate/internal/config"
)

// compiled returns docs/suite.schema.json.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile("../../../docs/suite.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asJSON returns what a YAML 1.2 reader gives to a validator.
func asJSON(t *testing.T, file string) any {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(file), &root); err != nil {
		t.Fatalf("%v in\n%s", err, file)
	}
	var plain func(n *yaml.Node)
	plain = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!timestamp" {
			n.Tag = "!!str"
		}
		for _, child := range n.Content {
			plain(child)
		}
	}
	plain(&root)
	var value any
	if err := root.Decode(&value); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := jsonschema.UnmarshalJSON(strings.NewReader(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// valid is a file without mistakes, in the forms that users write.
const valid = `version: 1
defaults: {rerun-attempts: 1, timeout: 45m, comment: On-Failure, json-report: r.json, confidence: 90%, fail-fast: no}
budget: {calls: 200, cost: 25, minutes: "300"}
gates:
  - name: voice
    run-test-id: ` + runTest + `
    owner: "@acme/voice"
    paths: ["agents/**", .github/**]
    criteria: [success_rate >= 95]
    min-success-rate: 97.5%
    timeout:
  - name: 2
    agent-definition-id: ` + runTest + `
    scenario-ids: [` + otherTest + `]
    evaluations-config: [{template_id: ` + runTest + `}]
    agent-url: https://agent.example.com/turn
    agent-header: "Authorization: Bearer ${TOKEN}"
    rerun-max-calls: 10
    enable-tool-evaluation: true
    criteria: |
      pass_rate >= 90
quarantine:
  - {gate: voice, scenario: Refund, reason: slow, owner: me, until: 2026-12-01}
`

// What a schema can tell, it refuses as the reader does.
func TestSchemaRefusesWhatTheReaderRefuses(t *testing.T) {
	t.Parallel()
	schema := compiled(t)
	if err := schema.Validate(asJSON(t, valid)); err != nil {
		t.Fatalf("the schema refuses a valid file: %v", err)
	}
	if _, mistakes := validate(t, valid); mistakes != nil {
		t.Fatalf("the reader refuses a valid file: %v", mistakes)
	}
	for _, change := range [][2]string{
		{"version: 1", "version: 2"},
		{"version: 1\n", ""},
		{"version: 1\n", "version: 1\nextra: 1\n"},
		{"timeout: 45m", "timeuot: 45m"},
		{"timeout: 45m", "timeout: 45"},
		{"timeout: 45m", "timeout: long"},
		{"timeout: 45m", "timeout: [45m]"},
		{"timeout: 45m", "api-key: abc"},
		{"timeout: 45m", "config: a.yaml"},
		{"timeout: 45m", "seed: 1"},
		{"rerun-attempts: 1", "rerun-attempts: 6"},
		{"rerun-attempts: 1", "rerun-attempts: 1.5"},
		{"rerun-attempts: 1", "rerun-attempts: many"},
		{"On-Failure", "sometimes"},
		{"90%", "40"},
		{"fail-fast: no", "fail-fast: maybe"},
		{"calls: 200", "calls: 0"},
		{"calls: 200", "hours: 1"},
		{"cost: 25", "cost: -1"},
		{"name: voice", "name: Voice"},
		{"  - name: voice\n    run-test-id", "  - run-test-id"},
		{runTest + "\n    owner", "not-a-uuid\n    owner"},
		{`"agents/**"`, `"/agents/**"`},
		{"[success_rate >= 95]", "[]"},
		{"[success_rate >= 95]", "[[a]]"},
		{"[success_rate >= 95]", "{a: b}"},
		{"[success_rate >= 95]", `[""]`},
		{"timeout:\n", "json-report: a.json\n"},
		{"timeout:\n", "dry-run: true\n"},
		{"timeout:\n", "base-url: https://a.example.com\n"},
		{"timeout:\n", "github-token: abc\n"},
		{"Bearer ${TOKEN}", "Bearer abc"},
		{"[" + otherTest + "]", "[voice]"},
		{"{template_id: " + runTest + "}", "{name: a}"},
		{"rerun-max-calls: 10", "rerun-max-calls: -1"},
		{"enable-tool-evaluation: true", "enable-tool-evaluation: {}"},
		{"reason: slow, ", ""},
		{"until: 2026-12-01", "until: tomorrow"},
		{"until: 2026-12-01", "until: 2026-12-01, who: me"},
		{"gates:\n", "gates: []\nrest:\n"},
	} {
		file := strings.Replace(valid, change[0], change[1], 1)
		if file == valid {
			t.Errorf("%q is not in the file", change[0])
			continue
		}
		if err := schema.Validate(asJSON(t, file)); err == nil {
			t.Errorf("%q for %q: the schema accepts it", change[1], change[0])
		}
		if _, mistakes := validate(t, file); mistakes == nil {
			t.Errorf("%q for %q: the reader accepts it", change[1], change[0])
		}
	}
}

// The schema accepts every file that the reader accepts: random values for random inputs, in the
// forms that YAML has for them.
func TestSchemaAcceptsWhatTheReaderAccepts(t *testing.T) {
	t.Parallel()
	schema := compiled(t)
	random := rand.New(rand.NewPCG(1, 2))
	values := []string{
		"", "~", `""`, "true", "Yes", "off", "1", "0", "5", "25", "0.5", "97.5", `"90"`, "95%", `" 60 "`, "1e1", "-1", "+5", "90s", "1h30m", ".5h",
		"auto", "none", "FAIL", "warn", "interval", "estimate", "never", "Always", "unsuccessful", "debug", "call_and_eval", "openai", "unknown",
		runTest, strings.ToUpper(runTest), strings.ReplaceAll(runTest, "-", ""), "'{" + runTest + "}'", "[" + runTest + ", " + otherTest + "]", `"` + runTest + `, ` + otherTest + `"`,
		"https://app.futureagi.com/dashboard/simulate/test/" + runTest, "https://agent.example.com/turn", "HTTPS://api.futureagi.com",
		"pass_rate >= 90", "[pass_rate >= 90, failed_calls <= 2]", "'overall_score >= 7 # note'", "python agent.py", `"Authorization: Bearer ${TOKEN}"`, "${HEADER}",
		"report.json", "{a: b}", "[]", "[{template_id: " + runTest + "}]", "@evals.json", "2026-12-01", "main.json", "a/b", "- x",
	}
	total := 0
	for range 1000 {
		in := config.Inputs()[random.IntN(len(config.Inputs()))]
		value := values[random.IntN(len(values))]
		if value == "- x" {
			value = "\n      - " + values[random.IntN(len(values))]
		}
		file := fmt.Sprintf("version: 1\ngates:\n  - name: a\n    %s: %s\n", in.Name, value)
		if in.OfTheWhole() {
			file = fmt.Sprintf("version: 1\ndefaults:\n    %s: %s\ngates:\n  - name: a\n", in.Name, value)
		}
		for name, rest := range map[string]string{"run-test-id": runTest, "criteria": "pass_rate >= 90", "agent-url": "https://agent.example.com/turn"} {
			isOther := (in.Name == "agent-definition-id" || in.Name == "scenario-ids" || in.Name == "test-execution-id") && name == "run-test-id" || in.Name == "agent-command" && name == "agent-url"
			if name != in.Name && !isOther {
				file += "    " + name + ": " + rest + "\n"
			}
		}
		if _, mistakes := validate(t, file); mistakes != nil {
			continue
		}
		total++
		if err := schema.Validate(asJSON(t, file)); err != nil {
			t.Fatalf("the reader accepts a file that the schema refuses: %v\n%s", err, file)
		}
	}
	if total < 150 {
		t.Errorf("only %d files were accepted: they say little", total)
	}
}
