// Package answers provides API responses for tests: the samples, which tell one story in both
// dialects, and generated pages of calls.
package answers

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/benchmark/pages"
)

// The ids in the story that the samples tell.
var (
	RunTest   = uuid.MustParse("a758ede8-419d-4f12-9270-be81e46f4896")
	Execution = uuid.MustParse("fc0dc4e3-a109-4ea2-b2ea-0c28f5d6dba9")
	// Call has a transcript in the samples of both dialects.
	Call = uuid.MustParse("98d27d4f-6707-4db1-8807-a5dd7abbaed8")
)

// SameText makes cmp compare texts unescaped.
var SameText = cmp.Comparer(func(a, b text.Untrusted) bool { return a == b })

// Sample returns a sample, such as "deployed/404.html".
func Sample(t testing.TB, name string) string {
	t.Helper()
	// Tests run in their package's folder, and those are at different depths.
	up := ".."
	for range 3 {
		if _, err := os.Stat(filepath.Join(up, "testdata", "deployed")); err == nil {
			break
		}
		up = filepath.Join(up, "..")
	}
	b, err := os.ReadFile(filepath.Join(up, "testdata", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// CallID is the id of the n-th generated call.
func CallID(n int) uuid.UUID { return uuid.NewSHA1(uuid.Nil, []byte(strconv.Itoa(n))) }

// Row is generated call n as the deployed server lists it, updated at a minute of the hour.
func Row(n, minute int) string {
	return fmt.Sprintf(`{"id": %q, "status": "completed", "scenario": "s%d", "overall_score": %d, "transcript": [{"a": ["b"]}],
		"timestamp": "2026-08-22T10:%02d:00Z", "scenario_graph": {"nodes": [{}]}}`, CallID(n), n%3, minute, minute)
}

// Rows are the rows of calls from, from+1, … to-1.
func Rows(from, to int) []string {
	var out []string
	for n := from; n < to; n++ {
		out = append(out, Row(n, 0))
	}
	return out
}

// DeployedPage is a page of the deployed dialect.
func DeployedPage(count, pages int, status string, rows ...string) string {
	return fmt.Sprintf(`{"count": %d, "results": [%s], "total_pages": %d, "column_order": [], "status": %q}`, count, strings.Join(rows, ","), pages, status)
}

// DocumentedPage is a page of the documented dialect.
func DocumentedPage(total string, rows ...string) string {
	return fmt.Sprintf(`{"id": %q, "status": "completed", "total_calls": %s, "calls": [%s]}`, Execution, total, strings.Join(rows, ","))
}

// BigPage is a page of calls of realistic size.
func BigPage(shape pages.Shape, calls int) string {
	var b strings.Builder
	if err := pages.New(shape, calls).Write(&b, 1, calls); err != nil {
		panic(err) // a Builder never fails
	}
	return b.String()
}

// Detail is the response that describes one call.
func Detail(id uuid.UUID, turns string) string {
	return fmt.Sprintf(`{"id":%q,"status":"failed","attributes":{"transcript":[{"role":"user","content":"not this"}]},"transcript":%s}`, id, turns)
}

// tokens matches strings and non-finite numbers.
var tokens = regexp.MustCompile(`(?s)"(?:[^"\\]|\\.)*"|-?Infinity|NaN`)

// Finite replaces non-finite numbers with null.
func Finite(r io.Reader) io.Reader {
	body, err := io.ReadAll(r)
	clean := tokens.ReplaceAllFunc(body, func(token []byte) []byte {
		if token[0] == '"' {
			return token
		}
		return []byte("null")
	})
	if err != nil {
		return io.MultiReader(bytes.NewReader(clean), iotest.ErrReader(err))
	}
	return bytes.NewReader(clean)
}
