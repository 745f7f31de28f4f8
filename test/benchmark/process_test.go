//go:build linux

package benchmark

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/command"
	"github.com/agent-gate/agent-gate/test/benchmark/pages"
)

// role is the variable that turns this test program into one of the measured processes,
// so that each has its own memory.
const role = "AGENT_GATE_BENCHMARK_ROLE"

func TestMain(m *testing.M) {
	if r := os.Getenv(role); r != "" {
		if err := play(r, os.Getenv("BASE_URL")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// play is the process r.
func play(r, base string) error {
	switch r {
	case "serve":
		return serve()
	case "serve-text":
		return serveText()
	case "answer":
		return answers()
	case "talk":
		return talks()
	case "collect":
		debug.SetGCPercent(command.GCPercent)
		_, err := collect(base)
		return err
	case "copy":
		return eachPage(base, 3, func(r io.Reader) error {
			_, err := io.Copy(io.Discard, r)
			return err
		})
	case "structs":
		var mu sync.Mutex
		var all []row
		return eachPage(base, 3, func(r io.Reader) error {
			body, err := io.ReadAll(r)
			if err != nil {
				return err
			}
			var p struct{ Results, Calls []row }
			err = json.Unmarshal(body, &p)
			mu.Lock()
			defer mu.Unlock()
			all = append(append(all, p.Results...), p.Calls...)
			return err
		})
	}
	return errors.New("no such role: " + r)
}

// row is a call with the large things in it, as a program has it that keeps all.
type row struct {
	ID              string          `json:"id"`
	Status          string          `json:"status"`
	Duration        *float64        `json:"duration"`
	Timestamp       *time.Time      `json:"timestamp"`
	Transcript      []any           `json:"transcript"`
	Scenario        string          `json:"scenario"`
	OverallScore    *float64        `json:"overall_score"`
	EvalOutputs     map[string]eval `json:"eval_outputs"`
	EvalMetrics     map[string]eval `json:"eval_metrics"`
	ScenarioColumns map[string]any  `json:"scenario_columns"`
	CallSummary     string          `json:"call_summary"`
	ScenarioGraph   map[string]any  `json:"scenario_graph"`
}

// eval is an eval of a row.
type eval struct {
	Value   any    `json:"value"`
	Reason  string `json:"reason"`
	Type    string `json:"type"`
	Name    string `json:"name"`
	Error   bool   `json:"error"`
	Status  string `json:"status"`
	Skipped bool   `json:"skipped"`
}

// collect reads the execution as the product does.
func collect(base string) (calls.Execution, error) {
	u, err := url.Parse(base)
	if err != nil {
		return calls.Execution{}, err
	}
	c, err := client.New(client.Options{BaseURL: u, APIKey: "0123456789abcdef0123456789abcdef", SecretKey: "fedcba9876543210fedcba9876543210"})
	if err != nil {
		return calls.Execution{}, err
	}
	return c.Collect(context.Background(), uuid.MustParse(pages.Execution))
}

// eachPage reads the pages, so many at a time.
func eachPage(base string, inFlight int, read func(io.Reader) error) error {
	calls, _, err := parts(strings.TrimPrefix(base[strings.Index(base, "//")+2:], "/"))
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, inFlight)
	failed := make(chan error, 1)
	for n := 1; (n-1)*100 < calls; n++ {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			resp, err := http.Get(fmt.Sprintf("%s/simulate/test-executions/%s/?limit=100&page=%d", base, pages.Execution, n))
			if err == nil {
				err = read(resp.Body)
				resp.Body.Close()
			}
			if err != nil {
				select {
				case failed <- err:
				default:
				}
			}
		})
	}
	wg.Wait()
	close(failed)
	return <-failed
}

// parts are the number of calls and the shape in a path like host/deployed/1000/x.
func parts(path string) (int, pages.Shape, error) {
	p := strings.Split(path, "/")
	if len(p) < 3 {
		return 0, "", errors.New("no number of calls in the path")
	}
	n, err := strconv.Atoi(p[2])
	return n, pages.Shape(p[1]), err
}

// serve serves executions of any size below /SHAPE/CALLS. It makes the pages as they are asked
// for.
func serve() error {
	return listen(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls, shape, err := parts(r.URL.Path)
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = pages.New(shape, calls).Write(w, max(page, 1), max(limit, 1)) // the client may go away
	}))
}

// server starts a serve process and returns its address.
func server(t *testing.T) string {
	t.Helper()
	return started(t, "serve")
}

// started starts a process that serves, and returns its address.
func started(t *testing.T, r string, environ ...string) string {
	t.Helper()
	cmd := self(t, r, "")
	cmd.Env = append(cmd.Env, environ...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// self is this program as a process with a role.
func self(t *testing.T, r, base string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), role+"="+r, "BASE_URL="+base)
	return cmd
}

// measured is what a process took.
type measured struct {
	wall, cpu time.Duration
	peak      int64 // resident memory in bytes
}

// measure runs a process to its end.
func measure(t *testing.T, cmd *exec.Cmd) measured {
	t.Helper()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	began := time.Now()
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, said.Bytes())
	}
	state := cmd.ProcessState
	return measured{wall: time.Since(began), cpu: state.UserTime() + state.SystemTime(), peak: peakMemory(state)}
}

// machine describes the machine.
func machine() string {
	model := "unknown processor"
	info, _ := os.ReadFile("/proc/cpuinfo") // only Linux has it
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	return fmt.Sprintf("%s, %d cores, %s, %s/%s", model, runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
