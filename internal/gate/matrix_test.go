package gate_test

import (
	"flag"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

var everyCell = flag.Bool("every-cell", false, "fill in the whole matrix of faults")

// TestMatrixOfFaults lets every request of a run go wrong in every way, once and several
// times in a row, in both dialects. It takes some cells of each row and each column, and with -every-cell all:
//
//	go test ./internal/gate -run TestMatrixOfFaults -v -every-cell
//
// shows what came of them.
func TestMatrixOfFaults(t *testing.T) {
	t.Parallel()
	slice := gate.MatrixSlice
	if *everyCell {
		slice = 1
	}
	var table matrixTable
	t.Run("cells", func(t *testing.T) {
		for row, s := range stages() {
			for _, dialect := range []simulator.Dialect{simulator.Documented, simulator.Deployed} {
				if s.only != "" && s.only != dialect {
					continue
				}
				t.Run(s.name+"/"+string(dialect), func(t *testing.T) {
					t.Parallel()
					for column, x := range troubles() {
						for i, n := range inARow {
							if x.posts && !s.post || (row+column+i)%slice != 0 {
								continue
							}
							table.add(s, n, x, cell(t, s, x, n, dialect))
						}
					}
				})
			}
		}
	})
	t.Log("\n" + table.String())
}

// cell runs one cell and returns what came of it.
func cell(t *testing.T, s stage, x trouble, n int, dialect simulator.Dialect) (came outcome) {
	t.Helper()
	var w *world
	struck := 0
	plan := s.plan
	if plan.Default.Talk == 0 {
		plan.Default = story.Succeeds(9).Lasting(20 * time.Second) // few polls
	}
	options := simulator.Options{
		Dialect:   dialect,
		Scenarios: []story.Scenario{{Name: "one", Rows: 2}},
		Evals:     append([]story.Eval{}, s.evals...),
		Plan:      plan,
		OnRequest: func(to api.Endpoint, r *http.Request) {
			if struck < n && w != nil && s.hits(w, to, r) {
				struck++
				fault := x.fault
				fault.Endpoint = to
				w.server.Inject(fault)
			}
		},
	}
	inWorld(t, options, func(inner *world) {
		w = inner
		failed := func(format string, args ...any) {
			t.Helper()
			t.Errorf("%s × %d of %q, %s: %s", s.name, n, x.name, dialect, fmt.Sprintf(format, args...))
		}
		w.api = w.newClient(matrixMaxBody)
		w.gate.API = w.api
		w.gate.Timeout = 2 * time.Hour
		w.gate.Config.Waiting.PollMinInterval = 30 * time.Second
		w.gate.Config.Rules.Criteria = []criteria.Criterion{criteria.MinSuccessRate(100)}
		if s.prepare != nil {
			s.prepare(w)
		}
		if s.plan.Stuck != "" {
			w.gate.Timeout = 10 * time.Minute
		}
		began := time.Now()
		var got gate.Result
		if s.signal > 0 {
			got = w.runStoppedAfter(s.signal, gate.ErrInterrupted)
			if took := time.Since(began) - s.signal; took > 5*time.Second {
				failed("stopping took %s", took)
			}
		} else {
			got = w.run()
		}
		if struck == 0 {
			failed("no request went wrong")
		}
		came = outcome{kind: got.Verdict.Kind, cause: got.Verdict.Cause, started: w.startedHere()}
		want := s.want(x, n)
		if came.kind != want.kind || came.cause != want.cause || came.started != want.started {
			failed("got %s %s with %d executions (%s), want %s %s with %d", came.kind, came.cause, came.started, got.Verdict.Reason, want.kind, want.cause, want.started)
		}
		for _, wrong := range w.wrongs(got) {
			failed("%s", wrong)
		}
		time.Sleep(2 * time.Minute)
		switch running := w.server.Running(); {
		case running == 0 && want.left != "":
			failed("nothing is left running, although %s", want.left)
		case running > 0 && want.left == "":
			failed("%d executions are still running (%s)", running, got.Verdict.Reason)
		case running > 0:
			came.left = want.left
			for range 6 { // as long as the server still refuses
				w.gate.API = w.newClient(matrixMaxBody)
				w.gate.Cleanup(w.t.Context(), w.records[len(w.records)-1])
			}
			time.Sleep(time.Minute)
			if w.server.Running() > 0 {
				failed("cleanup left it running too: %s", want.left)
			}
		}
	})
	return came
}

// newClient is a client that is new to the server.
func (w *world) newClient(maxBody int64) *client.Client {
	w.t.Helper()
	c, err := client.New(client.Options{
		BaseURL: w.gate.Config.API.BaseURL, APIKey: "test-api-key", SecretKey: "test-secret-key", UserAgent: "test",
		Transport: w.server.Transport(), MaxBody: maxBody,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// startedHere is how many executions were started by execute.
func (w *world) startedHere() int {
	n := 0
	for _, e := range w.server.Ledger().Started {
		if !e.Aside {
			n++
		}
	}
	return n
}

// wrongs lists what must never be, whatever goes wrong on the way.
func (w *world) wrongs(got gate.Result) []string {
	var wrongs []string
	wrong := func(format string, args ...any) { wrongs = append(wrongs, fmt.Sprintf(format, args...)) }
	ledger := w.server.Ledger()
	foreign := map[uuid.UUID]bool{}
	for _, e := range ledger.Started {
		foreign[e.ID] = e.Aside
	}
	if n := w.startedHere(); n > 1 {
		wrong("%d executions were started", n)
	}
	if n := w.server.DuplicateReruns(); n > 0 {
		wrong("%d calls were rerun twice", n)
	}
	if n := len(ledger.EvalRuns); n > 1 {
		wrong("new evals were run %d times", n)
	}
	for _, c := range ledger.Cancels {
		if c.Was == story.StatusCompleted || c.Was == story.StatusFailed {
			wrong("a cancel was sent for an execution that was %s", c.Was)
		}
		if foreign[c.ExecutionID] {
			wrong("a cancel was sent for an execution of somebody else")
		}
	}
	if len(ledger.Leaks) > 0 || len(ledger.Hosts) > 1 {
		wrong("keys in wrong places: %+v, hosts %v", ledger.Leaks, ledger.Hosts)
	}
	reason := got.Verdict.Reason.Line()
	if reason == "" || strings.Contains(reason, "context canceled") || strings.Contains(reason, "deadline exceeded") {
		wrong("the reason %q is not clear", reason)
	}
	return wrongs
}

// matrixTable collects the cells.
type matrixTable struct {
	mu    sync.Mutex
	cells map[string]map[string]string // row, column: letters, one for each dialect
	count map[string]int
	left  map[string]int
}

// add puts a cell into the table.
func (m *matrixTable) add(s stage, n int, x trouble, came outcome) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cells == nil {
		m.cells, m.count, m.left = map[string]map[string]string{}, map[string]int{}, map[string]int{}
	}
	letter := map[verdict.Kind]string{verdict.Pass: "P", verdict.Fail: "F"}[came.kind]
	switch {
	case letter != "":
	case came.left != "":
		letter = "L"
		m.left[s.name+": "+came.left]++
	case came.started == 0:
		letter = "N"
	default:
		letter = "C"
	}
	row := fmt.Sprintf("%s ×%d", s.name, n)
	if m.cells[row] == nil {
		m.cells[row] = map[string]string{}
	}
	if had := m.cells[row][x.name]; !strings.Contains(had, letter) {
		m.cells[row][x.name] = had + letter
	}
	m.count[letter]++
	m.count["cells"]++
}

// String renders the table.
func (m *matrixTable) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-38s", "")
	for i := range troubles() {
		fmt.Fprintf(&b, "%3d", i+1)
	}
	b.WriteByte('\n')
	for _, s := range stages() {
		for _, n := range inARow {
			row := fmt.Sprintf("%s ×%d", s.name, n)
			fmt.Fprintf(&b, "%-38s", row)
			for _, x := range troubles() {
				fmt.Fprintf(&b, "%3s", m.cells[row][x.name])
			}
			b.WriteByte('\n')
		}
	}
	for i, x := range troubles() {
		fmt.Fprintf(&b, "%d %s, ", i+1, x.name)
	}
	fmt.Fprintf(&b, "\n%d cells: P %d passed with one execution; F %d failed, judged without the rerun; N %d errors, nothing was started; "+
		"C %d errors, what was started has ended or is cancelled; L %d errors, left running until cleanup:\n",
		m.count["cells"], m.count["P"], m.count["F"], m.count["N"], m.count["C"], m.count["L"])
	for _, why := range slices.Sorted(maps.Keys(m.left)) {
		fmt.Fprintf(&b, "  %d × %s\n", m.left[why], why)
	}
	return b.String()
}
