package suite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/suite"
)

// keys are the credentials of all tests.
var keys = []string{"FI_API_KEY=key-of-the-test", "FI_SECRET_KEY=secret-of-the-test"}

// load writes a file and loads it with more arguments and variables.
func load(t *testing.T, content string, args []string, environ ...string) (s *suite.Suite, warnings, mistakes []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "agent-gate.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	s, noted, err := suite.Load(append([]string{"--config", path}, args...), slices.Concat(keys, environ), suite.Options{Now: now})
	for _, w := range noted {
		warnings = append(warnings, strings.ReplaceAll(w.String(), path, "FILE"))
	}
	return s, warnings, messages(err, path)
}

const two = `version: 1
defaults:
  timeout: 45m
  trials: 2
  html-report: all.html
  baseline: auto
  criteria: pass_rate >= 90
budget: {calls: 200, cost: 25.5, minutes: 300}
gates:
  - name: voice
    run-test-id: ` + runTest + `
    owner: "@acme/voice"
    paths: ["agents/**", prompts/*]
    trials: 3
  - name: chat
    run-test-id: ` + otherTest + `
    timeout: 10m
quarantine:
  - {gate: voice, scenario: Refund, reason: slow, owner: me, until: 2026-12-01}
`

func TestAGateTakesDefaultsAway(t *testing.T) {
	t.Parallel()
	const file = `version: 1
defaults:
  agent-command: python agent.py
  run-test-id: ` + runTest + `
  baseline: auto
  criteria: pass_rate >= 90
gates:
  - name: as-said
  - name: elsewhere
    agent-url: http://127.0.0.1:9/chat
  - name: voice
    agent-command: ""
    baseline:
  - name: judged
    agent-command: ~
    test-execution-id: ` + otherTest + `
`
	s, _, mistakes := load(t, file, nil)
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	var got []string
	for _, g := range s.Gates {
		c := g.Config
		got = append(got, fmt.Sprintf("%s %s command %q url %q baseline %v", g.Name, c.Target.Mode, c.Agent.Command, c.Agent.URL, c.Baseline.Auto))
	}
	want := []string{
		`as-said execute command "python agent.py" url "" baseline true`,
		`elsewhere execute command "" url "http://127.0.0.1:9/chat" baseline true`,
		`voice execute command "" url "" baseline false`,
		`judged attach command "" url "" baseline true`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("gates (-want +got):\n%s", diff)
	}
}

func TestAGatesOwnAgentIsTheOne(t *testing.T) {
	t.Parallel()
	const head = "version: 1\ndefaults: {agent-url: 'http://127.0.0.1:9/', agent-format: openai, agent-model: m, criteria: pass_rate >= 90}\ngates:\n  - name: a\n    run-test-id: " + runTest + "\n"
	for own, want := range map[string]string{
		"":                                     `"" "http://127.0.0.1:9/"`,
		"    agent-command: python agent.py\n": `"python agent.py" ""`,
		"    agent-url: ''\n":                  `"" ""`,
		"    agent-url: http://127.0.0.1:8/\n": `"" "http://127.0.0.1:8/"`,
		"    agent-url: 'http://127.0.0.1:8/'\n\n": `"" "http://127.0.0.1:8/"`,
	} {
		for _, flags := range [][]string{nil, {"--agent-command", "python other.py"}} {
			if flags != nil && !strings.Contains(own, "http") {
				continue
			}
			s, _, mistakes := load(t, head+own, flags)
			if mistakes != nil {
				t.Errorf("%q, %v: %q", own, flags, mistakes)
				continue
			}
			if a := s.Gates[0].Config.Agent; fmt.Sprintf("%q %q", a.Command, a.URL) != want {
				t.Errorf("%q, %v: %q %q, want %s", own, flags, a.Command, a.URL, want)
			}
		}
	}
}

func TestGatesOfOneExecutionDoNotAskForTheSameReruns(t *testing.T) {
	t.Parallel()
	const gate = "\n    criteria: pass_rate >= 90\n    test-execution-id: " + runTest
	for rest, want := range map[string]int{"": 0, "\n    rerun-attempts: 1": 1} {
		_, _, mistakes := load(t, "version: 1\ngates:\n  - name: a"+gate+"\n    rerun-attempts: 1\n  - name: b"+gate+rest+"\n", nil)
		if len(mistakes) != want || want > 0 && !strings.Contains(mistakes[0], "FILE:7:11: gate b: gate a reruns calls or evals of test execution") {
			t.Errorf("b%q: %q, want %d", rest, mistakes, want)
		}
	}
}

