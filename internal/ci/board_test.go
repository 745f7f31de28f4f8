package ci_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/ci/job"
)

func TestABoardInALogHasALineForEachChangeAndAHeartbeatForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &clocked{started: time.Now()}
		b := ci.StartBoard(ci.NewLog(w, ci.LogOptions{Provider: job.GitHub}), []string{"voice", "chat"})
		voice, chat := b.Parts()[0], b.Parts()[1]
		steps := []struct {
			after time.Duration
			do    func()
		}{
			{2 * time.Second, func() { voice.Update(standing("running", 0, 0, 20)) }},
			{2 * time.Second, func() { chat.Update(standing("running", 1, 0, 10)) }},
			{2 * time.Second, func() { voice.Update(standing("running", 5, 0, 20)) }},    // not before 10 s
			{2 * time.Second, func() { voice.Update(standing("evaluating", 6, 1, 20)) }}, // nor a new status
			{time.Second, func() { chat.End("pass") }},
			{time.Second, func() { chat.Update(standing("completed", 10, 0, 10)) }}, // it has ended
			{100 * time.Second, func() { voice.End("fail") }},
		}
		for _, step := range steps {
			time.Sleep(step.after)
			step.do()
		}
		b.Stop()
		b.Stop()
		time.Sleep(time.Hour)
		voice.Update(standing("running", 1, 1, 1)) // too late
		want := strings.Join([]string{
			"2s voice: running: 0 of 20 calls done, 2s elapsed",
			"4s chat: running: 1 of 10 calls done, 4s elapsed",
			"12s voice: evaluating: 6 of 20 calls done, 1 failed, 12s elapsed, about 10s left",
			"1m12s 1 of 2 gates done, 1m12s: voice 6/20 (1 failed), chat pass",
		}, "\n") + "\n"
		if diff := cmp.Diff(want, w.written.String()); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	})
}

func TestABoardOnATerminalIsATableThatIsRedrawn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		log := ci.NewLog(&b, ci.LogOptions{Width: func() int { return 41 }})
		board := ci.StartBoard(log, []string{"voice", "chat"})
		time.Sleep(500 * time.Millisecond)
		board.Parts()[1].Update(standing("running", 3, 0, 20))
		log.Info("a line of the log")
		board.Parts()[0].End("pass")
		board.Stop()
		const erased = "\r\x1b[K\x1b[A\x1b[K\x1b[A\x1b[K"
		got := strings.Split(b.String(), erased)
		want := []string{
			"\r\x1b[K0 of 2 gates done, 0s\n  voice  preparing\n  chat   preparing",
			"0 of 2 gates done, 1s\n  voice  preparing\n  chat   running: 3 of 20 calls done, 1s",
			"a line of the log\n0 of 2 gates done, 1s\n  voice  preparing\n  chat   running: 3 of 20 calls done, 1s",
			"1 of 2 gates done, 1s\n  chat   running: 3 of 20 calls done, 1s\n  voice  pass",
			"",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("what is drawn (-want +got):\n%s", diff)
		}
	})
}

func TestABoardOfManyIsNotHigherThanATerminal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		names := strings.Fields("a b c d e f g h i j k l")
		board := ci.StartBoard(ci.NewLog(&b, ci.LogOptions{Width: func() int { return 80 }}), names)
		if drawn := b.String(); strings.Count(drawn, "\n") != 10 || !strings.HasSuffix(drawn, "\n  and 3 more") {
			t.Errorf("drawn is %q", drawn)
		}
		board.Stop()
	})
}

func TestLinesOfAPartBeginWithItsNameAndOpenNoSections(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	whole := ci.NewLog(&b, ci.LogOptions{Provider: job.GitHub})
	part := whole.Named("voice")
	part.Group("Start")
	part.Info("Test execution %s", "1")
	part.Warn("slow")
	part.Debug("not shown")
	part.EndGroup()
	whole.Info("all")
	if got, want := b.String(), "voice: Test execution 1\nwarning: voice: slow\nall\n"; got != want {
		t.Errorf("log %q, want %q", got, want)
	}
}
