// Package project_test holds the project's documents and templates to its code.
package project_test

import (
	"go/parser"
	"go/token"
	"html"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/comment"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/markdown"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
	"github.com/agent-gate/agent-gate/internal/verdict/explain"
)

const (
	root     = "../.."
	module   = "github.com/agent-gate/agent-gate"
	internal = module + "/internal/"
)

// packageRow matches a package of the table in docs/architecture.md: its name, and the cell with what
// it imports.
var packageRow = regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\|.*\\| ([^|]*) \\|$")

// quoted matches a name in backquotes.
var quoted = regexp.MustCompile("`([^`]+)`")

// TestArchitecture_importsAreThoseOfTheTable compares the table in docs/architecture.md with what
// the packages import.
func TestArchitecture_importsAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	said := map[string][]string{}
	for _, m := range packageRow.FindAllStringSubmatch(read(t, "docs/architecture.md"), -1) {
		said[m[1]] = []string{}
		for _, name := range quoted.FindAllStringSubmatch(m[2], -1) {
			said[m[1]] = append(said[m[1]], name[1])
		}
	}
	actual := map[string][]string{}
	for name, p := range packages(t) {
		actual[name] = slices.Sorted(maps.Keys(p.ours))
	}
	if diff := cmp.Diff(said, actual, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("docs/architecture.md (-) and the code (+) differ:\n%s", diff)
	}
}

// TestArchitecture_theJudgementKnowsNoHTTP follows the imports of the packages that must know
// neither HTTP, nor the client, nor a CI system's library, through all packages of the project.
func TestArchitecture_theJudgementKnowsNoHTTP(t *testing.T) {
	t.Parallel()
	all := packages(t)
	banned := []string{"net/http", "github.com/sethvargo/go-githubactions"}
	for _, start := range []string{"verdict", "verdict/explain", "criteria", "stats", "calls", "text", "config", "report",
		"report/terminal", "report/markdown", "report/html", "report/jsonreport", "report/junit", "report/openmetrics", "report/gitlab", "report/ctrf", "report/intoto"} {
		seen := map[string]bool{}
		var visit func(name, path string)
		visit = func(name, path string) {
			if seen[name] {
				return
			}
			seen[name] = true
			for _, other := range banned {
				if all[name].others[other] {
					t.Errorf("internal/%s imports %s (%s)", start, other, path)
				}
			}
			if name == "client" {
				t.Errorf("internal/%s imports internal/client (%s)", start, path)
			}
			for to := range all[name].ours {
				visit(to, path+" → "+to)
			}
		}
		visit(start, start)
	}
}

// TestArchitecture_aPackageIsSmall keeps a package to what one can read in a sitting, with files
// named by idea: no name repeats the package's or a sibling's.
func TestArchitecture_aPackageIsSmall(t *testing.T) {
	t.Parallel()
	const most = 22
	for name, p := range packages(t) {
		if len(p.files) > most {
			t.Errorf("internal/%s has %d files, more than %d: %v", name, len(p.files), most, p.files)
		}
		for _, file := range p.files {
			idea := strings.TrimSuffix(file, ".go")
			for _, system := range []string{"_unix", "_linux", "_other"} {
				idea = strings.TrimSuffix(idea, system)
			}
			if strings.Contains(idea, "_") {
				t.Errorf("internal/%s/%s: a file is named by one word, and a prefix asks to be a package", name, file)
			}
		}
	}
}

// walkStep matches a row of the walk in docs/architecture.md: its function and file.
var walkStep = regexp.MustCompile("(?m)^\\| \\d+ \\| `([^`]+)` \\| `([^`]+)` \\|")

