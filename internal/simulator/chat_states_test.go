package simulator_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// The tables of chat.md 4.3, 5, 6 and 8: what a step makes of the calls and the execution,
// at once and two minutes later.
func TestWhatEndsWhere(t *testing.T) {
	t.Parallel()
	type at struct {
		w     world
		id    uuid.UUID
		calls []string
	}
	result := func(a at, call int, status string) {
		a.w.inside(a.w.patch(runner+"call-executions/"+a.calls[call]+"/result/", `{"status":"`+status+`","ended_reason":"agent: no answer"}`))
	}
	patch := func(a at, call int, status string) {
		a.w.patch(callPath(a.calls[call]), `{"status":"`+status+`","ended_reason":"ours"}`).decode(a.w.t, 200)
	}
	cancel := func(a at) { a.w.post(executionPath(a.id)+"cancel/", "").decode(a.w.t, 200) }
	for _, c := range []struct {
		name        string
		rows        int
		starved     bool
		do          func(at)
		now, later  string
		reasonOfOne any // ended_reason of the first call in the end, where given
	}{
		{"rows only", 2, false, func(at) {}, "pending: pending pending", "pending: pending pending", nil},
		{"begin", 2, false, func(a at) { a.w.begin(a.calls[0]) }, "running: ongoing pending", "running: ongoing pending", nil},
		{
			"the customer ends one of two", 2, false, func(a at) { a.w.talk(a.calls[0], goodAnswer) },
			"running: analyzing pending", "running: completed pending", "Customer is satisfied",
		},
		{
			"the customer ends all", 2, false, func(a at) { a.w.talk(a.calls[0], goodAnswer); a.w.talk(a.calls[1], badAnswer) },
			"running: completed analyzing", "completed: completed completed", nil,
		},
		{
			"a turn before the begin", 2, false, func(a at) { a.w.begin(a.calls[1]); a.w.say(a.calls[0], "x") },
			"running: failed ongoing", "running: failed ongoing", "Call execution is not ongoing",
		},
		{
			"all failed by patch", 2, false, func(a at) { a.w.begin(a.calls[0]); patch(a, 0, "failed"); patch(a, 1, "failed") },
			"running: failed failed", "failed: failed failed", "Error processing simulation",
		},
		{
			"all failed by patch, starved", 2, true, func(a at) { a.w.begin(a.calls[0]); patch(a, 0, "failed"); patch(a, 1, "failed") },
			"running: failed failed", "running: failed failed", nil,
		},
		{
			"all cancelled by patch", 1, false, func(a at) { a.w.begin(a.calls[0]); patch(a, 0, "cancelled") },
			"running: cancelled", "completed: cancelled", "ours",
		},
		{
			"completed by patch hangs", 1, false, func(a at) { a.w.begin(a.calls[0]); patch(a, 0, "completed") },
			"running: completed", "running: completed", "ours",
		},
		{
			"failed by result ends at once", 1, true, func(a at) { a.w.begin(a.calls[0]); result(a, 0, "failed") },
			"failed: failed", "failed: failed", "agent: no answer",
		},
		{
			"completed by result", 1, true, func(a at) { a.w.begin(a.calls[0]); result(a, 0, "completed") },
			"evaluating: completed", "completed: completed", "agent: no answer",
		},
		{
			"result of a call that was never begun", 2, false, func(a at) { a.w.talk(a.calls[1], goodAnswer); time.Sleep(time.Minute); result(a, 0, "failed") },
			"completed: failed completed", "completed: failed completed", nil,
		},
		{
			"the last open call fails after the others", 2, false, func(a at) { a.w.talk(a.calls[0], goodAnswer); time.Sleep(20 * time.Second); patch(a, 1, "failed") },
			"running: completed failed", "completed: completed failed", nil,
		},
		{
			"a turn to a completed call", 1, false, func(a at) { a.w.talk(a.calls[0], goodAnswer); time.Sleep(5 * time.Second); a.w.say(a.calls[0], "x") },
			"evaluating: failed", "failed: failed", "Call execution is not ongoing",
		},
		{
			"a turn to an analyzing call", 1, false, func(a at) { a.w.talk(a.calls[0], goodAnswer); a.w.say(a.calls[0], "x") },
			"running: failed", "completed: completed", "Call execution is not ongoing",
		},
		{
			"cancel", 3, false, func(a at) {
				a.w.begin(a.calls[0])
				a.w.talk(a.calls[1], goodAnswer)
				time.Sleep(time.Minute)
				cancel(a)
			},
			"cancelled: cancelled completed cancelled", "cancelled: cancelled completed cancelled", "Cancelled by user",
		},
		{
			"cancel while one is analyzing", 2, false, func(a at) { a.w.talk(a.calls[0], goodAnswer); cancel(a) },
			"cancelled: analyzing cancelled", "completed: completed cancelled", "Customer is satisfied",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, run := chats(t, simulator.Options{Chats: simulator.Chats{Starved: c.starved}}, story.Scenario{Name: "Question", Rows: c.rows})
				a := at{w: w}
				a.id, a.calls = w.placed(run)
				c.do(a)
				if got := w.after(0, a.id); got != c.now {
					t.Errorf("at once: %q, want %q", got, c.now)
				}
				if got := w.after(2*time.Minute, a.id); got != c.later {
					t.Errorf("later: %q, want %q", got, c.later)
				}
				if got := w.call(a.calls[0])["ended_reason"]; c.reasonOfOne != nil && got != c.reasonOfOne {
					t.Errorf("the reason is %v, want %v", got, c.reasonOfOne)
				}
			})
		})
	}
}

