package project_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/config"
)

// documents are the Markdown files of the project, as paths from its root.
func documents(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*.md"} {
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
	if len(found) < 5 {
		t.Fatalf("found only %q", found)
	}
	return found
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestDocuments_linksLeadSomewhere follows every relative link, including the heading.
func TestDocuments_linksLeadSomewhere(t *testing.T) {
	t.Parallel()
	for _, doc := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, doc), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			path, heading, _ := strings.Cut(m[1], "#")
			target := doc
			if path != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(doc), path))
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s: the link %s leads nowhere", doc, m[1])
				continue
			}
			if heading != "" && !slices.Contains(headings(read(t, target)), heading) {
				t.Errorf("%s: the link %s leads to no heading of %s", doc, m[1], target)
			}
		}
	}
}

// headings returns the anchors that GitHub makes from a document's headings.
func headings(doc string) []string {
	var anchors []string
	inFence := false
	drop := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for line := range strings.Lines(doc) {
		if strings.HasPrefix(line, "```") {
			inFence = !inFence
		}
		text, isHeading := strings.CutPrefix(strings.TrimLeft(line, "#"), " ")
		if inFence || !isHeading || !strings.HasPrefix(line, "#") {
			continue
		}
		text = drop.ReplaceAllString(strings.ToLower(strings.TrimSpace(text)), "")
		anchors = append(anchors, strings.ReplaceAll(text, " ", "-"))
	}
	return anchors
}

// TestDocuments_sayWhetherThereIsARelease requires the two pages that say that nothing is
// released to say so exactly as long as the changelog has no version.
func TestDocuments_sayWhetherThereIsARelease(t *testing.T) {
	t.Parallel()
	released := regexp.MustCompile(`(?m)^## \[\d`).MatchString(read(t, "CHANGELOG.md"))
	for _, doc := range []string{"README.md", "docs/github.md"} {
		if says := strings.Contains(read(t, doc), "Nothing is released yet"); says == released {
			t.Errorf("%s says that nothing is released: %t; CHANGELOG.md has a version: %t", doc, says, released)
		}
	}
}

// TestDocuments_nameEveryExitCode requires a row for each exit code where users look for
// it.
func TestDocuments_nameEveryExitCode(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{"README.md", "docs/exit-codes.md"} {
		text := read(t, doc)
		for _, code := range []string{"0", "1", "2", "3", "4", "5", "130", "143"} {
			if !strings.Contains(text, "\n| "+code+" |") {
				t.Errorf("%s has no row for exit code %s", doc, code)
			}
		}
	}
}

// TestDocuments_nameEveryOutput requires each output in the README.
func TestDocuments_nameEveryOutput(t *testing.T) {
	t.Parallel()
	readme := read(t, "README.md")
	for _, out := range config.Outputs() {
		if !strings.Contains(readme, "`"+out.Name+"`") {
			t.Errorf("README.md does not name the output %s", out.Name)
		}
	}
}