func TestLoadMakesAConfigurationForEachGate(t *testing.T) {
	t.Parallel()
	s, warnings, mistakes := load(t, two, nil)
	if warnings != nil || mistakes != nil {
		t.Fatalf("got warnings %v, mistakes %v, want none", warnings, mistakes)
	}
	voice, chat := s.Gates[0], s.Gates[1]
	type figures struct {
		Name, Owner, RunTest string
		Trials               int
		Timeout              time.Duration
		Criteria             int
	}
	var got []figures
	for _, g := range s.Gates {
		got = append(got, figures{
			g.Name, g.Owner.Line(), g.Config.Target.RunTestID.String(), g.Config.Trials.Count, g.Config.Waiting.Timeout, len(g.Config.Rules.Criteria),
		})
	}
	want := []figures{
		{"voice", "@acme/voice", runTest, 3, 45 * time.Minute, 1},
		{"chat", "", otherTest, 2, 10 * time.Minute, 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("gates (-want +got):\n%s", diff)
	}
	if voice.Config.Gate != "voice" || chat.Config.Gate != "chat" || s.Whole.Gate != "" {
		t.Errorf("got names %q and %q, want those of the gates", voice.Config.Gate, chat.Config.Gate)
	}
	if !slices.Equal(voice.Paths, []string{"agents/**", "prompts/*"}) || chat.Paths != nil {
		t.Errorf("got paths %q and %q", voice.Paths, chat.Paths)
	}
	if s.Budget != (suite.Budget{Calls: 200, Cost: 25.5, Minutes: 300}) {
		t.Errorf("got budget %+v", s.Budget)
	}
	if s.Whole.Reports.HTML != "all.html" || voice.Config.Reports.HTML != "" {
		t.Errorf("got reports %q of the whole and %q of a gate, want them of the whole alone", s.Whole.Reports.HTML, voice.Config.Reports.HTML)
	}
	if !s.Whole.Credentials || !voice.Config.Credentials {
		t.Error("got no credentials")
	}
	if q := s.Quarantine[0]; !q.Until.Equal(time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("got end %v, want that of December 1", q.Until)
	}
}

// A gate's key comes before a flag or variable, and they before the defaults.
func TestLoadOrderOfSources(t *testing.T) {
	t.Parallel()
	s, _, mistakes := load(t, two, []string{"--trials", "5"}, "AGENT_GATE_TIMEOUT=30m")
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	voice, chat := s.Gates[0].Config, s.Gates[1].Config
	if voice.Trials.Count != 3 || chat.Trials.Count != 5 {
		t.Errorf("got trials %d and %d, want 3 of the gate and 5 of the flag", voice.Trials.Count, chat.Trials.Count)
	}
	if voice.Waiting.Timeout != 30*time.Minute || chat.Waiting.Timeout != 10*time.Minute {
		t.Errorf("got timeouts %v and %v, want 30m of the variable and 10m of the gate", voice.Waiting.Timeout, chat.Waiting.Timeout)
	}
}

func TestLoadChoosesGates(t *testing.T) {
	t.Parallel()
	s, _, mistakes := load(t, two, []string{"--gates", "chat"})
	if mistakes != nil || len(s.Gates) != 1 || s.Gates[0].Name != "chat" || len(s.Quarantine) != 1 {
		t.Errorf("got %+v, %v, want the gate chat alone and the quarantine of all", s, mistakes)
	}
	_, _, mistakes = load(t, two, []string{"--gates", "chat,vioce"})
	if want := []string{`gates: FILE has no gate "vioce"; did you mean voice?; it has voice, chat`}; !cmp.Equal(mistakes, want) {
		t.Errorf("mistakes (-want +got):\n%s", cmp.Diff(want, mistakes))
	}
}

func TestLoadMistakesOfInputsAreToldOnce(t *testing.T) {
	t.Parallel()
	_, _, mistakes := load(t, two, []string{"--confidence", "none", "--run-test-id", runTest}, "AGENT_GATE_TIMEOUT=30")
	want := []string{
		`--run-test-id: no effect with a suite file, whose gates say what to run; remove it, or remove config and gates`,
		`--confidence: "none" is not a percentage; allowed: 50 to 99.9`,
		`timeout (from AGENT_GATE_TIMEOUT): "30" has no unit; write 30s or 30m`,
	}
	if !cmp.Equal(mistakes, want) {
		t.Errorf("mistakes (-want +got):\n%s", cmp.Diff(want, mistakes))
	}
}

func TestLoadOfAFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	_, _, err := suite.Load([]string{"--config", "none.yaml"}, keys, suite.Options{Now: now})
	if got := messages(err, "FILE"); len(got) != 1 || !strings.Contains(got[0], `config: cannot read "none.yaml"`) {
		t.Errorf("got %q", got)
	}
}

const withHeader = gate + "    agent-url: https://agent.example.com/turn\n    agent-header: \"Authorization: Bearer ${AGENT_TOKEN}\"\n"

func TestLoadFillsInTheVariableOfTheHeader(t *testing.T) {
	t.Parallel()
	s, _, mistakes := load(t, withHeader, nil, "AGENT_TOKEN=token-of-the-test")
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	if got := s.Gates[0].Config.Agent.Header.Reveal(); got != "Authorization: Bearer token-of-the-test" {
		t.Errorf("got header %q", got)
	}
	_, _, mistakes = load(t, withHeader, nil)
	if want := []string{"FILE:7:19: agent-header: the variable AGENT_TOKEN is not set"}; !cmp.Equal(mistakes, want) {
		t.Errorf("mistakes (-want +got):\n%s", cmp.Diff(want, mistakes))
	}
}

