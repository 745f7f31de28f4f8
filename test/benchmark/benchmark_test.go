//go:build linux

// Package benchmark measures the product as a process, next to what users would use
// instead, and prints the tables of docs/benchmarks.md:
//
//	go test -count=1 -v -run Tables ./test/benchmark -tables
//
// The simulated server is a separate process that generates pages on demand, so that
// neither its memory nor its CPU time counts.
package benchmark

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/test/benchmark/pages"
)

var tables = flag.Bool("tables", false, "measure, and print the tables of docs/benchmarks.md")

// criteria are the criteria used to measure judging.
const criteria = `success_rate >= 95
overall_score >= 4
overall_score.p10 >= 0.5
each scenario: success_rate >= 80
each scenario: overall_score >= 3
eval "eval_0": pass_rate >= 70
eval "eval_1": score >= 20
eval "eval_2": share "Polite" >= 90
each eval: result_rate >= 95
failed_calls <= 2
duration.p95 <= 180 s`

// peakMemory is the largest resident set of a process that has ended, in bytes.
func peakMemory(state *os.ProcessState) int64 {
	return state.SysUsage().(*syscall.Rusage).Maxrss << 10
}

//nolint:paralleltest // it measures
func TestTables(t *testing.T) {
	if !*tables {
		t.Skip("measures only with -tables")
	}
	fmt.Printf("%s\n", machine())
	base := server(t)
	for _, shape := range []pages.Shape{pages.Deployed, pages.Documented} {
		readers(t, base, shape)
	}
	exe := build(t)
	sizes(t, base, exe)
	starts(t, exe)
}

var memory = flag.Bool("memory", false, "bound the memory of a run of 100,000 calls")

// TestMemory bounds the memory of a whole run, from the first request to the last report, with calls
// that the server places and with conversations that the program holds. The result hardly
// depends on the machine. The test takes a few seconds.
//
//nolint:paralleltest // it measures
func TestMemory(t *testing.T) {
	if !*memory {
		t.Skip("measures only with -memory")
	}
	base, exe := server(t), build(t)
	for _, c := range []struct {
		calls int
		shape pages.Shape
		most  int64 // bytes
	}{
		{1000, pages.Deployed, 28e6},
		{10_000, pages.Deployed, 40e6},
		{10_000, pages.Documented, 40e6},
		{100_000, pages.Deployed, 72e6},
	} {
		m := measure(t, program(t, exe, fmt.Sprintf("%s/%s/%d", base, c.shape, c.calls)))
		t.Logf("%d calls, %s shape: %.0f MB", c.calls, c.shape, float64(m.peak)/1e6)
		if m.peak > c.most {
			t.Errorf("%d calls, %s shape: %.0f MB, want at most %.0f", c.calls, c.shape, float64(m.peak)/1e6, float64(c.most)/1e6)
		}
	}
	c := conversation{lanes: 25, conversations: 100, server: time.Millisecond, agent: time.Millisecond}
	for _, who := range talkers(t, c)[:2] {
		peak := c.hold(t, who).peak
		t.Logf("%s, %d conversations: %.0f MB", who.name, c.conversations, float64(peak)/1e6)
		if peak > talksMemory {
			t.Errorf("%s, %d conversations: %.0f MB, want at most %.0f", who.name, c.conversations, float64(peak)/1e6, talksMemory/1e6)
		}
	}
}

