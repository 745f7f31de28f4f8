package forge

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
)

// Pull is the pull or merge request of the fake.
type Pull struct {
	Target string // its target branch
	Head   string // its newest commit
	Files  []File
	// Says is how many files it claims to change; 0 for their number.
	Says int
	// Contents are files of the repository, by branch and path: main:agents/a.py.
	Contents map[string]string
}

// File is a changed file.
type File struct {
	Name string
	Old  string // if it was renamed
}

// listed is the most files that each API lists.
//
// https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
const (
	githubListed = 3000
	gitlabListed = 1000
)

func (f *Forge) pull(e exchange) {
	p, n := f.Pull, len(f.Pull.Files)
	if p.Target == "" {
		e.fail(http.StatusNotFound, "Not Found")
		return
	}
	if p.Says > 0 {
		n = p.Says
	}
	if !e.gitlab {
		e.answer(http.StatusOK, map[string]any{"number": 7, "changed_files": n, "head": map[string]any{"sha": p.Head}, "base": map[string]any{"ref": p.Target}})
		return
	}
	count := strconv.Itoa(n)
	if n > gitlabListed {
		count = strconv.Itoa(gitlabListed) + "+"
	}
	e.answer(http.StatusOK, map[string]any{"iid": 7, "changes_count": count, "sha": p.Head, "target_branch": p.Target})
}

func (f *Forge) files(e exchange) {
	most := githubListed
	if e.gitlab {
		most = gitlabListed
	}
	files := f.Pull.Files[:min(len(f.Pull.Files), most)]
	start, end := f.page(e, len(files))
	all := []any{}
	for _, file := range files[start:end] {
		switch {
		case e.gitlab && file.Old == "":
			all = append(all, map[string]any{"old_path": file.Name, "new_path": file.Name, "renamed_file": false})
		case e.gitlab:
			all = append(all, map[string]any{"old_path": file.Old, "new_path": file.Name, "renamed_file": true})
		case file.Old == "":
			all = append(all, map[string]any{"filename": file.Name, "status": "modified"})
		default:
			all = append(all, map[string]any{"filename": file.Name, "previous_filename": file.Old, "status": "renamed"})
		}
	}
	e.answer(http.StatusOK, all)
}

func (f *Forge) content(e exchange) {
	branch := e.r.URL.Query().Get("ref")
	if !e.gitlab {
		branch = strings.TrimPrefix(branch, "refs/heads/")
	}
	content, ok := f.Pull.Contents[branch+":"+e.r.PathValue("path")]
	if !ok {
		e.fail(http.StatusNotFound, "Not Found")
		return
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(content))
	if !e.gitlab && len(encoded) > 60 { // GitHub breaks it into lines
		encoded = encoded[:60] + "\n" + encoded[60:] + "\n"
	}
	e.answer(http.StatusOK, map[string]any{"encoding": "base64", "content": encoded, "type": "file"})
}
