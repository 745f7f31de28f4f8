package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/config"
)

func TestLists(t *testing.T) {
	t.Parallel()
	want := []uuid.UUID{uuid.MustParse(scenario), uuid.MustParse(scenario2)}
	for name, list := range map[string]string{
		"commas":                 scenario + "," + scenario2,
		"lines":                  scenario + "\r\n" + scenario2 + "\n",
		"a comma at each end":    scenario + ",\n" + scenario2 + ",",
		"dashes of YAML":         "- " + scenario + "\n  -\t" + scenario2 + "\n-\n",
		"dashes and quotes":      "- '" + scenario + "'\n- \"" + scenario2 + "\"",
		"JSON":                   `["` + scenario + `", "` + scenario2 + `"]`,
		"JSON over lines":        "[\n  \"" + scenario + "\",\n  \"" + scenario2 + "\"\n]",
		"an array of YAML":       "[" + scenario + ", " + scenario2 + "]",
		"comments":               "# the important ones\n" + scenario + " # refund, twice\n" + scenario2 + "\t# billing",
		"dashes and comments":    "- " + scenario + " # refund\n# - " + agent + "\n- " + scenario2,
		"JSON with a line's end": `["` + scenario + `","` + scenario2 + `",""]` + "\n",
	} {
		got, _ := parse(t, []string{"--agent-definition-id", agent, "--scenario-ids", list, "--min-success-rate", "95"}, keys(), config.Options{})
		if diff := cmp.Diff(want, got.Target.ScenarioIDs); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestPastedAddressesGiveTheirIDs(t *testing.T) {
	t.Parallel()
	const dashboard = "https://app.futureagi.com/dashboard/simulate/test/"
	for address, want := range map[string]config.Target{
		dashboard + runTest + "/runs": {RunTestID: uuid.MustParse(runTest)},
		dashboard + runTest:           {RunTestID: uuid.MustParse(runTest)},
		dashboard + runTest + "/" + execution + "/call-details?tab=1":                {RunTestID: uuid.MustParse(runTest), TestExecutionID: uuid.MustParse(execution)},
		"http://localhost:3000/dashboard/simulate/test/" + runTest + "/" + execution: {RunTestID: uuid.MustParse(runTest), TestExecutionID: uuid.MustParse(execution)},
	} {
		got, _ := parse(t, []string{"--run-test-id", address, "--min-success-rate", "95"}, keys(), config.Options{})
		if got.Target.RunTestID != want.RunTestID {
			t.Errorf("run-test-id %s: got %s, want %s", address, got.Target.RunTestID, want.RunTestID)
		}
		if want.TestExecutionID == uuid.Nil {
			continue
		}
		got, _ = parse(t, []string{"--test-execution-id", address, "--min-success-rate", "95"}, keys(), config.Options{})
		if got.Target.TestExecutionID != want.TestExecutionID {
			t.Errorf("test-execution-id %s: got %s, want %s", address, got.Target.TestExecutionID, want.TestExecutionID)
		}
	}
}

func TestKeysThatAreNoMistake(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"fi-0123", "/aGVsbG8+d29ybGQ=", "QUJDREVGRw==", "abc=def", "'half", "A_B=", "ab/cd"} {
		if got, _ := problems(t, attach(), []string{"FI_API_KEY=" + key, "FI_SECRET_KEY=" + key}, config.Options{}); len(got) > 0 {
			t.Errorf("%s: got mistakes %q", key, got)
		}
	}
}

// What the job itself says wins over what an earlier job left, whatever the mode.
func TestInheritedTargetsGiveWay(t *testing.T) {
	t.Parallel()
	left := []string{"AGENT_GATE_VERDICT=pass", "AGENT_GATE_RUN_TEST_ID=" + runTest, "AGENT_GATE_TEST_EXECUTION_ID=" + execution}
	got, notes := parse(t, []string{"--min-success-rate=95"}, keys(append(left, "INPUT_AGENT-DEFINITION-ID="+agent, "INPUT_SCENARIO-IDS="+scenario)...), config.Options{})
	want := config.Target{Mode: config.ModeCreate, AgentDefinitionID: uuid.MustParse(agent), ScenarioIDs: []uuid.UUID{uuid.MustParse(scenario)}}
	if diff := cmp.Diff(want, got.Target); diff != "" || len(notes) != 2 {
		t.Errorf("notes %q; target (-want +got):\n%s", notes, diff)
	}
	// The flag judges the execution of the earlier job again.
	got, _ = parse(t, attach(), keys(left...), config.Options{})
	if got.Target.Mode != config.ModeAttach || got.Target.RunTestID != uuid.Nil {
		t.Errorf("got target %+v, want the execution alone", got.Target)
	}
	mistakes, _ := problems(t, []string{"--min-success-rate=95"}, keys(left...), config.Options{})
	if len(mistakes) != 2 {
		t.Errorf("got mistakes %q, want one for each way", mistakes)
	}
}

func TestALineAtFileStandsForTheLinesOfTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"two.txt":     "success_rate >= 95\n# a comment\npass_rate >= 90\n",
		"windows.txt": "\ufeffsuccess_rate >= 95\r\npass_rate >= 90\r\n",
		"nested.txt":  "@two.txt\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) string { return "@" + filepath.Join(dir, name) }
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"alone":          {[]string{"--criteria", at("two.txt")}, []string{"success_rate >= 95", "pass_rate >= 90"}},
		"of Windows":     {[]string{"--criteria", at("windows.txt")}, []string{"success_rate >= 95", "pass_rate >= 90"}},
		"among others":   {[]string{"--criteria", "scored_rate >= 50\n " + at("two.txt") + "\nflaky_rate <= 5"}, []string{"scored_rate >= 50", "success_rate >= 95", "pass_rate >= 90", "flaky_rate <= 5"}},
		"beside another": {[]string{"--criteria", at("two.txt"), "--criteria", "scored_rate >= 50"}, []string{"success_rate >= 95", "pass_rate >= 90", "scored_rate >= 50"}},
	} {
		got, _ := parse(t, append([]string{"report.json"}, c.args...), nil, config.Options{Command: config.CommandDecide})
		var lines []string
		for _, criterion := range got.Rules.Criteria {
			lines = append(lines, criterion.String())
		}
		if !slices.Equal(lines, c.want) {
			t.Errorf("%s: got %q, want %q", name, lines, c.want)
		}
	}
	wrong, _ := problems(t, []string{"report.json", "--criteria", at("nested.txt")}, nil, config.Options{Command: config.CommandDecide})
	if len(wrong) != 1 || !strings.Contains(wrong[0], "line 1: @two.txt: ") {
		t.Errorf("a file that names a file: got mistakes %q", wrong)
	}
}