// A gate that does not run needs no variables.
func TestLoadNeedsTheVariablesOfChosenGatesAlone(t *testing.T) {
	t.Parallel()
	_, _, mistakes := load(t, withHeader+"  - {name: other, run-test-id: "+otherTest+", criteria: pass_rate >= 90}\n", []string{"--gates", "other"})
	if mistakes != nil {
		t.Error(mistakes)
	}
}

// A gate drops the defaults that say what to run in another way.
func TestLoadAGateReplacesTheTargetOfTheDefaults(t *testing.T) {
	t.Parallel()
	s, _, mistakes := load(t, `version: 1
defaults: {agent-definition-id: `+otherTest+`, scenario-ids: [`+otherTest+`], criteria: pass_rate >= 90}
gates:
  - name: created
  - name: existing
    run-test-id: `+runTest+"\n", nil)
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	if got := []any{s.Gates[0].Config.Target.Mode, s.Gates[1].Config.Target.Mode}; got[0] == got[1] {
		t.Errorf("got modes %v, want two", got)
	}
}

// The file of a suite found by its name gives way to an input that says what to run. The
// test changes the working directory, so it is not parallel.
func TestLoadOfAFileFoundByItsName(t *testing.T) {
	t.Chdir(t.TempDir())
	s, warnings, err := suite.Load([]string{"--min-success-rate", "95"}, keys, suite.Options{Now: now})
	if s != nil || warnings != nil || err != nil {
		t.Fatalf("got %v, %v, %v, want nothing without a file", s, warnings, err)
	}
	_, _, err = suite.Load([]string{"--gates", "voice"}, keys, suite.Options{Now: now})
	if got := messages(err, "FILE"); len(got) != 1 || !strings.Contains(got[0], "--gates: there is no suite file") {
		t.Errorf("got %q", got)
	}
	if err := os.MkdirAll(".github", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{".github/agent-gate.yaml", "agent-gate.yaml"} { // the second one wins
		if err := os.WriteFile(path, []byte(gate), 0o600); err != nil {
			t.Fatal(err)
		}
		s, _, err = suite.Load(nil, keys, suite.Options{Now: now})
		if err != nil || s.Path != path || !s.Found {
			t.Errorf("got %+v, %v, want %s found", s, err, path)
		}
	}
	// The demo runs what it brings along, unless a file is named.
	defaults := map[string]string{"poll-max-interval": "7s"}
	if s, _, err = suite.Load(nil, nil, suite.Options{Command: config.CommandDemo, Now: now}); s != nil || err != nil {
		t.Errorf("got %+v, %v for the demo, want nothing", s, err)
	}
	s, _, err = suite.Load([]string{"--config", "agent-gate.yaml"}, nil, suite.Options{Command: config.CommandDemo, Now: now, Defaults: defaults})
	if s == nil || err != nil || s.Gates[0].Config.Waiting.PollMaxInterval != 7*time.Second {
		t.Errorf("got %+v, %v for the demo of the file, want its gates with the defaults of the command", s, err)
	}
	for _, environ := range [][]string{{"AGENT_GATE_RUN_TEST_ID=" + otherTest}, {"INPUT_SCENARIO-IDS=" + otherTest}} {
		s, warnings, err = suite.Load(nil, slices.Concat(keys, environ), suite.Options{Now: now})
		if s != nil || err != nil || len(warnings) != 1 || !warnings[0].Note || !strings.Contains(warnings[0].String(), "agent-gate.yaml is not used") {
			t.Errorf("got %v, %v, %v, want no suite and a note", s, warnings, err)
		}
	}
	// What an earlier gate job left in a dotenv report says nothing.
	s, _, err = suite.Load(nil, slices.Concat(keys, []string{"AGENT_GATE_RUN_TEST_ID=" + otherTest, "AGENT_GATE_VERDICT=pass", "AGENT_GATE_GATES=gone:pass,voice:fail"}), suite.Options{Now: now})
	if s == nil || err != nil {
		t.Errorf("got %v, %v, want the suite", s, err)
	}
}

// Two kilobytes of references stand for a billion values.
func TestReferencesAreBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("version: 1\ngates:\n- name: a\n  agent-definition-id: " + runTest + "\n  criteria: pass_rate >= 90\n  scenario-ids: " + otherTest + "\n  evaluations-config:\n  - &a0 {x: y}\n")
	for i := range 9 {
		b.WriteString("  - &a" + string(rune('1'+i)) + " [" + strings.TrimSuffix(strings.Repeat("*a"+string(rune('0'+i))+", ", 10), ", ") + "]\n")
	}
	if _, got := validate(t, b.String()); !strings.Contains(strings.Join(got, "\n"), "too many references") {
		t.Errorf("got %q, want too many references", got)
	}
	for name, file := range map[string]string{
		"a list in itself":   "version: 1\ngates: &a [*a]\n",
		"a merge of itself":  "version: 1\ngates:\n- &a\n  <<: *a\n  name: b\n",
		"a nested reference": "version: 1\ndefaults: &a\n  evaluations-config: *a\n",
	} {
		if _, got := validate(t, file); len(got) == 0 {
			t.Errorf("%s: got no mistake", name)
		}
	}
}
