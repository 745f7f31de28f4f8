package reporttest

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Golden compares got with a golden file.
func Golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := testdata(name + ".golden")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// Testdata reads a file in testdata.
func Testdata(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(testdata(name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// testdata locates a file in the testdata of the package under test, or of a format below it.
func testdata(name string) string {
	if found, _ := filepath.Glob(filepath.Join("*", "testdata", name)); len(found) == 1 {
		return found[0]
	}
	return filepath.Join("testdata", name)
}

// Render runs a rendering and returns its output.
func Render(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Written returns what a format writes of a report or a suite.
func Written[T any](t *testing.T, write func(io.Writer, T) error, of T) []byte {
	t.Helper()
	return Render(t, func(w io.Writer) error { return write(w, of) })
}

// FailingWriter fails after n bytes.
type FailingWriter struct{ Room int }

// Write implements io.Writer.
func (w *FailingWriter) Write(p []byte) (int, error) {
	if len(p) > w.Room {
		return 0, io.ErrShortWrite
	}
	w.Room -= len(p)
	return len(p), nil
}
