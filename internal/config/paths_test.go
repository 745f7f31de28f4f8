package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/config"
)

func TestReportsThatMeetInOneFileAreAMistake(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	for link, target := range map[string]string{"link.xml": "report.json", "chain.xml": "link.xml", "out": ".", "dangling.xml": "not/there.json"} {
		if err := os.Symlink(target, in(link)); err != nil {
			t.Skipf("no symbolic links can be made here: %v", err)
		}
	}
	for name, paths := range map[string][2]string{
		"the same":                {in("report.json"), in("report.json")},
		"a dot":                   {in("report.json"), dir + "/./report.json"},
		"a link":                  {in("report.json"), in("link.xml")},
		"a link to a link":        {in("report.json"), in("chain.xml")},
		"a linked folder":         {in("report.json"), in("out/report.json")},
		"a link to what is not":   {in("not/there.json"), in("dangling.xml")},
		"below a folder to make":  {in("new/report.json"), in("out/new/report.json")},
		"a command file of a job": {in("report.json"), in("output")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environ := keys("GITHUB_ACTIONS=true", "GITHUB_OUTPUT="+in("out/output"))
			got, _ := problems(t, attach("--json-report", paths[0], "--junit-report", paths[1]), environ, config.Options{})
			if len(got) != 1 || !strings.HasPrefix(got[0], "--junit-report: ") || !strings.Contains(got[0], "use a different path for each") {
				t.Errorf("got mistakes %q, want one of two reports in one file", got)
			}
		})
	}
	if got, _ := problems(t, attach("--json-report", in("a.json"), "--junit-report", in("out/b.xml")), keys(), config.Options{}); len(got) > 0 {
		t.Errorf("two files: got mistakes %q, want none", got)
	}
}

// The step's summary is written in any case. Requesting it only makes its absence an error.
func TestSummaryOfTheStepIsNotWrittenTwice(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "summary")
	args := attach("--summary-file", path)
	got, _ := parse(t, args, keys("GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY="+path), config.Options{})
	if got.Reports.Summary != "" || !got.Reports.StepSummary {
		t.Errorf("got reports %+v, want the step's summary", got.Reports)
	}
	got, _ = parse(t, args, keys("GITHUB_STEP_SUMMARY="+path), config.Options{})
	if got.Reports.Summary != path || got.Reports.StepSummary {
		t.Errorf("elsewhere: got reports %+v, want the file", got.Reports)
	}
}

func TestEveryFileIsTriedBeforeCallsArePaidFor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var args, want []string
	for _, name := range []string{"json-report", "junit-report", "html-report", "summary-file", "dotenv-file", "metrics-report", "annotations-report", "ctrf-report", "attestation-report", "state-file"} {
		args = append(args, "--"+name, filepath.Join(dir, name))
		want = append(want, name)
	}
	environ := keys("GITHUB_ACTIONS=true")
	for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"} {
		environ = append(environ, name+"="+filepath.Join(dir, name))
		want = append(want, name+" appended")
	}
	var tried []string
	opts := config.Options{TryWrite: func(path string, appended bool) error {
		name := filepath.Base(path)
		if appended {
			name += " appended"
		}
		tried = append(tried, name)
		return errors.New("read-only file system")
	}}
	got, _ := problems(t, attach(args...), environ, opts)
	slices.Sort(tried)
	slices.Sort(want)
	if !slices.Equal(tried, want) {
		t.Errorf("tried %v, want %v", tried, want)
	}
	if len(got) != len(want) {
		t.Errorf("got %d mistakes, want %d: %q", len(got), len(want), got)
	}
	for _, name := range []string{"--json-report: ", "GITHUB_OUTPUT: "} {
		if !slices.ContainsFunc(got, func(s string) bool {
			return strings.HasPrefix(s, name) && strings.HasSuffix(s, " cannot be written: read-only file system")
		}) {
			t.Errorf("got mistakes %q, want one of %s", got, name)
		}
	}

	// Commands that place no calls do not check files.
	tried = nil
	opts.Command = config.CommandDecide
	parse(t, []string{"report.json", "--min-success-rate=9", "--junit-report", filepath.Join(dir, "r.xml")}, nil, opts)
	if len(tried) > 0 {
		t.Errorf("decide tried %v", tried)
	}
}
