package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// documentOf returns the document for the running test, itself a Go binary.
func documentOf(t *testing.T, version string) []byte {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bom.json")
	if err := write(version, self, path); err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestDocumentListsWhatIsLinked(t *testing.T) {
	t.Parallel()
	var got bom
	if err := json.Unmarshal(documentOf(t, "1.2.3"), &got); err != nil {
		t.Fatal(err)
	}
	if got.Metadata.Component.Version != "v1.2.3" || len(got.Metadata.Component.Hashes) != 1 {
		t.Errorf("got the program %+v, want version v1.2.3 and one hash", got.Metadata.Component)
	}
	purls := map[string]bool{}
	for _, c := range got.Components {
		purls[c.Purl] = true
	}
	std := "pkg:golang/std@" + strings.TrimPrefix(runtime.Version(), "go")
	if !purls[std] {
		t.Errorf("got %v, want the standard library as %s", purls, std)
	}
	if len(got.Dependencies) != 1 || len(got.Dependencies[0].DependsOn) != len(got.Components) {
		t.Errorf("got dependencies %+v, want the program on all %d components", got.Dependencies, len(got.Components))
	}
	if len(purls) != len(got.Components) {
		t.Errorf("got %d components with %d names, want each once", len(got.Components), len(purls))
	}
}

func TestDocumentOfABinaryIsAlwaysTheSame(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(string(documentOf(t, "1.2.3")), string(documentOf(t, "1.2.3"))); diff != "" {
		t.Errorf("two documents of one binary differ:\n%s", diff)
	}
}

func TestWhatIsNoGoBinaryIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	document := filepath.Join(dir, "bom.json")
	if err := write("1.2.3", text, document); err == nil {
		t.Error("got no error, want one")
	}
	if _, err := os.Stat(document); err == nil {
		t.Error("got a document of something that is no program")
	}
}
