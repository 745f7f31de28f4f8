// Package tree finds the git tree of the commit that a job tests: the same for every commit with the same
// files, so that a merge queue can use what the pull request paid for. It asks git, or else the API of GitHub
// (here) or GitLab (gitlab.go).
package tree

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"time"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Source says where to look.
type Source struct {
	Dir string // of a checkout
	// Forge is whose API is asked for the commit if there is no checkout, with a token; empty for none. The
	// repository is OWNER/NAME on GitHub, and the id of the project on GitLab.
	Forge                             Forge
	Commit, Repository, APIURL, Token string
	// Refused says why the forge must not be asked, such as a token that would be sent unencrypted; nil if it may.
	Refused error
	Client  *http.Client // nil for one that follows no redirects
}

// Forge is a server of repositories. Its value is the beginning of the name of its token's input.
type Forge string

// The forges.
const (
	GitHub Forge = "github"
	GitLab Forge = "gitlab"
)

// limits of the two ways to ask.
const (
	gitTime = 10 * time.Second
	apiTime = 20 * time.Second
	maxBody = 1 << 20
)

// Of returns the tree's hash, 40 or 64 hexadecimal digits. Changes that are not committed do not count.
func Of(ctx context.Context, s Source) (string, error) {
	hash, gitErr := fromGit(ctx, s.Dir)
	if gitErr == nil {
		return hash, nil
	}
	if s.Forge == "" || s.Commit == "" || s.APIURL == "" || s.Repository == "" {
		return "", gitErr
	}
	name, ask := "GitHub", fromGitHub
	if s.Forge == GitLab {
		name, ask = "GitLab", fromGitLab
	}
	if s.Refused != nil {
		return "", fmt.Errorf("%w; and %s was not asked: %w", gitErr, name, s.Refused)
	}
	if s.Token == "" {
		return "", fmt.Errorf("%w; and without %s-token %s cannot be asked", gitErr, string(s.Forge), name)
	}
	ctx, cancel := context.WithTimeout(ctx, apiTime)
	defer cancel()
	hash, err := ask(ctx, s)
	if err != nil {
		return "", fmt.Errorf("%w; and %s does not tell: %w", gitErr, name, err)
	}
	return hash, nil
}

// fromGit asks git in a checkout. The checkout may belong to another user, as in a container.
func fromGit(ctx context.Context, dir string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, gitTime)
	defer cancel()
	var out, said bytes.Buffer
	git := exec.CommandContext(ctx, "git", "-c", "safe.directory=*", "rev-parse", "--verify", "--quiet", "HEAD^{tree}")
	git.Dir, git.Stdout, git.Stderr = dir, &out, &said
	if err := git.Run(); err != nil {
		why := text.New(strings.TrimSpace(said.String()))
		if why.IsEmpty() {
			why = text.New(err.Error())
		}
		return "", fmt.Errorf("git does not tell the tree of HEAD: %s", why.LineMax(200))
	}
	return hashOf(strings.TrimSpace(out.String()))
}

// fromGitHub asks GitHub's API for the commit's tree.
func fromGitHub(ctx context.Context, s Source) (string, error) {
	var commit struct {
		Tree struct {
			SHA string `json:"sha"`
		} `json:"tree"`
	}
	if _, err := s.get(ctx, "/repos/"+s.Repository+"/git/commits/"+s.Commit, http.Header{"Authorization": {"Bearer " + s.Token}, "Accept": {"application/vnd.github+json"}}, &commit); err != nil {
		return "", err
	}
	return hashOf(commit.Tree.SHA)
}

// get asks the API, and reads the answer.
func (s Source) get(ctx context.Context, path string, header http.Header, into any) (http.Header, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.APIURL+path, nil)
	if err != nil {
		return nil, errors.New("the address of its API is not valid")
	}
	request.Header = header
	client := s.Client
	if client == nil {
		client = &http.Client{Timeout: apiTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, errors.New("no answer from its API")
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", answer.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxBody)).Decode(into); err != nil {
		return nil, errors.New("the answer of its API is not JSON")
	}
	return answer.Header, nil
}

// hashOf checks that a text is a hash.
func hashOf(s string) (string, error) {
	if (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdef") == "" {
		return s, nil
	}
	return "", fmt.Errorf("%q is no hash of a tree", text.New(s).LineMax(80))
}