// readers compares the ways to read an execution.
func readers(t *testing.T, base string, shape pages.Shape) {
	t.Helper()
	const calls = 10_000
	bytes := float64(calls * len(pages.New(shape, calls).Call(nil, calls/2)))
	base = fmt.Sprintf("%s/%s/%d", base, shape, calls)
	fmt.Printf("\n%d calls, %s shape, %.0f MB of JSON\n\n", calls, shape, bytes/1e6)
	fmt.Println("| reader | time | MB/s | CPU time | relative to the copy | peak memory |")
	fmt.Println("|---|---:|---:|---:|---:|---:|")
	var copied time.Duration
	for _, r := range []struct {
		name string
		cmd  func() *exec.Cmd
	}{
		{"`io.Copy` of the pages, 3 at a time", func() *exec.Cmd { return self(t, "copy", base) }},
		{"agent-gate", func() *exec.Cmd { return self(t, "collect", base) }},
		{"`encoding/json` into full structs, 3 at a time", func() *exec.Cmd { return self(t, "structs", base) }},
		{"Python script", func() *exec.Cmd { return script("python3", "script.py", base) }},
		{"Node script", func() *exec.Cmd { return script("node", "script.mjs", base) }},
	} {
		if _, err := exec.LookPath(r.cmd().Path); err != nil {
			continue
		}
		m := best(t, r.cmd)
		if copied == 0 {
			copied = m.wall
		}
		fmt.Printf("| %s | %.2f s | %.0f | %.2f s | %.1f × | %.0f MB |\n", r.name, m.wall.Seconds(), bytes/1e6/m.wall.Seconds(), m.cpu.Seconds(),
			m.wall.Seconds()/copied.Seconds(), float64(m.peak)/1e6)
	}
}

// sizes prints how memory depends on the number of calls.
func sizes(t *testing.T, base, exe string) {
	t.Helper()
	fmt.Println("\n| calls | JSON | reading | CPU time | peak memory | the whole run | CPU time | peak memory |")
	fmt.Println("|---:|---:|---:|---:|---:|---:|---:|---:|")
	for _, calls := range []int{1000, 10_000, 100_000} {
		bytes := float64(calls * len(pages.New(pages.Deployed, calls).Call(nil, calls/2)))
		at := fmt.Sprintf("%s/%s/%d", base, pages.Deployed, calls)
		read := best(t, func() *exec.Cmd { return self(t, "collect", at) })
		whole := best(t, func() *exec.Cmd { return program(t, exe, at) })
		fmt.Printf("| %d | %.0f MB | %.2f s | %.2f s | %.0f MB | %.2f s | %.2f s | %.0f MB |\n", calls, bytes/1e6, read.wall.Seconds(), read.cpu.Seconds(), float64(read.peak)/1e6,
			whole.wall.Seconds(), whole.cpu.Seconds(), float64(whole.peak)/1e6)
	}
}

// program runs the program, which judges the execution and writes all reports.
func program(t *testing.T, exe, base string) *exec.Cmd {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command(exe, "run", "--json-report", "report.json", "--junit-report", "junit.xml", "--html-report", "report.html",
		"--metrics-report", "metrics.txt", "--summary-file", "summary.md")
	cmd.Dir = dir
	cmd.Env = []string{
		"AGENT_GATE_BASE_URL=" + base, "AGENT_GATE_API_KEY=0123456789abcdef0123456789abcdef", "AGENT_GATE_SECRET_KEY=fedcba9876543210fedcba9876543210",
		"AGENT_GATE_TEST_EXECUTION_ID=" + pages.Execution, "AGENT_GATE_CRITERIA=" + criteria, "AGENT_GATE_STATE_FILE=" + filepath.Join(dir, "state.json"),
	}
	return cmd
}

// script runs a script of this folder that reads the pages.
func script(program, file, base string) *exec.Cmd {
	cmd := exec.Command(program, file)
	cmd.Env = append(os.Environ(), "BASE_URL="+base)
	return cmd
}

// best returns the fastest of three runs, with the largest memory of them.
func best(t *testing.T, cmd func() *exec.Cmd) measured {
	t.Helper()
	var runs []measured
	for range 3 {
		runs = append(runs, measure(t, cmd()))
	}
	peak := slices.MaxFunc(runs, func(a, b measured) int { return int(a.peak - b.peak) }).peak
	m := slices.MinFunc(runs, func(a, b measured) int { return int(a.wall - b.wall) })
	m.peak = peak
	return m
}

// build builds the program as it is released and returns its path.
func build(t *testing.T) string {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "agent-gate")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-gcflags=github.com/agent-gate/agent-gate/...=-l", "-ldflags", "-s -w -buildid=", "-o", exe, ".")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return exe
}

// quantile returns the q-quantile of durations, in milliseconds.
func quantile(times []time.Duration, q float64) float64 {
	slices.Sort(times)
	return float64(times[int(q*float64(len(times)-1))].Microseconds()) / 1000
}
