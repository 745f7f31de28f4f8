package runname

import (
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text"
)

// onMain is an attempt of a job on a branch.
func onMain() job.Context {
	return job.Context{
		Provider: job.GitHub, Kind: job.KindBranch, Repository: text.New("acme/" + strings.Repeat("r", 120)), Ref: text.New(strings.Repeat("b", 80)),
		SHA: "0123456789abcdef", RunID: "1", Attempt: "1", Job: text.New("gate"),
	}
}

func TestGatesOfASuiteHaveRunsOfTheirOwn(t *testing.T) {
	t.Parallel()
	for _, key := range []string{config.RunKeyAttempt, config.RunKeyRun, config.RunKeyTree, "release 7"} {
		seen := map[string]string{}
		for _, gate := range []string{"", "voice", "chat", strings.Repeat("long-", 12) + "a", strings.Repeat("long-", 12) + "b"} {
			c := config.Config{RunKey: key, Tree: "4b825dc6", Gate: gate}
			name, err := Of(c, onMain())
			if err != nil || len(name) > maxName {
				t.Fatalf("%s %q: %d characters, error %v", key, gate, len(name), err)
			}
			if before, ok := seen[Key(name)]; ok {
				t.Errorf("%s: the gates %q and %q are the same run", key, before, gate)
			}
			seen[Key(name)] = gate
		}
	}
}

func TestAGateIsComparedWithTheRunsOfThatGate(t *testing.T) {
	t.Parallel()
	gates := []string{"", "voice", "voice-2", strings.Repeat("long-", 12) + "a", strings.Repeat("long-", 12) + "b"}
	for _, of := range gates {
		name, err := Of(config.Config{Gate: of}, onMain())
		if err != nil {
			t.Fatal(err)
		}
		for _, gate := range gates {
			if got := IsRunOf(Baseline(gate, onMain()), name); got != (of == gate) {
				t.Errorf("a run of %q is a baseline of %q: %v", of, gate, got)
			}
		}
	}
}