func TestRowsMadeLateFindTheExecutionCompleted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, run := chats(t, simulator.Options{}, plain(10)...)
		id := w.startChats(run)
		first := w.inside(w.post(batchPath(id), `{}`))["call_execution_ids"].([]any)
		for _, call := range first {
			w.talk(call.(string), goodAnswer)
		}
		time.Sleep(20 * time.Second)
		late := w.place(id)
		sameWords(t, "../chat/begin-400-late-row", w.begin(late[0]), 400)
	})
}

func TestARowDiesThirtyMinutesAfterItWasMade(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		lifetime time.Duration
		alive    time.Duration
		dead     time.Duration
	}{
		{"the server's clock", 0, 29 * time.Minute, 76 * time.Minute},
		{"a short one", time.Minute, 59 * time.Second, 150 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, run := chats(t, simulator.Options{Chats: simulator.Chats{Lifetime: c.lifetime}}, dataset(2)...)
				id, calls := w.placed(run)
				w.begin(calls[0])
				if got := w.after(c.alive, id); got != "running: ongoing pending" {
					t.Errorf("then: %q", got)
				}
				if got := w.after(c.dead-c.alive, id); got != "failed: failed failed" && got != "running: failed failed" {
					t.Errorf("later: %q", got)
				}
				if r := w.call(calls[0])["ended_reason"]; r != nil {
					t.Errorf("the reason is %v", r)
				}
			})
		})
	}
}

func TestTheJobHasTenPlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, run := chats(t, simulator.Options{}, dataset(1)...)
		var stuck []uuid.UUID
		for range 11 {
			id, calls := w.placed(run)
			w.begin(calls[0])
			stuck = append(stuck, id)
		}
		last := w.startChats(run)
		if got := w.after(3*time.Minute, last); got != "pending:" {
			t.Errorf("behind eleven others it is %q", got)
		}
		for _, id := range stuck[:2] {
			w.post(executionPath(id)+"cancel/", "")
		}
		if got := w.after(time.Minute, last); got != "completed:" {
			t.Errorf("with a place it is %q", got)
		}
	})
}

func TestRerunsOfChats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, run := chats(t, simulator.Options{}, dataset(2)...)
		id, calls := w.placed(run)
		w.begin(calls[0])
		w.say(calls[0], goodAnswer)
		time.Sleep(5 * time.Second)
		w.patch(callPath(calls[0]), `{"status":"completed","ended_reason":"max turns"}`)
		w.patch(callPath(calls[1]), `{"status":"failed"}`)
		w.after(2*time.Minute, id)
		path := executionPath(id) + "rerun-calls/"
		sameWords(t, "../chat/rerun-400-call-and-eval", w.post(path, encode(t, map[string]any{"rerun_type": "call_and_eval", "call_execution_ids": calls})), 400)
		sameKeys(t, "../chat/rerun-200-eval-only-of-failed", w.post(path, encode(t, map[string]any{"rerun_type": "eval_only", "call_execution_ids": calls})), 200)
		if got := w.after(time.Minute, id); got != "completed: completed completed" {
			t.Errorf("after the rerun: %q", got)
		}
		sameKeys(t, "../chat/call-patched-completed-after-rerun", w.get(callPath(calls[0])), 200)
		for i, want := range []any{"Passed", nil} {
			for _, e := range w.call(calls[i])["eval_outputs"].(map[string]any) {
				if got := e.(map[string]any)["value"]; got != want {
					t.Errorf("call %d: got %v, want %v", i, got, want)
				}
			}
		}
		if s := w.call(calls[0])["overall_score"]; s != nil {
			t.Errorf("the score is %v", s)
		}
	})
}
