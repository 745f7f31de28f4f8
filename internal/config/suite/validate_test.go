package suite_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/config/suite"
)

// now is the time of all tests.
var now = time.Date(2026, 11, 30, 13, 0, 0, 0, time.UTC)

const (
	runTest   = "a758ede8-419d-4f12-9270-be81e46f4896"
	otherTest = "b1f6a1de-1111-4f12-9270-be81e46f4896"
)

// gate is a file with one valid gate, to which more lines can be added.
const gate = `version: 1
gates:
  - name: voice
    run-test-id: ` + runTest + `
    criteria: success_rate >= 95
`

// validate writes a file and returns the mistakes in it, one a line, with FILE for its path.
func validate(t *testing.T, content string) (*suite.Suite, []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "agent-gate.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _, err := suite.Validate(path, now)
	return s, messages(err, path)
}

// messages returns the lines of an error, with FILE for the path of the file.
func messages(err error, path string) []string {
	if err == nil {
		return nil
	}
	said := strings.TrimPrefix(err.Error(), "bad configuration: ")
	var all []string
	for line := range strings.SplitSeq(said, "\n") {
		line = strings.ReplaceAll(strings.TrimPrefix(line, "  - "), path, "FILE")
		if !strings.HasPrefix(line, "bad configuration, ") {
			all = append(all, line)
		}
	}
	return all
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, file string
		want       []string
	}{
		{"a valid file", gate, nil},
		{"criteria as a list of lines", "version: 1\ngates:\n- name: a\n  run-test-id: " + runTest + "\n  criteria: [success_rate >= 95, pass_rate >= 90]\n", nil},
		{"a reference to nothing", "version: 1\ngates:\n- name: a # not *x\n  run-test-id: *y\n", []string{"FILE:4:16: there is no anchor &y that *y could refer to"}},
		{"each part of an incomplete quarantine entry", gate + "quarantine:\n- {gate: b, scenario: Refund, owner: me, until: 2020-01-01}\n", []string{
			"FILE:7:3: the quarantine entry has no reason", `FILE:7:10: there is no gate "b"`,
			"FILE:7:49: until: 2020-01-01 is over; judge the scenario again, or give a new day",
		}},
		{"numbers, booleans and durations as they are", gate + "    rerun-attempts: 2\n    min-success-rate: 97.5\n    fail-fast: yes\n    timeout: 45m\n    rerun-max-calls: 25%\n", nil},
		{"an empty value counts as absent", gate + "    timeout:\n    pass-when: \"\"\n", nil},
		{"defaults for all gates", "version: 1\ndefaults:\n  criteria: success_rate >= 95\n  json-report: r.json\ngates:\n  - {name: a, run-test-id: " + runTest + "}\n", nil},
		{"keys merged from another gate", "version: 1\ngates:\n  - &a\n    name: a\n    run-test-id: " + runTest + "\n    criteria: success_rate >= 95\n  - <<: *a\n    name: b\n", nil},
		{"evals as YAML", "version: 1\ngates:\n  - name: a\n    agent-definition-id: " + runTest + "\n    scenario-ids: [" + otherTest + "]\n    criteria: pass_rate >= 90\n    evaluations-config:\n      - template_id: " + runTest + "\n        name: polite\n        config: {strict: true, top: 3}\n", nil},
		{"a variable in agent-header", gate + "    agent-url: https://agent.example.com/turn\n    agent-header: \"Authorization: Bearer ${AGENT_TOKEN}\"\n", nil},
		{"a variable as the whole agent-header", gate + "    agent-url: https://agent.example.com/turn\n    agent-header: ${AGENT_HEADER}\n", nil},
		{"a report that another job makes as baseline", gate + "    baseline: main.json\n", nil},
		{"a quarantine until today", gate + "quarantine:\n  - {gate: voice, scenario: Refund, reason: slow, owner: me, until: 2026-11-30}\n", nil},
		{"a quarantine of 30 days", gate + "quarantine:\n  - {gate: voice, scenario: Refund, reason: slow, owner: me, until: 2026-12-30}\n", nil},

		{
			"a misspelt key", "version: 1\ngates:\n  - name: voice\n    run-test-id: " + runTest + "\n    critera: success_rate >= 95\n    min-success-rate: 90\n",
			[]string{`FILE:5:5: unknown key "critera"; did you mean criteria?`},
		},
		{
			"a key with underscores", gate + "    min_success_rate: 90\n",
			[]string{`FILE:6:5: unknown key "min_success_rate"; did you mean min-success-rate?`},
		},
		{
			"an input at the top", gate + "criteria: success_rate >= 95\n",
			[]string{`FILE:6:1: unknown key "criteria"; inputs stand under defaults or in a gate`},
		},
		{
			"a duplicate key", gate + "    criteria: pass_rate >= 90\n",
			[]string{`FILE:6:5: duplicate key "criteria"; the first one is on line 5`},
		},
		{
			"a duplicate name", gate + "  - name: voice\n    run-test-id: " + otherTest + "\n    criteria: pass_rate >= 90\n",
			[]string{`FILE:6:11: the name "voice" is taken by the gate on line 3`},
		},
		{
			"names", "version: 1\ndefaults: {criteria: pass_rate >= 90, run-test-id: " + runTest + "}\ngates:\n  - name: Voice\n  - owner: me\n  - name: a b\n",
			[]string{
				`FILE:4:11: "Voice" is not the name of a gate; names are up to 64 of a-z, 0-9, - and _`,
				`FILE:5:5: the gate has no name; add name: with a-z, 0-9, - and _`,
				`FILE:6:11: "a b" is not the name of a gate; names are up to 64 of a-z, 0-9, - and _`,
			},
		},
		{
			"a criterion, on its own line", "version: 1\ngates:\n  - name: voice\n    run-test-id: " + runTest + "\n    criteria: |\n      success_rate >= 95\n      success_rate >> 90\n",
			[]string{`FILE:7:7: criteria: line 2: success_rate >> 90: unknown comparison ">>"; available: >= > <= < ==`},
		},
		{
			"a criterion in a list", "version: 1\ngates:\n  - name: voice\n    run-test-id: " + runTest + "\n    criteria:\n      - success_rate >= 95\n      - success_rate >= 0.9\n",
			[]string{`FILE:7:9: criteria: line 2: success_rate >= 0.9: 0.9 means 0.9 percent: write 90 for 90 percent, or 0.9% if that is meant`},
		},
		{
			"a value of the wrong kind", gate + "    timeout: 45\n    scenario-ids: {a: b}\n    dry-run: true\n    concurrency: [1]\n",
			[]string{
				`FILE:6:14: timeout: "45" has no unit; write 45s or 45m`,
				`FILE:7:19: scenario-ids takes a value, not keys with values`,
				`FILE:8:5: dry-run belongs to all gates together; set it under defaults, as a flag or as a variable`,
				`FILE:9:18: concurrency takes one value, not a list`,
			},
		},
		{
			"an empty list", "version: 1\ngates:\n  - name: voice\n    run-test-id: " + runTest + "\n    scenario-ids: []\n    criteria: pass_rate >= 90\n",
			[]string{`FILE:5:19: the list of scenario-ids is empty; remove the key, or give a value`},
		},
		{
			"a gate without a target and without criteria", "version: 1\ngates:\n  - name: voice\n",
			[]string{
				`FILE:3:11: gate voice: nothing to run: give exactly one of agent-definition-id with scenario-ids, run-test-id or test-execution-id`,
				`FILE:3:11: gate voice: no criteria given; set at least one of min-success-rate, min-overall-score, criteria`,
			},
		},
		{
			"defaults that do not fit one gate", "version: 1\ndefaults:\n  max-trials: 5\n  criteria: pass_rate >= 90\n  run-test-id: " + runTest + "\ngates:\n  - name: a\n    decide-on: interval\n  - name: b\n",
			[]string{`FILE:3:15: gate b: max-trials: further trials need decide-on: interval, which tells whether a criterion is still undecided; set it, or use trials alone`},
		},
		{
			"what belongs to the whole, in a gate", gate + "    json-report: a.json\n    comment: always\n    state-file: s\n",
			[]string{
				`FILE:6:5: json-report belongs to all gates together; set it under defaults, as a flag or as a variable`,
				`FILE:7:5: comment belongs to all gates together; set it under defaults, as a flag or as a variable`,
				`FILE:8:5: state-file belongs to all gates together; set it under defaults, as a flag or as a variable`,
			},
		},
		{
			"secrets", "version: 1\ndefaults:\n  api-key: sk-1234567\n  description: sk-1234567\n  base-url: sk-1234567\ngates:\n  - name: voice\n    run-test-id: " + runTest + "\n    criteria: pass_rate >= 90\n    agent-url: https://agent.example.com/turn\n    agent-header: \"Authorization: Bearer abcdef\"\n    github-token: x\n",
			[]string{
				`FILE:3:3: api-key is a secret (not shown), which a suite file must not contain; set AGENT_GATE_API_KEY as a secret of the CI system`,
				`FILE:5:13: base-url: "***" has no scheme; start it with https://`,
				`FILE:11:19: agent-header is a secret (not shown), which a suite file must not contain; give the name of a variable in its place, e.g. "Authorization: Bearer ${AGENT_TOKEN}"`,
				`FILE:12:5: github-token is a secret (not shown), which a suite file must not contain; set AGENT_GATE_GITHUB_TOKEN as a secret of the CI system`,
			},
		},
		{
			"the file's own choice", gate + "    gates: voice\n",
			[]string{`FILE:6:5: gates chooses the suite file or its gates; it cannot stand in it`},
		},
		{
			"an input of another command", gate + "    seed: 4\n",
			[]string{`FILE:6:5: unknown key "seed"`},
		},
		{
			"the quarantine", gate + "quarantine:\n" +
				"  - {gate: voice, scenario: A, reason: slow, owner: me, until: 2026-11-29}\n" +
				"  - {gate: voice, scenario: B, reason: slow, owner: me, until: 2026-12-31}\n" +
				"  - {gate: voices, scenario: C, reason: slow, owner: me, until: 31.12.2026}\n" +
				"  - {gate: voice, scenario: A, reason: slow, owner: me, until: 2026-12-01}\n" +
				"  - {gate: voice, scenario: D, who: me, until: 2026-12-01}\n",
			[]string{
				`FILE:7:64: until: 2026-11-29 is over; judge the scenario again, or give a new day`,
				`FILE:8:64: until: 2026-12-31 is more than 30 days ahead; the latest day is 2026-12-30`,
				`FILE:9:12: there is no gate "voices"; did you mean voice?`,
				`FILE:9:65: until: "31.12.2026" is not a day, such as 2006-01-31`,
				`FILE:10:5: the scenario "A" of the gate voice is already in quarantine on line 7`,
				`FILE:11:5: the quarantine entry has no reason`,
				`FILE:11:5: the quarantine entry has no owner`,
				`FILE:11:32: unknown key "who"`,
			},
		},
		{
			"the budget", gate + "budget: {calls: 0, cost: -1, minutes: many, hours: 1}\n",
			[]string{
				`FILE:6:17: calls: "0" is out of range; allowed: 1 to 1000000`,
				`FILE:6:26: cost: "-1" is out of range; allowed: 0.01 to 1000000`,
				`FILE:6:39: minutes: "many" is not a number; allowed: 0.01 to 1000000`,
				`FILE:6:45: unknown key "hours"`,
			},
		},
		{
			"paths that match nothing", gate + "    paths: [/agents/**, ./a, \"\"]\n",
			[]string{
				`FILE:6:13: the path "/agents/**" matches nothing: paths begin at the root of the repository, without / or ./`,
				`FILE:6:25: the path "./a" matches nothing: paths begin at the root of the repository, without / or ./`,
				`FILE:6:30: a path is empty`,
			},
		},
		{
			"neither version nor gates", "defaults: {}\n",
			[]string{`FILE:1:1: version is missing; write version: 1`, `FILE:1:1: gates is missing; a suite has at least one gate`},
		},
		{"another version, no gate", "version: 2\ngates: []\n", []string{`FILE:1:10: version must be 1, not "2"`, `FILE:2:8: gates is empty; a suite has at least one gate`}},
		{"a list", "- version: 1\n", []string{`FILE:1:1: the file must be keys with values, not a list`}},
		{"nothing", "# only a comment\n", []string{`FILE:1:1: the file is empty; it needs at least version: 1 and gates`}},
		{"two documents", gate + "---\nversion: 1\n", []string{`FILE:6:1: a second document begins here; the file must have only one`}},
		{"no UTF-8", "version: 1\nname: \xff\n", []string{`FILE:2:7: the file is not UTF-8`}},
		{"a control character", "version: 1\nname: \x1b[31m\n", []string{`FILE:2:7: the control character U+001B is not allowed`}},
		{"a tab", "version: 1\ngates:\n\t- name: a\n", []string{`FILE:3:1: a tab in the indentation, where YAML allows only spaces`}},
		{"broken YAML", "version: 1\ngates:\n  - name: \"a\n", []string{`FILE:3:3: the YAML cannot be read: "found unexpected end of stream"`}},
		{"a tag", "version: 1\ngates: !!set {a}\n", []string{`FILE:2:8: the tag "!!set" is not supported; remove it`}},
		{"a large file", gate + "#" + strings.Repeat("x", suite.SizeLimit), []string{`FILE:1:1: the file is larger than 1000000 bytes`}},
		{
			"text that forges", gate + "    \"a\\e[31m\\u202eb\": 1\n",
			[]string{`FILE:6:5: unknown key "a\x1b[31m\u202eb"`},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, got := validate(t, test.file); !cmp.Equal(got, test.want) {
				t.Errorf("mistakes (-want +got):\n%s", cmp.Diff(test.want, got))
			}
		})
	}
}
