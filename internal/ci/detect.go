package ci

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Detect reads the context of the job from the environment and, on GitHub, from the event
// file through readFile. What is missing or malformed is left empty: the context only
// names and explains things, and a run does not fail without it.
func Detect(getenv func(string) string, readFile func(string) ([]byte, error)) job.Context {
	switch ProviderOf(getenv) {
	case job.GitHub:
		return detectGitHub(getenv, readFile)
	case job.GitLab:
		return detectGitLab(getenv)
	case job.Jenkins:
		return detectJenkins(getenv)
	case job.CircleCI:
		return detectCircleCI(getenv)
	case job.Azure:
		return detectAzure(getenv)
	case job.Buildkite:
		return detectBuildkite(getenv)
	}
	return job.Context{Provider: job.Plain, TempDir: systemTempDir(getenv)}
}

// ProviderOf returns the CI system, by the variable that each of them sets. Systems that
// run GitHub's workflows, such as Gitea and act, set GitHub's. Jenkins comes last and
// needs a build number too, because people set JENKINS_URL for their own scripts.
func ProviderOf(getenv func(string) string) job.Provider {
	switch {
	case getenv("GITHUB_ACTIONS") == "true":
		return job.GitHub
	case getenv("GITLAB_CI") == "true":
		return job.GitLab
	case getenv("CIRCLECI") == "true":
		return job.CircleCI
	case strings.EqualFold(getenv("TF_BUILD"), "true"):
		return job.Azure
	case getenv("BUILDKITE") == "true":
		return job.Buildkite
	case getenv("JENKINS_URL") != "" && getenv("BUILD_NUMBER") != "":
		return job.Jenkins
	}
	return job.Plain
}

// systemTempDir returns the directory for temporary files, by the rules of os.TempDir.
func systemTempDir(getenv func(string) string) string {
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		if dir := getenv(name); dir != "" {
			return dir
		}
	}
	return "/tmp"
}

// isDigits reports whether s is a decimal number of at most 20 digits.
func isDigits(s string) bool { return s != "" && len(s) <= 20 && strings.Trim(s, digits) == "" }

// isSHA reports whether s looks like a SHA-1 or SHA-256.
func isSHA(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, digits+"abcdefABCDEF") == ""
}

// isID reports whether s looks like an identifier of a CI system: a UUID, a number, a
// machine name, or one of GitHub's action IDs: the step's id, __run_2,
// __owner_repository.
func isID(s string) bool { return len(s) <= 200 && consists(s, "_.-") }

// isRepository reports whether s looks like owner/name.
func isRepository(s string) bool {
	owner, name, _ := strings.Cut(s, "/")
	return consists(owner, "_.-") && consists(name, "_.-")
}

// digits are the ASCII digits.
const digits = "0123456789"

// consists reports whether s is not empty and consists of ASCII letters, digits and the
// given others.
func consists(s, others string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(others, r)
	})
}

// matching returns s if it has the form, else "".
func matching(form func(string) bool, s string) string {
	if form(s) {
		return s
	}
	return ""
}

// webURL returns s if it is an absolute http or https URL without user and password that
// consists of visible ASCII only, else "".
func webURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("<>\"'`()[]|\\^{}", r) }) {
		return ""
	}
	return s
}

// apiURL is webURL without trailing slashes; a URL with a query or fragment gives "".
func apiURL(s string) string {
	if strings.ContainsAny(s, "?#") {
		return ""
	}
	return strings.TrimRight(webURL(s), "/")
}

// number returns s as a positive number, else 0.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// repositoryOf returns the path of a repository URL without .git, such as group/project,
// and never the user and password that may be in the URL. It is empty for anything but a
// URL, such as a local path.
func repositoryOf(address string) string {
	path := ""
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		path = u.Path
	} else if at, rest, ok := strings.Cut(address, ":"); ok && !strings.Contains(rest, ":") {
		// Git's short form of an SSH URL: user@host:path.
		if user, host, _ := strings.Cut(at, "@"); consists(user, "_.-") && consists(host, "_.-") {
			path = rest
		}
	}
	return strings.TrimSuffix(strings.Trim(path, "/"), ".git")
}

// branchOf returns the branch or tag that a full ref names.
func branchOf(ref string) string {
	for _, prefix := range []string{"refs/heads/", "refs/tags/"} {
		if name, ok := strings.CutPrefix(ref, prefix); ok {
			return name
		}
	}
	return ref
}

// firstOf returns the first non-empty text, as untrusted.
func firstOf(texts ...string) text.Untrusted {
	for _, s := range texts {
		if s != "" {
			return text.New(s)
		}
	}
	return text.Untrusted{}
}
