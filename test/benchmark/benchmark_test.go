//go:build linux

// Package benchmark measures the product as a process, beside what users would take
// instead, and prints the tables of docs/benchmarks.md:
//
//	go test -count=1 -v -run Tables ./test/benchmark -tables
//
// The simulated server is a process of its own, which makes the pages as they are asked
// for, so that neither its memory nor its work counts.
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

// criteria are the ones that the judging is measured with.
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
	sizes(t, base)
	starts(t)
}

// readers prints how the readers compare.
func readers(t *testing.T, base string, shape pages.Shape) {
	t.Helper()
	const calls = 10_000
	bytes := float64(calls * len(pages.New(shape, calls).Call(nil, calls/2)))
	base = fmt.Sprintf("%s/%s/%d", base, shape, calls)
	fmt.Printf("\n%d calls, %s shape, %.0f MB of JSON\n\n", calls, shape, bytes/1e6)
	fmt.Println("| reader | time | MB/s | CPU time | beside the copy | peak memory |")
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

// sizes prints how the memory depends on the number of calls.
func sizes(t *testing.T, base string) {
	t.Helper()
	fmt.Println("\n| calls | JSON | reading | CPU time | peak memory | and judging: CPU time | peak memory |")
	fmt.Println("|---:|---:|---:|---:|---:|---:|---:|")
	for _, calls := range []int{1000, 10_000, 100_000} {
		bytes := float64(calls * len(pages.New(pages.Deployed, calls).Call(nil, calls/2)))
		at := fmt.Sprintf("%s/%s/%d", base, pages.Deployed, calls)
		read := best(t, func() *exec.Cmd { return self(t, "collect", at) })
		judged := best(t, func() *exec.Cmd { return self(t, "judge", at) })
		fmt.Printf("| %d | %.0f MB | %.2f s | %.2f s | %.0f MB | %.2f s | %.0f MB |\n", calls, bytes/1e6, read.wall.Seconds(), read.cpu.Seconds(), float64(read.peak)/1e6,
			judged.cpu.Seconds(), float64(judged.peak)/1e6)
	}
}

// script is a script of this folder that reads the pages.
func script(program, file, base string) *exec.Cmd {
	cmd := exec.Command(program, file)
	cmd.Env = append(os.Environ(), "BASE_URL="+base)
	return cmd
}

// best is the fastest of three runs, with the largest memory of them.
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

// build builds the program as it is released and returns where it is.
func build(t *testing.T) string {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "agent-gate")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid=", "-o", exe, ".")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return exe
}

// quantile is the q-quantile of times in milliseconds.
func quantile(times []time.Duration, q float64) float64 {
	slices.Sort(times)
	return float64(times[int(q*float64(len(times)-1))].Microseconds()) / 1000
}