// TestArchitecture_walk takes the walk of docs/architecture.md with the criterion
// success_rate >= 95: each step is the function that the page names, in the file that it
// names, in a package of its own, and what one step makes the next one takes.
func TestArchitecture_walk(t *testing.T) {
	t.Parallel()
	var said [][2]string
	seen := map[string]bool{}
	for _, m := range walkStep.FindAllStringSubmatch(read(t, "docs/architecture.md"), -1) {
		said = append(said, [2]string{m[1], m[2]})
		if dir := filepath.Dir(m[2]); seen[dir] {
			t.Errorf("the walk comes back to %s", dir)
		} else {
			seen[dir] = true
		}
	}
	var walked [][2]string
	for _, f := range []any{config.Parse, criteria.Parse, gate.Gate.Run, verdict.Judge, explain.Facts.Unmet, markdown.Comment, comment.Sticky.Write} {
		walked = append(walked, place(t, f))
	}
	if diff := cmp.Diff(said, walked); diff != "" {
		t.Fatalf("docs/architecture.md (-) and the code (+) differ:\n%s", diff)
	}

	c, _, err := config.Parse(
		[]string{"--run-test-id", uuid.NewString(), "--criteria", "success_rate >= 95"},
		[]string{"AGENT_GATE_API_KEY=an-api-key", "AGENT_GATE_SECRET_KEY=a-secret-key"}, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Rules.Criteria[0].String(); got != "success_rate >= 95" {
		t.Errorf("the configuration has the criterion %q", got)
	}
	var packer verdict.CallPacker
	for i := range 20 {
		status := calls.Completed
		if i < 3 {
			status = calls.Failed
		}
		call := verdict.Call{Call: calls.Call{ID: uuid.New(), Scenario: text.New("Refund"), Status: status}, Attempts: 1}
		call.FirstOutcome = call.Outcome()
		packer.Add(call)
	}
	evidence := verdict.Evidence{Calls: packer.Calls(), Execution: verdict.Execution{Status: calls.ExecutionCompleted}}
	v := verdict.Judge(evidence, c.Rules)
	sentence := v.Reason.Raw()
	if want := "success_rate is 85%, below 95%: 3 of 20 calls failed"; !strings.HasPrefix(sentence, want) {
		t.Errorf("the reason is %q; want it to begin with %q", sentence, want)
	}
	var out strings.Builder
	if err := markdown.Comment(&out, report.Report{Evidence: evidence, Verdict: v, Rules: c.Rules}, markdown.CommentOptions{}); err != nil {
		t.Fatal(err)
	}
	shown := html.UnescapeString(strings.ReplaceAll(out.String(), "<wbr>", ""))
	if !strings.Contains(shown, sentence) {
		t.Errorf("the comment does not say %q:\n%s", sentence, shown)
	}
}

// place is the name of a function, as callers write it, and its file.
func place(t *testing.T, f any) [2]string {
	t.Helper()
	pc := runtime.FuncForPC(reflect.ValueOf(f).Pointer())
	name := pc.Name()[strings.LastIndex(pc.Name(), "/")+1:]
	file, _ := pc.FileLine(pc.Entry())
	_, file, found := strings.Cut(filepath.ToSlash(file), "/internal/")
	if !found {
		t.Fatalf("%s is in no package of the project", pc.Name())
	}
	return [2]string{name, "internal/" + file}
}

// aPackage is what the source of a package says.
type aPackage struct {
	files  []string        // without tests
	ours   map[string]bool // imported packages below internal
	others map[string]bool // all other imports
}

// packages maps each package below internal to what it is made of, tests not counted.
func packages(t *testing.T) map[string]aPackage {
	t.Helper()
	found := map[string]aPackage{}
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
		dir, err := filepath.Rel(below, filepath.Dir(path))
		if err != nil {
			return err
		}
		name := filepath.ToSlash(dir)
		p, known := found[name]
		if !known {
			p = aPackage{ours: map[string]bool{}, others: map[string]bool{}}
		}
		p.files = append(p.files, d.Name())
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if to, ours := strings.CutPrefix(imported, internal); ours {
				p.ours[to] = true
			} else {
				p.others[imported] = true
			}
		}
		found[name] = p
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
