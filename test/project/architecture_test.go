// Package project_test holds the project's documents and templates to its code.
package project_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root     = "../.."
	module   = "github.com/agent-gate/agent-gate"
	internal = module + "/internal/"
)

// edge matches an arrow of a mermaid diagram, such as "gate --> client".
var edge = regexp.MustCompile(`(?m)^\s*(\w+) --> (\w+)$`)

// TestArchitecture_diagramIsTheImports compares the arrows in docs/architecture.md
// with what the packages import.
func TestArchitecture_diagramIsTheImports(t *testing.T) {
	t.Parallel()
	drawn := map[string]bool{}
	for _, m := range edge.FindAllStringSubmatch(read(t, "docs/architecture.md"), -1) {
		drawn[m[1]+" --> "+m[2]] = true
	}
	actual := map[string]bool{}
	for from, tos := range imports(t) {
		for to := range tos {
			actual[from+" --> "+to] = true
		}
	}
	for _, arrow := range slices.Sorted(maps.Keys(actual)) {
		if !drawn[arrow] {
			t.Errorf("docs/architecture.md does not show the import %s", arrow)
		}
	}
	for _, arrow := range slices.Sorted(maps.Keys(drawn)) {
		if !actual[arrow] {
			t.Errorf("docs/architecture.md shows %s, which is not an import", arrow)
		}
	}
}

// TestArchitecture_innerPackagesStayIndependent checks that the inner packages do not
// import the others.
func TestArchitecture_innerPackagesStayIndependent(t *testing.T) {
	t.Parallel()
	allowed := map[string][]string{
		"text":      {},
		"client":    {"text"},
		"ci":        {"text"},
		"verdict":   {"client", "text"},
		"simulator": {}, // an independent reading of the API: it must not share the client's mistakes
	}
	got := imports(t)
	for from, may := range allowed {
		for to := range got[from] {
			if !slices.Contains(may, to) {
				t.Errorf("internal/%s imports internal/%s", from, to)
			}
		}
	}
}

// TestArchitecture_everyPackageIsDescribed requires a row for each package in the table
// of docs/architecture.md.
func TestArchitecture_everyPackageIsDescribed(t *testing.T) {
	t.Parallel()
	doc := read(t, "docs/architecture.md")
	for name := range imports(t) {
		row := "| `internal/" + name + "` |"
		if name == "main" {
			row = "| `main.go` |"
		}
		if !strings.Contains(doc, row) {
			t.Errorf("docs/architecture.md has no row that begins %q", row)
		}
	}
}

// imports maps each package below internal, and main, to those that it imports, tests
// not counted. A folder inside a package counts as the package.
func imports(t *testing.T) map[string]map[string]bool {
	t.Helper()
	found := map[string]map[string]bool{}
	add := func(name, file string) {
		if found[name] == nil {
			found[name] = map[string]bool{}
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			to, ours := strings.CutPrefix(path, internal)
			to, _, _ = strings.Cut(to, "/")
			if ours && to != name {
				found[name][to] = true
			}
		}
	}
	add("main", filepath.Join(root, "main.go"))
	below := filepath.Join(root, "internal")
	err := filepath.WalkDir(below, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "testdata":
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		name, err := filepath.Rel(below, path)
		if err != nil {
			return err
		}
		name, _, _ = strings.Cut(filepath.ToSlash(name), "/")
		add(name, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// read returns a file of the project with Unix line endings.
func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}
