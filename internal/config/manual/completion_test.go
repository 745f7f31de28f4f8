package manual_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/manual"
)

// complete runs a shell on its completion script and returns what it offers for a command
// line, whose last word is being typed.
func complete(t *testing.T, shell string, words ...string) []string {
	t.Helper()
	program, err := exec.LookPath(shell)
	if err != nil {
		t.Skipf("no %s", shell)
	}
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, []byte(manual.Completion(shell)), 0o600); err != nil {
		t.Fatal(err)
	}
	var c *exec.Cmd
	switch shell {
	case "zsh": // which completes only on a terminal
		if err := os.Rename(script, filepath.Join(filepath.Dir(script), "_agent-gate")); err != nil {
			t.Fatal(err)
		}
		capture, err := filepath.Abs("testdata/capture.zsh")
		if err != nil {
			t.Fatal(err)
		}
		c = exec.Command(program, "-f", capture, filepath.Dir(script), "agent-gate "+strings.Join(words, " "))
	case "bash":
		c = exec.Command(program, append([]string{"--noprofile", "--norc", "-c", `source "$1"; shift
			COMP_WORDS=(agent-gate "$@"); COMP_CWORD=$#; _agent_gate; printf '%s\n' "${COMPREPLY[@]}"`, "bash", script}, words...)...)
	case "fish":
		c = exec.Command(program, "--no-config", "-c", `source $argv[1]; complete -C (string join ' ' -- agent-gate $argv[2..])`, script)
		c.Args = append(c.Args, words...)
	}
	c.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	c.Dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(c.Dir, "report.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	// zsh completes in a pseudo-terminal, which sometimes does not answer.
	var out bytes.Buffer
	c.Stdout, c.Stderr, c.WaitDelay = &out, &out, time.Second
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	giveUp, end := context.WithTimeout(t.Context(), 30*time.Second)
	defer end()
	stop := context.AfterFunc(giveUp, func() { _ = c.Process.Kill() })
	err = c.Wait()
	if !stop() {
		if shell != "zsh" {
			t.Fatalf("%s does not answer within 30 s", shell)
		}
		t.Skipf("%s does not answer within 30 s", shell)
	}
	if err != nil {
		t.Fatalf("%s: %v\n%s", shell, err, &out)
	}
	var offered []string
	for line := range strings.Lines(out.String()) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if _, hit, isHit := strings.Cut(line, "HIT:"); isHit {
			word = strings.TrimSpace(hit)
		}
		offered = append(offered, word)
	}
	return offered
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		for _, test := range []struct {
			name       string
			words      []string
			has, hasNo []string
		}{
			{"commands", []string{""}, []string{"demo", "validate", "completion"}, nil},
			{"a command that has begun", []string{"va"}, []string{"validate"}, []string{"demo"}},
			{"flags of run without a command", []string{"--min"}, []string{"--min-success-rate", "--min-overall-score"}, []string{"--timeout"}},
			{"flags of a command", []string{"serve", "--"}, []string{"--listen", "--story", "--help"}, []string{"--criteria"}},
			{"values", []string{"demo", "--story", "l"}, []string{"lifelike", "lost", "late"}, []string{"fail", "--listen"}},
			{"values of a flag before", []string{"--decide-on", ""}, []string{"estimate", "interval"}, []string{"demo"}},
			{"shells", []string{"completion", ""}, []string{"bash", "zsh", "fish"}, []string{"demo"}},
			{"a report", []string{"decide", "rep"}, []string{"report.json"}, []string{"demo"}},
			{"a path of a flag", []string{"--json-report", "rep"}, []string{"report.json"}, nil},
		} {
			t.Run(shell+": "+test.name, func(t *testing.T) {
				t.Parallel()
				got := complete(t, shell, test.words...)
				for _, word := range test.has {
					if !slices.Contains(got, word) {
						t.Errorf("got %q, want %s among them", got, word)
					}
				}
				for _, word := range test.hasNo {
					if slices.Contains(got, word) {
						t.Errorf("got %q, want no %s", got, word)
					}
				}
			})
		}
	}
}

func TestCompletionOfBashOffersEveryFlag(t *testing.T) {
	t.Parallel()
	for _, info := range config.Commands() {
		got := complete(t, "bash", string(info.Name), "--")
		for _, in := range config.Inputs() {
			if has := slices.Contains(got, in.Flag()); has != in.Takes(info.Name) {
				t.Errorf("%s offers %s: got %v, want %v", info.Name, in.Flag(), has, in.Takes(info.Name))
			}
		}
	}
}
