package jsonreport

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/report/reporttest"
)

// repeated reads a text over and over, up to n bytes.
func repeated(s string, n int64) io.Reader {
	return io.LimitReader(&again{s: s}, n/int64(len(s))*int64(len(s)))
}

type again struct {
	s  string
	at int
}

func (a *again) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		c := copy(p[n:], a.s[a.at:])
		n, a.at = n+c, (a.at+c)%len(a.s)
	}
	return n, nil
}

// TestHostileReportsTakeLittleMemory reads reports of the maximum size that would take several
// times as much memory.
//
//nolint:paralleltest // other tests would be counted too
func TestHostileReportsTakeLittleMemory(t *testing.T) {
	const size = 48 << 20
	head := `{"schema":"` + schemaID + `","verdict":"pass",`
	for _, c := range []struct {
		name, before, middle, want string
		size                       int64 // in bytes; 0 for the maximum
	}{
		{"one text", head + `"reason":"`, "a", "a string is larger than 1 MiB", 0},
		{"one text that is not known", head + `"x":"`, "a", "a string is larger than 1 MiB", 0},
		{"a text of escapes", head + `"reason":"`, `\"`, "a string is larger than 1 MiB", 0},
		{"an object of numbers", head + `"ci":{"x":[`, "0,", "an object is larger than 32 MiB or has more than 500000 values", 0},
		{"a call of many evals", head + `"calls":[{"evals":[`, "{},", "an object is larger than 32 MiB or has more than 500000 values", 0},
		{"a rerun of many calls", head + `"reruns":[{"rejected":[`, "{},", "an object is larger than 32 MiB or has more than 500000 values", 0},
		{"an object of texts", head + `"ci":{`, `"x":"` + strings.Repeat("a", 1<<19) + `",`, "an object is larger than 32 MiB or has more than 500000 values", 0},
		{"many reruns", head + `"reruns":[`, "{},", "reruns: more than 200000 elements", 0},
		{"nesting", head + `"x":`, "[", "nested too deeply", 0},
		{"a list that is not known", head + `"x":[`, "0,", "the file is cut off", 4 << 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			_, _, err := Read(io.MultiReader(strings.NewReader(c.before), repeated(c.middle, cmp.Or(c.size, size))))
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
			// All memory that the program has requested from the system.
			if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 200<<20 {
				t.Errorf("the heap grew by %d MiB", grown>>20)
			}
		})
	}
}

// Reports stay far below the limits, and the guard sees everything in them.
func TestTheGuardSeesWhatTheDecoderSees(t *testing.T) {
	t.Parallel()
	for name, r := range reporttest.Cases() {
		data := reporttest.Written(t, Write, r)
		g := &guard{r: bytes.NewReader(data)}
		got, err := io.ReadAll(g)
		if err != nil || !bytes.Equal(got, data) || g.depth != 0 || g.inString {
			t.Errorf("%s: error %v, depth %d at the end", name, err, g.depth)
		}
	}
	long, _ := json.Marshal(strings.Repeat("a", maxString-1))
	for s, want := range map[string]bool{
		fmt.Sprintf(`{"a":%s,"b":%s}`, long, long):    true,
		fmt.Sprintf(`{"a":%sa"}`, long[:len(long)-1]): false,
	} {
		if _, err := io.ReadAll(&guard{r: strings.NewReader(s)}); (err == nil) != want {
			t.Errorf("a text of %d bytes: error %v", len(s), err)
		}
	}
}
