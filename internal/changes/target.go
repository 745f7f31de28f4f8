package changes

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// show returns a file of a branch of the remote.
func (r repository) show(ctx context.Context, branch text.Untrusted, name string) ([]byte, error) {
	commit, err := r.branch(ctx, branch)
	if err != nil {
		return nil, err
	}
	inside, err := r.path(ctx, name)
	if err != nil {
		return nil, err
	}
	out, err := r.run(ctx, "cat-file", "blob", commit+":"+inside)
	return []byte(out), err
}

// path is the path of a file from the root of the repository. Without git, the directory counts as the root.
func (r repository) path(ctx context.Context, name string) (string, error) {
	dir, err := filepath.Abs(r.dir)
	if err != nil {
		return "", err
	}
	full := name
	if !filepath.IsAbs(name) {
		full = filepath.Join(dir, name)
	}
	root := dir
	if top, err := r.run(ctx, "rev-parse", "--show-toplevel"); err == nil {
		// git resolves links.
		root = strings.TrimSuffix(top, "\n")
		if real, err := filepath.EvalSymlinks(filepath.Dir(full)); err == nil {
			full = filepath.Join(real, filepath.Base(full))
		}
	}
	inside, err := filepath.Rel(root, full)
	inside = filepath.ToSlash(inside)
	if err != nil || inside == ".." || strings.HasPrefix(inside, "../") || path.IsAbs(inside) {
		return "", errors.New("the suite file is not in the repository")
	}
	return inside, nil
}
