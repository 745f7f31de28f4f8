package project_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// notOurs are headings of docs/troubleshooting.md that no part of the project says, each
// with who does.
var notOurs = map[string]string{
	"Container action is only supported on Linux":                 "GitHub's runner",
	"The outputs and the summary cannot be written":               "a situation",
	"provided value is not a string":                              "GitLab",
	"The job prints the help or ends at once, and no script runs": "a situation",
	"The wrong value counts":                                      "a situation",
	"connection refused":                                          "the network, in Go's words",
	"certificate signed by unknown authority":                     "Go's crypto/x509; TestNetwork sees it",
	"scenario(s) are not completed":                               "the API",
}

// TestTroubleshooting_messagesExist requires the words of each heading in the source of
// the program, or in its output when it is misconfigured.
func TestTroubleshooting_messagesExist(t *testing.T) {
	t.Parallel()
	said, code := shell(t, workspace(t, build(t)), []string{
		"AGENT_GATE_RUN_TEST_ID=x", "AGENT_GATE_TEST_EXECUTION_ID=y", "AGENT_GATE_TIMEOUT=60", "AGENT_GATE_MIN_SUCCES_RATE=4",
	}, "agent-gate run")
	if code != 2 {
		t.Fatalf("exit code %d, want 2:\n%s", code, said)
	}
	said += source(t)
	left := map[string]bool{}
	for heading := range notOurs {
		left[heading] = true
	}
	status := regexp.MustCompile(`answered \d{3}`)
	for line := range strings.Lines(read(t, "docs/troubleshooting.md")) {
		heading, ok := strings.CutPrefix(strings.TrimSpace(line), "### ")
		if !ok {
			continue
		}
		if _, foreign := notOurs[heading]; foreign {
			delete(left, heading)
			continue
		}
		for words := range strings.SplitSeq(heading, ", ") {
			if words = status.ReplaceAllString(words, "answered %d"); !strings.Contains(said, words) {
				t.Errorf("docs/troubleshooting.md explains %q, which nothing says", words)
			}
		}
	}
	for heading := range left {
		t.Errorf("docs/troubleshooting.md no longer has %q", heading)
	}
}

// source returns the code of the program without tests and the simulated API.
func source(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(filepath.Join(root, "internal"), func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "simulator" || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		data, err := os.ReadFile(path)
		all.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
