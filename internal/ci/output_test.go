package ci_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/ci/job"
)

// hostile are texts that attack the outputs of this package.
var hostile = []string{
	"::set-output name=verdict::pass", "Refund ##[error]x", "line one\r\n::error::forged\n##vso[task.complete result=Succeeded;]\n##teamcity[x]",
	"\x1b[0Ksection_start:0:x\r\x1b[0KHidden", "\x1b[31mred\x1b[0m\x1b[2K\x1b[1A", "a\nverdict=pass\nghadelimiter_x\n", "$(id) `id` ; rm -rf / & \"'",
	"%0A::error::%0D%25", "\u202egnp\u2028::error::x", "_GitHubActionsFileCommandDelimeter_\nverdict<<x\npass\nx", strings.Repeat("long ", 3000), "\x00\xff",
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// runnerReads parses a command file as GitHub's runner does (actions/runner,
// FileCommandManager.cs): name=value, or name<<delimiter and lines up to the delimiter.
func runnerReads(t *testing.T, content string) map[string]string {
	t.Helper()
	values := map[string]string{}
	lines := strings.Split(content, "\n")
	for i := 0; i < len(lines); i++ {
		if lines[i] == "" {
			continue
		}
		equals, heredoc := strings.Index(lines[i], "="), strings.Index(lines[i], "<<")
		if equals >= 0 && (heredoc < 0 || equals < heredoc) {
			values[lines[i][:equals]] = lines[i][equals+1:]
			continue
		}
		if heredoc < 0 {
			t.Fatalf("the runner cannot read %q", lines[i])
		}
		name, delimiter := lines[i][:heredoc], lines[i][heredoc+2:]
		var value []string
		for i++; i < len(lines) && lines[i] != delimiter; i++ {
			value = append(value, lines[i])
		}
		if i == len(lines) {
			t.Fatalf("the value of %q has no end", name)
		}
		values[name] = strings.Join(value, "\n")
	}
	return values
}

func TestGitHubOutputsAreReadBackUnchanged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "output")
	outputs := ci.NewOutputs(ci.CommandFiles{Output: path}, "")
	for _, value := range append([]string{"pass", "", "95.5"}, hostile...) {
		if err := outputs.Set(ci.Output{Name: "reason", Value: value, Sentence: true}, ci.Output{Name: "exit-code", Value: "1"}); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"reason": strings.ToValidUTF8(value, "\ufffd"), "exit-code": "1"}
		if diff := cmp.Diff(want, runnerReads(t, read(t, path))); diff != "" {
			t.Errorf("outputs (-want +got):\n%s", diff)
		}
	}
}

func TestGitHubOutputsAreOnTheirOwnLines(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "output")
	if err := os.WriteFile(path, []byte("other=1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ci.NewOutputs(ci.CommandFiles{Output: path}, "").Set(ci.Output{Name: "verdict", Value: "fail"}); err != nil {
		t.Fatal(err)
	}
	got := read(t, path)
	form := regexp.MustCompile(`\Aother=1\nverdict<<(ghadelimiter_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})\nfail\nghadelimiter_\S+\n\z`)
	if !form.MatchString(got) {
		t.Errorf("output file is %q", got)
	}
}

func TestOutputNamesAreChecked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	outputs := ci.NewOutputs(ci.CommandFiles{Output: filepath.Join(dir, "output")}, filepath.Join(dir, "gate.env"))
	for _, name := range []string{"", "a b", "a=b", "a\nb", "a<<b", "1a", "ä"} {
		if err := outputs.Set(ci.Output{Name: name, Value: "x"}); err == nil {
			t.Errorf("name %q was taken", name)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("files were written: %v, %v", entries, err)
	}
}

func TestDotenvIsCompleteAfterEverySet(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "reports", "gate.env")
	outputs := ci.NewOutputs(ci.CommandFiles{}, path)
	steps := []struct {
		set  []ci.Output
		want string
	}{
		{[]ci.Output{{Name: "run-test-id", Value: "a758ede8-419d-4f12-9270-be81e46f4896"}}, "AGENT_GATE_RUN_TEST_ID=a758ede8-419d-4f12-9270-be81e46f4896\n"},
		{[]ci.Output{{Name: "verdict", Value: "error"}, {Name: "success-rate"}}, "AGENT_GATE_RUN_TEST_ID=a758ede8-419d-4f12-9270-be81e46f4896\nAGENT_GATE_VERDICT=error\n"},
		{[]ci.Output{{Name: "verdict", Value: "fail"}, {Name: "success-rate", Value: "80"}}, "AGENT_GATE_RUN_TEST_ID=a758ede8-419d-4f12-9270-be81e46f4896\nAGENT_GATE_VERDICT=fail\nAGENT_GATE_SUCCESS_RATE=80\n"},
	}
	for _, step := range steps {
		if err := outputs.Set(step.set...); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, read(t, path)); diff != "" {
			t.Errorf("dotenv (-want +got):\n%s", diff)
		}
	}
}

