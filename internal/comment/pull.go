package comment

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Pull is a pull or merge request as [changes.Forge] wants it: what it changes, and its target. It only reads, with the
// token of the comment.
type Pull struct {
	// about returns the request as the API shows it.
	about func(ctx context.Context) (pull, error)
	// files returns a page of the changed files; pages count from 1.
	files   func(ctx context.Context, at int) (filePage, error)
	content func(ctx context.Context, path, branch string) ([]byte, error)
	// commit is the newest commit of the request when the job began; empty if that is not known.
	commit string
}

// pull is a pull or merge request, as far as it is needed.
type pull struct {
	target string
	head   string // its newest commit
	files  int    // how many files it changes
	// tooLarge is set if the API does not list all of its files.
	tooLarge bool
}

// filePage is one page of changed files.
type filePage struct {
	count int      // files
	paths []string // of them, of renamed ones both
	next  int      // the next page, 0 when there is none
	told  bool     // whether the server said so
}

// githubFiles is how many files of a pull request GitHub lists.
//
// https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
const githubFiles = 3000

// The hints for reading.
const (
	githubCannotRead = "the token is not allowed to read this: give the job the permissions `contents: read` and `pull-requests: read`"
	gitlabCannotRead = "the token is not allowed to read this: use an access token of the merge request's project with the scope `api` or `read_api`"
	readTooMany      = "too many requests with this token"
	nothingThere     = "there is no such pull or merge request, branch or file, or "
)

// NewGitHubPull returns a pull request on GitHub. The commit is that of its head which the job tests, or empty. It sends
// no request.
//
// https://docs.github.com/en/rest/pulls/pulls
func NewGitHubPull(s Server, repository string, number int, commit string) (Pull, error) {
	at, err := githubPath(repository)
	if err != nil {
		return Pull{}, err
	}
	c := githubClient(s, advice{unknown: githubUnknown, denied: githubCannotRead, notThere: nothingThere + githubCannotRead, tooMany: readTooMany})
	one := at + "/pulls/" + strconv.Itoa(number)
	return Pull{
		commit: commit,
		about: func(ctx context.Context) (pull, error) {
			var p struct {
				ChangedFiles *int `json:"changed_files"`
				Head         struct {
					SHA string `json:"sha"`
				} `json:"head"`
				Base struct {
					Ref string `json:"ref"`
				} `json:"base"`
			}
			if _, err := c.do(ctx, request{op: "read the pull request", method: http.MethodGet, path: one}, &p); err != nil {
				return pull{}, err
			}
			if p.ChangedFiles == nil || p.Base.Ref == "" {
				return pull{}, errors.New("the API does not say how many files the pull request changes")
			}
			return pull{target: p.Base.Ref, head: p.Head.SHA, files: *p.ChangedFiles, tooLarge: *p.ChangedFiles > githubFiles}, nil
		},
		files: func(ctx context.Context, at int) (filePage, error) {
			var all []struct {
				Filename string `json:"filename"`
				Previous string `json:"previous_filename"`
			}
			header, err := c.do(ctx, request{op: "list the files of the pull request", method: http.MethodGet, path: one + "/files", query: pageQuery(at)}, &all)
			if err != nil {
				return filePage{}, err
			}
			link := header.Get("Link")
			p := filePage{count: len(all), next: nextPage(link), told: link != ""}
			for _, f := range all {
				p.paths = append(p.paths, f.Filename, f.Previous)
			}
			return p, nil
		},
		content: func(ctx context.Context, path, branch string) ([]byte, error) {
			segments := strings.Split(path, "/")
			for i, s := range segments {
				segments[i] = url.PathEscape(s)
			}
			return c.content(ctx, at+"/contents/"+strings.Join(segments, "/"), "refs/heads/"+branch)
		},
	}, nil
}

