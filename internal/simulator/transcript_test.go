package simulator_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// transcripts has calls with a whole transcript, a part of one, and none.
func transcripts() story.Plan {
	return story.Plan{Calls: map[int]story.Outcome{
		0: story.Succeeds(8),
		1: story.Fails(""),
		2: {Fails: true, Connects: true},
		3: story.Skipped(""),
		4: story.NoTranscript(),
	}}
}

// roles returns the speaker of each turn of a call, read from the given key.
func roles(t *testing.T, call map[string]any, key string) []string {
	t.Helper()
	out := []string{}
	for _, turn := range call["transcript"].([]any) {
		out = append(out, turn.(map[string]any)[key].(string))
	}
	return out
}

func TestACallHasTheTranscriptOfWhatWasSaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dialect simulator.Dialect
		agent   simulator.AgentType
		key     string
		want    [][]string
	}{
		{simulator.Deployed, simulator.Voice, "speaker_role", [][]string{
			{"assistant", "user", "assistant", "tool_calls", "tool_call_result", "assistant", "user", "assistant", "user", "assistant", "user"},
			{}, {"assistant", "user", "assistant", "tool_calls", "tool_call_result", "assistant"}, {"user"}, {},
		}},
		{simulator.Documented, simulator.Voice, "role", [][]string{
			{"assistant", "user", "assistant", "assistant", "user", "assistant", "user", "assistant", "user"},
			{}, {"assistant", "user", "assistant", "assistant"}, {"user"}, {},
		}},
		{simulator.Deployed, simulator.Text, "role", [][]string{
			{"assistant", "user", "assistant", "assistant", "tool", "assistant", "user", "assistant", "user", "assistant", "user"}, {}, {}, {}, {},
		}},
	} {
		t.Run(string(c.dialect)+" "+string(c.agent), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, simulator.Options{Dialect: c.dialect, Agent: c.agent, HostedText: true, Plan: transcripts()})
				id := w.start()
				w.finish(id)
				for i, call := range w.Executions()[0].Calls[:len(c.want)] {
					detail := w.get("/simulate/call-executions/"+call.ID.String()+"/").decode(t, 200)
					got := roles(t, detail, c.key)
					if !slices.Equal(got, c.want[i]) {
						t.Errorf("call %d: %q, want %q", i, got, c.want[i])
					}
				}
			})
		})
	}
}

func TestOnlyDocumentedListsHaveTranscripts(t *testing.T) {
	t.Parallel()
	for dialect, want := range map[simulator.Dialect]int{simulator.Deployed: 0, simulator.Documented: 9} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, simulator.Options{Dialect: dialect, Plan: transcripts()})
			id := w.start()
			time.Sleep(time.Second)
			w.finish(id)
			list := w.get(executionPath(id)+"?limit=100").decode(t, 200)
			key := map[simulator.Dialect]string{simulator.Deployed: "results", simulator.Documented: "calls"}[dialect]
			first := w.Executions()[0].Calls[0].ID.String()
			for _, row := range list[key].([]any) {
				call := row.(map[string]any)
				if call["id"] != first {
					continue
				}
				if got := len(call["transcript"].([]any)); got != want {
					t.Errorf("%s: %d turns in the list, want %d", dialect, got, want)
				}
			}
		})
	}
}
