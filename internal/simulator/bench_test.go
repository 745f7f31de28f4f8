package simulator_test

import (
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		simulator.New(simulator.Options{})
	}
}

// benchmark reads one URL of a finished execution.
func benchmark(b *testing.B, calls int, dialect simulator.Dialect, query string) {
	s := simulator.New(simulator.Options{Dialect: dialect, Scenarios: []story.Scenario{{Name: "Billing dispute", Rows: calls}}})
	id := s.AddExecution(s.AddRunTest("x"), 1000*time.Hour)
	client := s.Client()
	for b.Loop() {
		w := fetch(b, client, executionPath(id)+query)
		b.SetBytes(int64(w))
	}
}

func BenchmarkPoll20(b *testing.B)           { benchmark(b, 20, simulator.Deployed, "?limit=1") }
func BenchmarkPoll5000(b *testing.B)         { benchmark(b, 5000, simulator.Deployed, "?limit=1") }
func BenchmarkPage100(b *testing.B)          { benchmark(b, 5000, simulator.Deployed, "?limit=100&page=7") }
func BenchmarkPageDocumented20(b *testing.B) { benchmark(b, 20, simulator.Documented, "") }

func BenchmarkExecute5000(b *testing.B) {
	s := simulator.New(simulator.Options{Scenarios: []story.Scenario{{Name: "Billing dispute", Rows: 5000}}})
	run := s.AddRunTest("x")
	for b.Loop() {
		s.AddExecution(run, 0)
	}
}
