// Package changes decides which gates of a suite a change touches. Whatever is not certain runs.
//
// changes.go compares the changed files with the paths of the gates. find.go gets the list of the files: given.go
// reads one that the user gives, git.go asks git, and a [Forge] asks GitHub or GitLab. target.go reads a file as
// it is on the target branch.
//
// The package starts nothing, and knows neither the suite file's format nor what a gate runs.
package changes

import (
	"path"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/changes/pattern"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Gate is a gate of a suite.
type Gate struct {
	Name  string
	Paths []string // patterns of the files that it depends on; none means all files
}

// List is the changed files.
type List struct {
	// Files are their paths from the root of the repository, with slashes. A renamed file has both of its names.
	Files []string
	// Known is false if the list cannot be had, or was not asked for.
	Known bool
	// Source says where the list is from; empty if it was not asked for.
	Source Source
	// Why says why it is not known; empty if it is, or was not asked for.
	Why text.Untrusted
}

// Source is where a list of changed files is from.
type Source string

// The sources.
const (
	FromInput  Source = "changed-files" // the list in the input
	FromFile   Source = "file"          // the file that the input names
	FromGit    Source = "git"
	FromGitHub Source = "github"
	FromGitLab Source = "gitlab"
)

// Selected is whether a gate runs.
type Selected struct {
	Gate string
	Run  bool
	Why  text.Untrusted // one sentence without a full stop
	// Files are those that touch the gate, sorted; none if it runs for another reason.
	Files []text.Untrusted
}

// Select decides which of the gates run, in their order. others are the paths of gates of the same file that are not
// to run, but know files too. suiteFile is the path of the suite file as the program opened it.
func Select(gates []Gate, others [][]string, suiteFile string, changed List) []Selected {
	all := make([]Selected, len(gates))
	whole := everything(gates, others, suiteFile, changed)
	for i, g := range gates {
		all[i] = Selected{Gate: g.Name, Run: true, Why: whole}
		if whole.IsEmpty() {
			all[i] = g.touched(changed.Files)
		}
	}
	return all
}

// touched compares a gate with files that some gate knows.
func (g Gate) touched(files []string) Selected {
	s := Selected{Gate: g.Name, Run: true}
	if len(g.Paths) == 0 {
		s.Why = text.New("it has no paths")
		return s
	}
	list, err := pattern.Compile(g.Paths)
	if err != nil {
		s.Why = unreadable(err)
		return s
	}
	for _, f := range files {
		if list.Match(f) == pattern.Matched {
			s.Files = append(s.Files, text.New(f))
		}
	}
	slices.SortFunc(s.Files, func(a, b text.Untrusted) int { return strings.Compare(a.Raw(), b.Raw()) })
	s.Files = slices.Compact(s.Files)
	switch n := len(s.Files); n {
	case 0:
		s.Run, s.Why = false, text.Sprintf("%s, none of them in its paths", text.Plural(len(files), "changed file"))
	case 1:
		s.Why = text.Sprintf("%s changed", s.Files[0])
	default:
		s.Why = text.Sprintf("%s and %d more of its files changed", s.Files[0], n-1)
	}
	return s
}

// unreadable says that a gate's paths are no patterns.
func unreadable(err error) text.Untrusted {
	return text.Sprintf("its paths are not valid: %s", text.New(err.Error()))
}

// everything says why all gates run; empty if the changed files decide.
func everything(gates []Gate, others [][]string, suiteFile string, changed List) text.Untrusted {
	switch {
	case changed.Source == "" && changed.Why.IsEmpty():
		return text.New("changed-files is not given")
	case !changed.Known:
		return text.Sprintf("the changed files are not known: %s", changed.Why)
	case len(changed.Files) == 0:
		return text.New("the list of changed files is empty")
	}
	var known []pattern.List
	for _, g := range gates {
		others = append(others[:len(others):len(others)], g.Paths)
	}
	for _, paths := range others {
		if list, err := pattern.Compile(paths); err == nil {
			known = append(known, list)
		}
	}
	for _, f := range changed.Files {
		if isSuiteFile(f, suiteFile) {
			return text.Sprintf("the suite file %s changed", text.New(f))
		}
	}
	for _, f := range changed.Files {
		if !slices.ContainsFunc(known, func(l pattern.List) bool { return l.Match(f) != pattern.None }) {
			return text.Sprintf("%s changed, which the paths of no gate know", text.New(f))
		}
	}
	return text.Untrusted{}
}

// isSuiteFile reports whether a changed file may be the suite file. Where in the repository the program runs is not
// known, so the end of the path decides.
func isSuiteFile(changed, suiteFile string) bool {
	name := strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(suiteFile, `\`, "/")), "/")
	if suiteFile == "" {
		return false
	}
	if path.IsAbs(suiteFile) || strings.HasPrefix(path.Clean(suiteFile), "../") || strings.Contains(suiteFile, ":") {
		name = path.Base(name)
	}
	return changed == name || strings.HasSuffix(changed, "/"+name)
}
