package project_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/test/events"
)

var update = flag.Bool("update", false, "write the table of events into docs/events.md")

// TestDocuments_haveTheTableOfEvents compares docs/events.md with the fixtures of package
// events. Other tests compare the fixtures with what the program makes of them.
func TestDocuments_haveTheTableOfEvents(t *testing.T) {
	t.Parallel()
	const page, begin, end = "docs/events.md", "<!-- events:begin -->\n", "<!-- events:end -->"
	doc := read(t, page)
	before, rest, ok := strings.Cut(doc, begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no lines %s and %s", page, begin, end)
	}
	want := before + begin + eventTables() + end + after
	if *update {
		if err := os.WriteFile(filepath.Join(root, page), []byte(want), 0o644); err != nil { //nolint:gosec // a document
			t.Fatal(err)
		}
		return
	}
	if doc != want {
		t.Errorf("%s is not what the fixtures say; run go test ./test/project -run TableOfEvents -update", page)
	}
}

// eventTables renders the fixtures as Markdown, one table per system.
func eventTables() string {
	var b strings.Builder
	system := ""
	for _, f := range events.All() {
		if f.System != system {
			system = f.System
			fmt.Fprintf(&b, "\n## %s\n\n| event | a run of | branch or tag | commit | compared with | number |\n|---|---|---|---|---|---|\n", system)
		}
		w := f.Want
		number := ""
		if w.Number > 0 {
			number = fmt.Sprint(w.Number)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", f.Event, subjectOf(w), orDash(w.Ref), commitOf(w.SHA), comparedWith(w), cmp.Or(number, "–"))
	}
	return b.String() + "\n"
}

// subjectOf describes what a run is a run of.
func subjectOf(w events.Want) string {
	words := map[job.Kind]string{
		job.KindNone: "only the event", job.KindBranch: "the branch", job.KindTag: "the tag",
		job.KindPull: "the pull or merge request", job.KindQueue: "the merge queue",
	}[job.Kind(w.Kind)]
	if w.Fork {
		words += ", from a fork"
	}
	if w.Repository != events.Repository {
		words += ", in " + w.Repository
	}
	return words
}

// comparedWith returns the branch whose runs can be the baseline.
func comparedWith(w events.Want) string {
	if w.Base == "" && job.Kind(w.Kind) == job.KindBranch {
		return orDash(w.Ref)
	}
	return orDash(w.Base)
}

// commitOf describes the commit.
func commitOf(sha string) string {
	return map[string]string{
		events.MainSHA: "head of main", events.HeadSHA: "head of the change", events.MergeSHA: "merge commit made for the job", "": "–",
	}[sha]
}

// orDash formats a name as code, or a dash if there is none.
func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return "`" + strings.ReplaceAll(s, events.MainSHA, "…") + "`"
}
