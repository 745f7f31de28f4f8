package project_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// block is a piece of code in a document.
type block struct {
	doc   string // path from the root of the project
	line  int    // of its first line
	kind  string // the language at its fence
	text  string // without the indent of a surrounding list
	after bool   // only blank lines separate it from the previous block
}

func (b block) String() string { return fmt.Sprintf("%s:%d", b.doc, b.line) }

// blocks returns the code in all documents.
func blocks(t *testing.T) []block {
	t.Helper()
	var found []block
	for _, doc := range documents(t) {
		found = append(found, blocksOf(t, doc)...)
	}
	return found
}

// blocksOf returns the code in a document. A whole example file is one block.
func blocksOf(t *testing.T, doc string) []block {
	t.Helper()
	if !strings.HasSuffix(doc, ".md") {
		return []block{{doc: doc, line: 1, kind: "yaml", text: read(t, doc)}}
	}
	var found []block
	var open *block
	indent, number, after := "", 0, false
	for line := range strings.Lines(read(t, doc)) {
		number++
		body := strings.TrimLeft(line, " ")
		switch {
		case open == nil && strings.HasPrefix(body, "```"):
			indent = line[:len(line)-len(body)]
			open = &block{doc: doc, line: number + 1, kind: strings.TrimSpace(body[3:]), after: after}
		case open != nil && strings.TrimSpace(line) == "```":
			found = append(found, *open)
			open, after = nil, true
		case open != nil:
			open.text += strings.TrimPrefix(line, indent)
		case body != "\n":
			after = false
		}
	}
	if open != nil {
		t.Fatalf("%s: the code is not closed", open)
	}
	return found
}

// examples are the files of the folder examples, as paths from the root.
func examples(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"examples/github/*.yml", "examples/gitlab/*.yml", "examples/start/*.yml"} {
		paths, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			rel, err := filepath.Rel(root, path)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, filepath.ToSlash(rel))
		}
	}
	return found
}

// TestDocuments_codeIsOfAKindThatIsTested requires every piece of code to have a language
// that some test covers.
func TestDocuments_codeIsOfAKindThatIsTested(t *testing.T) {
	t.Parallel()
	kinds := []string{
		"sh",                     // run by TestDocuments_commandsRun
		"yaml",                   // TestExamples_areRight, actionlint, schemas
		"groovy",                 // run by TestOtherCIs
		"criteria", "conditions", // internal/verdict
		"mermaid", // TestArchitecture_diagramIsTheImports
		"text",    // the output of the block before, or a form
	}
	for _, b := range blocks(t) {
		if !slices.Contains(kinds, b.kind) {
			t.Errorf("%s is of the kind %q, which no test looks at", b, b.kind)
		}
	}
}

// TestDocuments_areInTheIndex requires a link in docs/README.md to every page.
func TestDocuments_areInTheIndex(t *testing.T) {
	t.Parallel()
	index := read(t, "docs/README.md")
	for _, doc := range documents(t) {
		page, isPage := strings.CutPrefix(doc, "docs/")
		if isPage && page != "README.md" && !strings.Contains(index, "]("+page+")") && !strings.Contains(index, "]("+page+"#") {
			t.Errorf("docs/README.md has no link to %s", page)
		}
	}
	for _, example := range examples(t) {
		if !strings.Contains(read(t, "examples/README.md"), "]("+strings.TrimPrefix(example, "examples/")+")") {
			t.Errorf("examples/README.md has no link to %s", example)
		}
	}
}

// write writes a file below a folder.
func write(t *testing.T, dir, path, content string) {
	t.Helper()
	path = filepath.Join(dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
