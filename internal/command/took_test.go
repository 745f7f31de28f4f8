package command

import (
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/report/jsonreport"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Judging a saved suite again takes no time worth telling: the reports say how long the suite took.
func TestASuiteThatIsJudgedAgainTookAsLongAsItDid(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	took := verdict.Timing{StartedAt: start, FinishedAt: start.Add(4 * time.Second)}
	s := &session{started: start.Add(time.Hour)}
	s.recall(&jsonreport.SavedSuite{Timing: took})
	if got := s.whole(nil, verdict.Verdict{}, 0).Timing; got != took {
		t.Errorf("got %+v, want %+v", got, took)
	}
}