// NewGitLabPull returns a merge request. The project is its numeric ID or its path; the commit is that of its head which
// the job tests, or empty. It sends no request.
//
// https://docs.gitlab.com/api/merge_requests/
func NewGitLabPull(s Server, project string, number int, commit string) (Pull, error) {
	if project == "" {
		return Pull{}, errNoProject
	}
	c := gitlabClient(s, advice{unknown: gitlabUnknown, denied: gitlabCannotRead, notThere: nothingThere + gitlabCannotRead, tooMany: readTooMany})
	at := "projects/" + gitlabSegment(project)
	one := at + "/merge_requests/" + strconv.Itoa(number)
	return Pull{
		commit: commit,
		about: func(ctx context.Context) (pull, error) {
			var p struct {
				Target  string `json:"target_branch"`
				SHA     string `json:"sha"`
				Changes string `json:"changes_count"` // 1000+ if there are more than it lists
			}
			if _, err := c.do(ctx, request{op: "read the merge request", method: http.MethodGet, path: one}, &p); err != nil {
				return pull{}, err
			}
			listed, more := strings.CutSuffix(p.Changes, "+")
			n, err := strconv.Atoi(listed)
			if err != nil || p.Target == "" {
				return pull{}, errors.New("the API does not say how many files the merge request changes")
			}
			return pull{target: p.Target, head: p.SHA, files: n, tooLarge: more}, nil
		},
		files: func(ctx context.Context, at int) (filePage, error) {
			var all []struct {
				New string `json:"new_path"`
				Old string `json:"old_path"`
			}
			header, err := c.do(ctx, request{op: "list the files of the merge request", method: http.MethodGet, path: one + "/diffs", query: pageQuery(at)}, &all)
			if err != nil {
				return filePage{}, err
			}
			p := filePage{count: len(all)}
			p.next, p.told = gitlabNext(header)
			for _, f := range all {
				p.paths = append(p.paths, f.New, f.Old)
			}
			return p, nil
		},
		content: func(ctx context.Context, path, branch string) ([]byte, error) {
			return c.content(ctx, at+"/repository/files/"+gitlabSegment(path), branch)
		},
	}, nil
}

// Files returns the paths of the files that the request changes, of renamed ones both. It is an error if the list may
// not be whole, or is not that of the commit that the job tests.
func (p Pull) Files(ctx context.Context) ([]string, error) {
	about, err := repeated(ctx, p.about)
	switch {
	case err != nil:
		return nil, err
	case about.tooLarge:
		return nil, errors.New("it changes more files than the API lists")
	case p.commit != "" && about.head != p.commit:
		return nil, errors.New("it has got new commits since the job began")
	}
	var paths []string
	count, full := 0, 0
	for at := 1; at != 0 && at <= mostPages; {
		page, err := repeated(ctx, func(ctx context.Context) (filePage, error) { return p.files(ctx, at) })
		if err != nil {
			return nil, err
		}
		count += page.count
		paths = append(paths, page.paths...)
		full = max(full, page.count)
		switch {
		case page.told:
			at = page.next
		case page.count >= max(full, leastFull) && count < about.files:
			at++
		default:
			at = 0
		}
	}
	if count != about.files {
		return nil, fmt.Errorf("the API lists %d of the %d files that it changes", count, about.files)
	}
	return paths, nil
}

// Target returns the name of the target branch.
func (p Pull) Target(ctx context.Context) (string, error) {
	about, err := repeated(ctx, p.about)
	return about.target, err
}

// Content returns a file of the target's repository as it is on a branch.
func (p Pull) Content(ctx context.Context, path, branch string) ([]byte, error) {
	return repeated(ctx, func(ctx context.Context) ([]byte, error) { return p.content(ctx, path, branch) })
}

// content reads a file, which both APIs give in the same form.
func (c client) content(ctx context.Context, path, ref string) ([]byte, error) {
	var file struct {
		Encoding string `json:"encoding"`
		Content  string `json:"content"`
	}
	if _, err := c.do(ctx, request{op: "read the file on the target branch", method: http.MethodGet, path: path, query: url.Values{"ref": {ref}}}, &file); err != nil {
		return nil, err
	}
	if file.Encoding != "base64" {
		return nil, errors.New("the API does not give the content of the file")
	}
	return base64.StdEncoding.DecodeString(strings.ReplaceAll(file.Content, "\n", ""))
}
