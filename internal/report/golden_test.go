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

// Golden compares got with a file below testdata.
func Golden(t *testing.T, name string, got []byte) {
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

// Render runs one rendering and returns what it wrote.
func Render(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func terminalOf(t *testing.T, r Report, o TerminalOptions) string {
	t.Helper()
	return string(Render(t, func(w io.Writer) error { return Terminal(w, r, o) }))
}

func summaryOf(t *testing.T, r Report) string {
	t.Helper()
	return string(Render(t, func(w io.Writer) error { return Summary(w, r) }))
}

func commentOf(t *testing.T, r Report) string {
	t.Helper()
	return commentWith(t, r, CommentOptions{})
}

func commentWith(t *testing.T, r Report, o CommentOptions) string {
	t.Helper()
	return string(Render(t, func(w io.Writer) error { return Comment(w, r, o) }))
}

func jsonOf(t *testing.T, r Report) []byte {
	t.Helper()
	return Render(t, func(w io.Writer) error { return JSON(w, r) })
}

func junitOf(t *testing.T, r Report) []byte {
	t.Helper()
	return Render(t, func(w io.Writer) error { return JUnit(w, r) })
}

func TestEveryRenderingLooksAsItDid(t *testing.T) {
	t.Parallel()
	for name, r := range Cases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Golden(t, name+".txt", []byte(terminalOf(t, r, TerminalOptions{Width: 100})))
			Golden(t, name+".md", []byte(summaryOf(t, r)))
			Golden(t, name+".comment.md", []byte(commentOf(t, r)))
			Golden(t, name+".json", jsonOf(t, r))
			Golden(t, name+".xml", junitOf(t, r))
			Golden(t, name+".metrics", Render(t, func(w io.Writer) error { return Metrics(w, r) }))
			Golden(t, name+".links.json", Render(t, func(w io.Writer) error { return Links(w, r) }))
			Golden(t, name+".annotations", annotationLines(r))
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
		Golden(t, name, []byte(terminalOf(t, Failing(), o)))
	}
	Golden(t, "large-60.txt", []byte(terminalOf(t, Large(200, 8), TerminalOptions{Width: 60})))
}

func TestRenderingsAreDeterministic(t *testing.T) {
	t.Parallel()
	for name := range Cases() {
		a, b := Cases()[name], Cases()[name]
		if !bytes.Equal(jsonOf(t, a), jsonOf(t, b)) || !bytes.Equal(junitOf(t, a), junitOf(t, b)) ||
			summaryOf(t, a) != summaryOf(t, b) || commentOf(t, a) != commentOf(t, b) || terminalOf(t, a, TerminalOptions{}) != terminalOf(t, b, TerminalOptions{}) {
			t.Errorf("%s: two renderings of the same run differ", name)
		}
	}
}

// FailingWriter fails after n bytes.
type FailingWriter struct{ Room int }

func (w *FailingWriter) Write(p []byte) (int, error) {
	if len(p) > w.Room {
		return 0, io.ErrShortWrite
	}
	w.Room -= len(p)
	return len(p), nil
}

func TestWriteErrorsAreReported(t *testing.T) {
	t.Parallel()
	r := Large(200, 8)
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
			if err := write(&FailingWriter{Room: room}); err == nil {
				t.Errorf("%s: no error from a writer with room for %d bytes", name, room)
			}
		}
	}
}
