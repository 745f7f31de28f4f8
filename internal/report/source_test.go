package report

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestStringsBecomeSafeOnlyWhereTheyAreMade enforces a rule that the types cannot: a conversion
// would turn any string into a Lit. Constants convert implicitly, so no conversion to Lit is
// needed at all, and figures and spans are each made in one place.
func TestStringsBecomeSafeOnlyWhereTheyAreMade(t *testing.T) {
	t.Parallel()
	allowed := map[string][]string{
		"Lit":    {},
		"Figure": {"number.go", "link.go", "suite.go"},
		"span":   {"markdown/page.go"},
		"Raw":    {"criteria.go", "evals.go", "faults.go", "causes.go", "brief/command.go", "jsonreport/calls.go", "jsonreport/restore.go"},
		"raw":    {"markdown/page.go"},
		"words":  {"html/words.go"},
		// What html/template does not escape.
		"template.CSS":  {"html/write.go"},
		"template.JS":   {"html/write.go", "html/data.go"},
		"template.HTML": {}, "template.HTMLAttr": {}, "template.JSStr": {}, "template.Srcset": {}, "template.URL": {},
	}
	var files []string
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && filepath.Dir(path) != "reporttest" {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("no source: %v", err)
	}
	set := token.NewFileSet()
	for _, path := range files {
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.ToSlash(path)
		ast.Inspect(file, func(n ast.Node) bool {
			made := ""
			switch n := n.(type) {
			case *ast.CallExpr:
				switch f := n.Fun.(type) {
				case *ast.Ident:
					made = f.Name
				case *ast.SelectorExpr:
					made = f.Sel.Name
					from, _ := f.X.(*ast.Ident)
					switch {
					case from != nil && from.Name == "template":
						made = "template." + made
					case from != nil && from.Name == "report", made == "Raw", made == "raw":
					default:
						return true
					}
				}
			case *ast.CompositeLit:
				if id, ok := n.Type.(*ast.Ident); ok {
					made = id.Name
				}
			}
			if where, ok := allowed[made]; ok && !slices.Contains(where, name) {
				t.Errorf("%s: %s is made of a string", set.Position(n.Pos()), made)
			}
			return true
		})
	}
}
