//go:build linux

package benchmark

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// starts prints how long the program takes to start.
func starts(t *testing.T, exe string) {
	t.Helper()
	const runs = 200
	arrived := make(chan time.Time, 100)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- time.Now()
		http.Error(w, `{"detail":"no"}`, http.StatusUnauthorized)
	}))
	defer api.Close()
	var nothing, version, request []time.Duration
	for range runs {
		nothing = append(nothing, timed(t, exec.Command("/bin/true")))
		version = append(version, timed(t, exec.Command(exe, "version")))
		cmd := exec.Command(exe, "run")
		cmd.Env = []string{
			"AGENT_GATE_BASE_URL=" + api.URL, "AGENT_GATE_API_KEY=key-4711-abcdef", "AGENT_GATE_SECRET_KEY=secret-0815-xyz",
			"AGENT_GATE_RUN_TEST_ID=a758ede8-419d-4f12-9270-be81e46f4896", "AGENT_GATE_MIN_SUCCESS_RATE=90", "AGENT_GATE_STATE_FILE=" + filepath.Join(t.TempDir(), "state.json"),
		}
		began := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		select {
		case at := <-arrived:
			request = append(request, at.Sub(began))
		case <-time.After(10 * time.Second):
			t.Fatal("no request came")
		}
		_ = cmd.Wait() // it fails: the keys are invalid
		for len(arrived) > 0 {
			<-arrived
		}
	}
	fmt.Printf("\n| from the start of the process, %d runs | median | 95th percentile |\n|---|---:|---:|\n", runs)
	for _, row := range []struct {
		name  string
		times []time.Duration
	}{{"`true`, started and ended", nothing}, {"`agent-gate version`, started and ended", version}, {"`agent-gate run`, to its first request", request}} {
		fmt.Printf("| %s | %.1f ms | %.1f ms |\n", row.name, quantile(row.times, 0.5), quantile(row.times, 0.95))
	}
}

// timed returns how long a process runs.
func timed(t *testing.T, cmd *exec.Cmd) time.Duration {
	t.Helper()
	began := time.Now()
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v", cmd, err)
	}
	return time.Since(began)
}
