package simulator_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

func TestAGoodAgentPassesAndABadOneFails(t *testing.T) {
	t.Parallel()
	good := "Your refund is booked, the subscription is cancelled, all is settled."
	for _, c := range []struct {
		name   string
		answer func(heard string) string
		passes bool
	}{
		{"good", func(string) string { return good }, true},
		{"unhelpful", func(string) string { return badAnswer }, false},
		{"an echo", func(heard string) string { return "You said: " + heard }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				scenarios := append(story.DefaultScenarios(), story.Scenario{Name: "Opening hours", Rows: 5})
				w, run := chats(t, simulator.Options{Seed: 3, Plan: story.LifelikePlan()}, scenarios...)
				id, calls := w.placed(run)
				lengths := map[int]bool{}
				for _, call := range calls {
					heard := lastLine(w.inside(w.begin(call)))
					for turns := 1; ; turns++ {
						m := w.inside(w.say(call, c.answer(heard)))
						heard = lastLine(m)
						if m["chat_ended"].(bool) {
							lengths[turns] = true
							break
						}
					}
				}
				for n := range lengths {
					if n < 2 || n > 10 {
						t.Errorf("a chat had %d turns", n)
					}
				}
				if got := w.after(time.Minute, id); !strings.HasPrefix(got, "completed: completed") || strings.Contains(got, "failed") {
					t.Errorf("got %q", got)
				}
				for _, call := range calls {
					m := w.call(call)
					for _, e := range m["eval_outputs"].(map[string]any) {
						if got := e.(map[string]any)["value"]; (got == "Passed") != c.passes {
							t.Errorf("%v: got %v", m["scenario"], got)
						}
					}
					score, err := m["overall_score"].(interface{ Float64() (float64, error) }).Float64()
					if err != nil || (score >= 7) != c.passes {
						t.Errorf("%v: the score is %v", m["scenario"], score)
					}
				}
			})
		})
	}
}

func lastLine(m map[string]any) string {
	return m["output_message"].([]any)[0].(map[string]any)["content"].(string)
}

func TestTheSameSeedTellsTheSameConversation(t *testing.T) {
	t.Parallel()
	var told []string
	for range 2 {
		synctest.Test(t, func(t *testing.T) {
			w, run := chats(t, simulator.Options{Seed: 9}, plain(5)...)
			_, calls := w.placed(run)
			var lines []string
			for _, call := range calls {
				w.talk(call, badAnswer)
				time.Sleep(time.Minute)
				for _, l := range w.call(call)["transcript"].([]any) {
					lines = append(lines, l.(map[string]any)["messages"].([]any)[0].(string))
				}
			}
			told = append(told, strings.Join(lines, "\n"))
		})
	}
	if told[0] != told[1] || told[0] == "" {
		t.Errorf("got\n%s\nand\n%s", told[0], told[1])
	}
}

// A row that fails at first goes well when a further execution of the run test tries it.
func TestAFurtherExecutionTriesARowAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, run := chats(t, simulator.Options{Plan: story.Plan{Default: story.Flaky(1, "overloaded")}}, dataset(1)...)
		for i, want := range []string{"500", "completed"} {
			_, calls := w.placed(run)
			w.begin(calls[0])
			for range 12 {
				if got := w.say(calls[0], goodAnswer); got.status == 500 {
					if want != "500" || !strings.Contains(string(got.body), "overloaded") {
						t.Errorf("execution %d: %s", i, got.body)
					}
					break
				} else if w.inside(got)["chat_ended"].(bool) {
					break
				}
			}
			time.Sleep(time.Minute)
			if st := w.call(calls[0])["status"]; (st == "completed") != (want == "completed") {
				t.Errorf("execution %d: %v", i, st)
			}
		}
	})
}