func TestDotenvValues(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		output ci.Output
		want   string
	}{
		{"a number", ci.Output{Name: "n", Value: "-12.5"}, "AGENT_GATE_N=-12.5\n"},
		{"an address", ci.Output{Name: "dashboard-url", Value: "https://app.example.com:8080/runs/a_b?"}, ""},
		{"an address without query", ci.Output{Name: "dashboard-url", Value: "https://app.example.com:8080/runs/a_b"}, "AGENT_GATE_DASHBOARD_URL=https://app.example.com:8080/runs/a_b\n"},
		{"a path with a blank is left out: a wrong one is worse than none", ci.Output{Name: "json-report", Value: "my report.json"}, ""},
		{"a sentence becomes one word", ci.Output{Name: "reason", Value: "success_rate 80 % is below 95 %", Sentence: true}, "AGENT_GATE_REASON=success_rate_80_%_is_below_95_%\n"},
		{"a sentence cannot run in a shell", ci.Output{Name: "reason", Value: "$(id) `id`;'a' \"b\" ~c &d|e>f\\g", Sentence: true}, "AGENT_GATE_REASON=id_id_a_b_c_d_e_f_g\n"},
		{"a long sentence is cut", ci.Output{Name: "reason", Value: strings.Repeat("a ", 400), Sentence: true}, "AGENT_GATE_REASON=" + strings.Repeat("a_", 150) + "\n"},
		{"nothing", ci.Output{Name: "reason", Sentence: true}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "gate.env")
			if err := ci.NewOutputs(ci.CommandFiles{}, path).Set(c.output); err != nil {
				t.Fatal(err)
			}
			if got := read(t, path); got != c.want {
				t.Errorf("dotenv = %q, want %q", got, c.want)
			}
		})
	}
}

func TestDotenvKeepsGitLabsRules(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "gate.env")
	outputs := ci.NewOutputs(ci.CommandFiles{}, path)
	line := regexp.MustCompile(`\A[A-Z0-9_]+=[A-Za-z0-9_.,:/%+=@-]+\z`)
	for i, value := range hostile {
		if err := outputs.Set(ci.Output{Name: "reason-" + string(rune('a'+i)), Value: value, Sentence: true}, ci.Output{Name: "value-" + string(rune('a'+i)), Value: value}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 26 {
		if err := outputs.Set(ci.Output{Name: "big-" + string(rune('a'+i)), Value: strings.Repeat("x", 1000)}); err != nil {
			t.Fatal(err)
		}
	}
	got := read(t, path)
	if len(got) > 5*1024 {
		t.Errorf("%d bytes, more than GitLab takes", len(got))
	}
	for l := range strings.SplitSeq(strings.TrimSuffix(got, "\n"), "\n") {
		if !line.MatchString(l) {
			t.Errorf("line %q", l)
		}
	}
}

func TestOutputsTellWhichFileFailedAndWriteTheOther(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	dotenv := filepath.Join(dir, "gate.env")
	err := ci.NewOutputs(ci.CommandFiles{Output: filepath.Join(dir, "missing", "output")}, dotenv).Set(ci.Output{Name: "verdict", Value: "pass"})
	if err == nil || !strings.Contains(err.Error(), "GitHub outputs") {
		t.Errorf("error = %v, want one about the GitHub outputs", err)
	}
	if got, want := read(t, dotenv), "AGENT_GATE_VERDICT=pass\n"; got != want {
		t.Errorf("dotenv = %q, want %q", got, want)
	}
}

func TestCommandFilesOf(t *testing.T) {
	t.Parallel()
	env := map[string]string{"GITHUB_OUTPUT": "/o", "GITHUB_STATE": "/s", "GITHUB_STEP_SUMMARY": "/m"}
	if got := ci.CommandFilesOf(lookup(env)); got != (ci.CommandFiles{}) {
		t.Errorf("outside GitHub: %+v, want none", got)
	}
	env["GITHUB_ACTIONS"] = "true"
	if got, want := ci.CommandFilesOf(lookup(env)), (ci.CommandFiles{Output: "/o", State: "/s", Summary: "/m"}); got != want {
		t.Errorf("on GitHub: %+v, want %+v", got, want)
	}
}

func TestSaveState(t *testing.T) {
	t.Parallel()
	files := ci.CommandFiles{State: filepath.Join(t.TempDir(), "state")}
	if err := files.SaveState("state-file", "/tmp/a b.json"); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"state-file": "/tmp/a b.json"}
	if diff := cmp.Diff(want, runnerReads(t, read(t, files.State))); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if err := (ci.CommandFiles{}).SaveState("x", "y"); err != nil {
		t.Errorf("without a file: %v", err)
	}
}

