package changes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/agent-gate/agent-gate/internal/text"
)

// gitTime bounds one call of git.
const gitTime = 30 * time.Second

// repository is a checkout.
type repository struct{ dir string }

// run runs git and returns what it prints. The checkout may belong to another user, as in a container, and its
// settings must not change what is printed.
func (r repository) run(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, gitTime)
	defer cancel()
	var said bytes.Buffer
	git := exec.CommandContext(ctx, "git", append([]string{"-c", "safe.directory=*", "-c", "core.fsmonitor=false", "--no-pager", "--literal-pathspecs"}, args...)...)
	git.Dir, git.Stderr = r.dir, &said
	out, err := git.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := git.Start(); err != nil {
		return "", errors.New("there is no git: " + err.Error())
	}
	data, err := io.ReadAll(io.LimitReader(out, maxList+1))
	if len(data) > maxList {
		cancel()
		_ = git.Wait()
		return "", fmt.Errorf("git prints more than %d MiB", maxList>>20)
	}
	if err := errors.Join(err, git.Wait()); err != nil {
		why := text.New(strings.TrimSpace(said.String()))
		if why.IsEmpty() {
			why = text.New(err.Error())
		}
		return "", errors.New(why.LineMax(200))
	}
	return string(data), nil
}

// commit returns the id of a commit; ok is false if the checkout does not have it.
func (r repository) commit(ctx context.Context, rev string) (id string, ok bool) {
	out, err := r.run(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	id = strings.TrimSpace(out)
	return id, err == nil && id != ""
}

// branch returns the commit of a branch of the remote. A branch of the checkout may have been moved since.
func (r repository) branch(ctx context.Context, name text.Untrusted) (string, error) {
	if name.IsEmpty() {
		return "", errors.New("the event names no target branch")
	}
	if id, ok := r.commit(ctx, "refs/remotes/origin/"+name.Raw()); ok {
		return id, nil
	}
	if _, err := r.run(ctx, "rev-parse", "--git-dir"); err != nil {
		return "", err
	}
	return "", fmt.Errorf("the checkout has no branch origin/%s; a checkout of the whole history has it", name.LineMax(100))
}

// main is the remote's main branch, as far as the checkout knows: what a person's own branch goes to.
func (r repository) main(ctx context.Context) text.Untrusted {
	out, err := r.run(ctx, "rev-parse", "--abbrev-ref", "origin/HEAD")
	name, ok := strings.CutPrefix(strings.TrimSpace(out), "origin/")
	if err != nil || !ok {
		return text.Untrusted{}
	}
	return text.New(name)
}

// changed returns the files that differ between HEAD and where it left a branch, or a commit that the CI system says
// that is.
func (r repository) changed(ctx context.Context, branch text.Untrusted, left string) ([]string, error) {
	base, ok := "", false
	if left != "" {
		base, ok = r.commit(ctx, left)
	}
	if !ok {
		target, err := r.branch(ctx, branch)
		if err != nil {
			return nil, err
		}
		out, err := r.run(ctx, "merge-base", target, "HEAD")
		if err != nil {
			if shallow, _ := r.run(ctx, "rev-parse", "--is-shallow-repository"); strings.TrimSpace(shallow) == "true" {
				return nil, fmt.Errorf("the checkout does not go back to where the change left %s; check out the whole history (fetch-depth: 0, GIT_DEPTH: 0)", branch.LineMax(100))
			}
			return nil, fmt.Errorf("the change has no commit in common with %s", branch.LineMax(100))
		}
		base = strings.TrimSpace(out)
	}
	out, err := r.run(ctx, "diff", "--name-status", "-M", "-z", "--no-relative", "--no-ext-diff", "--ignore-submodules=none", "--end-of-options", base, "HEAD", "--")
	if err != nil {
		return nil, err
	}
	return names(out)
}

// names returns the files that git diff --name-status -z lists, renamed and copied ones with both names.
func names(out string) ([]string, error) {
	if out == "" {
		return nil, nil
	}
	parts := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	var files []string
	for len(parts) > 0 {
		n := 1
		if status := parts[0]; strings.HasPrefix(status, "R") || strings.HasPrefix(status, "C") {
			n = 2
		}
		if len(parts) <= n || parts[0] == "" {
			return nil, errors.New("git diff prints something unexpected")
		}
		files, parts = append(files, parts[1:1+n]...), parts[1+n:]
	}
	return files, nil
}
