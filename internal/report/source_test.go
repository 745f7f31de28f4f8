package report

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestStringsBecomeSafeOnlyWhereTheyAreMade holds the rule that the types cannot: a
// conversion would turn any string into a word of ours. Constants convert by
// themselves, so that no conversion to lit is needed at all, and figures and spans are
// made in one place each.
func TestStringsBecomeSafeOnlyWhereTheyAreMade(t *testing.T) {
	t.Parallel()
	allowed := map[string][]string{
		"lit":    {},
		"figure": {"number.go", "link.go"},
		"span":   {"markdown.go"},
		"Raw":    {"view.go", "words.go", "json_calls.go", "json_read.go", "json_restore.go"},
		"raw":    {"markdown.go"},
		"words":  {"html_words.go"},
		// What html/template takes as it is, without escaping it.
		"template.CSS":  {"html.go"},
		"template.JS":   {"html.go", "html_data.go"},
		"template.HTML": {}, "template.HTMLAttr": {}, "template.JSStr": {}, "template.Srcset": {}, "template.URL": {},
	}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no source: %v", err)
	}
	set := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			made := ""
			switch n := n.(type) {
			case *ast.CallExpr:
				switch f := n.Fun.(type) {
				case *ast.Ident:
					made = f.Name
				case *ast.SelectorExpr:
					made = f.Sel.Name
					if x, ok := f.X.(*ast.Ident); ok && x.Name == "template" {
						made = "template." + made
					} else if made != "Raw" && made != "raw" {
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