// markdown returns a write function for a text.
func markdown(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func TestSummaryIsAppended(t *testing.T) {
	t.Parallel()
	files := ci.CommandFiles{Summary: filepath.Join(t.TempDir(), "summary.md")}
	for _, part := range []string{"# One\n", "no newline", "# Two\n"} {
		if err := files.AppendSummary(markdown(part)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := read(t, files.Summary), "# One\nno newline\n# Two\n"; got != want {
		t.Errorf("summary = %q, want %q", got, want)
	}
	if err := (ci.CommandFiles{}).AppendSummary(func(io.Writer) error { return errors.New("not to be called") }); err != nil {
		t.Errorf("without a file: %v", err)
	}
	broken := errors.New("broken")
	if err := files.AppendSummary(func(io.Writer) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("error = %v, want %v", err, broken)
	}
}

func TestSummaryStaysBelowGitHubsLimit(t *testing.T) {
	t.Parallel()
	files := ci.CommandFiles{Summary: filepath.Join(t.TempDir(), "summary.md")}
	row := strings.Repeat("x", 99) + "\n"
	for range 3 {
		if err := files.AppendSummary(markdown(strings.Repeat(row, 6000))); err != nil {
			t.Fatal(err)
		}
		got := read(t, files.Summary)
		if len(got) >= 1<<20 {
			t.Fatalf("%d bytes, want less than %d", len(got), 1<<20)
		}
	}
	got := read(t, files.Summary)
	if n := strings.Count(got, row); n < 10_000 {
		t.Errorf("only %d rows are left", n)
	}
	if !strings.HasSuffix(got, row+"\n\n_The rest of this summary was cut: GitHub allows 1 MiB per step._\n") {
		t.Errorf("the end does not say that it was cut: %q", got[len(got)-200:])
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		provider job.Provider
		secrets  []string
		want     string
	}{
		{"on GitHub every secret", job.GitHub, []string{"key-1234", " secret-5678\n"}, "::add-mask::key-1234\n::add-mask::secret-5678\n"},
		{"each line of a secret of several", job.GitHub, []string{"first\nsecond"}, "::add-mask::first%0Asecond\n::add-mask::first\n::add-mask::second\n"},
		{"a percent sign is escaped", job.GitHub, []string{"50%off"}, "::add-mask::50%25off\n"},
		{"what is too short would hide every other word", job.GitHub, []string{"", " ", "abc"}, ""},
		{"elsewhere it would publish the secret", job.GitLab, []string{"key-1234"}, ""},
		{"nowhere else either", job.Plain, []string{"key-1234"}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := ci.Mask(&b, c.provider, c.secrets...); err != nil {
				t.Fatal(err)
			}
			if got := b.String(); got != c.want {
				t.Errorf("Mask wrote %q, want %q", got, c.want)
			}
		})
	}
}

// FuzzOutputs sets arbitrary values. The runner must read exactly those.
func FuzzOutputs(f *testing.F) {
	for _, value := range hostile {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		dir := t.TempDir()
		github, dotenv := filepath.Join(dir, "output"), filepath.Join(dir, "gate.env")
		outputs := ci.NewOutputs(ci.CommandFiles{Output: github}, dotenv)
		if err := outputs.Set(ci.Output{Name: "reason", Value: value, Sentence: true}, ci.Output{Name: "verdict", Value: "fail"}); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"reason": strings.ToValidUTF8(value, "\ufffd"), "verdict": "fail"}
		if diff := cmp.Diff(want, runnerReads(t, read(t, github))); diff != "" {
			t.Errorf("outputs (-want +got):\n%s", diff)
		}
		lines := strings.Split(read(t, dotenv), "\n")
		if len(lines) > 3 || lines[len(lines)-2] != "AGENT_GATE_VERDICT=fail" {
			t.Errorf("dotenv lines %q", lines)
		}
	})
}
