package report

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

// golden compares got with a file below testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
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

// render runs one rendering and returns what it wrote.
func render(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func terminal(t *testing.T, r Report, o TerminalOptions) string {
	t.Helper()
	return string(render(t, func(w io.Writer) error { return Terminal(w, r, o) }))
}

func summary(t *testing.T, r Report) string {
	t.Helper()
	return string(render(t, func(w io.Writer) error { return Summary(w, r) }))
}

func comment(t *testing.T, r Report) string {
	t.Helper()
	return commentWith(t, r, CommentOptions{})
}

func commentWith(t *testing.T, r Report, o CommentOptions) string {
	t.Helper()
	return string(render(t, func(w io.Writer) error { return Comment(w, r, o) }))
}

func jsonReport(t *testing.T, r Report) []byte {
	t.Helper()
	return render(t, func(w io.Writer) error { return JSON(w, r) })
}

func junit(t *testing.T, r Report) []byte {
	t.Helper()
	return render(t, func(w io.Writer) error { return JUnit(w, r) })
}

func TestEveryRenderingLooksAsItDid(t *testing.T) {
	t.Parallel()
	for name, r := range cases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name+".txt", []byte(terminal(t, r, TerminalOptions{Width: 100})))
			golden(t, name+".md", []byte(summary(t, r)))
			golden(t, name+".comment.md", []byte(comment(t, r)))
			golden(t, name+".json", jsonReport(t, r))
			golden(t, name+".xml", junit(t, r))
			golden(t, name+".metrics", render(t, func(w io.Writer) error { return Metrics(w, r) }))
			golden(t, name+".links.json", render(t, func(w io.Writer) error { return Links(w, r) }))
			golden(t, name+".annotations", annotationLines(r))
		})
	}
}

func TestTerminalLooksAsItDidAtEveryWidth(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]TerminalOptions{
		"fail-40.txt":     {Width: 40},
		"fail-60.txt":     {Width: 60},
		"fail-80.txt":     {Width: 80},
		"fail-140.txt":    {Width: 140},
		"fail-colour.txt": {Width: 100, Colour: true},
	} {
		golden(t, name, []byte(terminal(t, failing(), o)))
	}
	golden(t, "large-60.txt", []byte(terminal(t, large(200, 8), TerminalOptions{Width: 60})))
}

func TestRenderingsAreDeterministic(t *testing.T) {
	t.Parallel()
	for name := range cases() {
		a, b := cases()[name], cases()[name]
		if !bytes.Equal(jsonReport(t, a), jsonReport(t, b)) || !bytes.Equal(junit(t, a), junit(t, b)) ||
			summary(t, a) != summary(t, b) || comment(t, a) != comment(t, b) || terminal(t, a, TerminalOptions{}) != terminal(t, b, TerminalOptions{}) {
			t.Errorf("%s: two renderings of the same run differ", name)
		}
	}
}

// failingWriter fails after n bytes.
type failingWriter struct{ n int }

func (w *failingWriter) Write(p []byte) (int, error) {
	if len(p) > w.n {
		return 0, io.ErrShortWrite
	}
	w.n -= len(p)
	return len(p), nil
}

func TestWriteErrorsAreReported(t *testing.T) {
	t.Parallel()
	r := large(200, 8)
	for name, write := range map[string]func(io.Writer) error{
		"terminal": func(w io.Writer) error { return Terminal(w, r, TerminalOptions{}) },
		"summary":  func(w io.Writer) error { return Summary(w, r) },
		"comment":  func(w io.Writer) error { return Comment(w, r, CommentOptions{}) },
		"json":     func(w io.Writer) error { return JSON(w, r) },
		"junit":    func(w io.Writer) error { return JUnit(w, r) },
		"metrics":  func(w io.Writer) error { return Metrics(w, r) },
		"links":    func(w io.Writer) error { return Links(w, r) },
	} {
		for _, room := range []int{0, 2000} {
			if err := write(&failingWriter{n: room}); err == nil {
				t.Errorf("%s: no error from a writer with room for %d bytes", name, room)
			}
		}
	}
}
