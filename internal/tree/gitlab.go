package tree

import (
	"cmp"
	"context"
	"crypto/sha1" //nolint:gosec // what git uses
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// entry is a file or a folder in the root of a repository.
type entry struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Mode string `json:"mode"`
}

// maxPages bounds the pages that are read: nobody has 10,000 files in the root of a repository.
const maxPages = 100

// fromGitLab makes the tree's hash from what GitLab lists of the root: it does not tell the hash itself.
//
// https://docs.gitlab.com/api/repositories/#list-repository-tree
func fromGitLab(ctx context.Context, s Source) (string, error) {
	var all []entry
	for page := 1; page != 0; {
		if page > maxPages {
			return "", errors.New("its list of files has no end")
		}
		var some []entry
		query := url.Values{"ref": {s.Commit}, "per_page": {"100"}, "page": {strconv.Itoa(page)}}
		header, err := s.get(ctx, "/projects/"+url.PathEscape(s.Repository)+"/repository/tree?"+query.Encode(), http.Header{"Private-Token": {s.Token}}, &some)
		if err != nil {
			return "", err
		}
		all = append(all, some...)
		if len(header.Values("X-Next-Page")) == 0 && len(some) == 100 {
			return "", errors.New("it does not say whether its list of files is whole")
		}
		page, _ = strconv.Atoi(header.Get("X-Next-Page"))
	}
	return hashOfEntries(all)
}

// hashOfEntries is the hash that git gives to a tree of these entries.
//
// https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
func hashOfEntries(all []entry) (string, error) {
	if len(all) == 0 {
		return "", errors.New("it lists no files")
	}
	sortName := func(e entry) string {
		if isFolder(e) {
			return e.Name + "/"
		}
		return e.Name
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Compare(sortName(a), sortName(b)) })
	var content strings.Builder
	for i, e := range all {
		id, err := hex.DecodeString(e.ID)
		switch {
		case err != nil || len(e.ID) != len(all[0].ID):
			return "", errors.New("it lists a file without a hash")
		case i > 0 && e.Name == all[i-1].Name:
			return "", errors.New("it lists a file twice")
		}
		content.WriteString(strings.TrimLeft(e.Mode, "0") + " " + e.Name + "\x00" + string(id))
	}
	var sum hash.Hash
	switch len(all[0].ID) {
	case 2 * sha1.Size:
		sum = sha1.New() //nolint:gosec // what git uses
	case 2 * sha256.Size:
		sum = sha256.New()
	default:
		return "", errors.New("it lists a file without a hash")
	}
	fmt.Fprintf(sum, "tree %d\x00%s", content.Len(), content.String())
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func isFolder(e entry) bool { return strings.TrimLeft(e.Mode, "0") == "40000" }
