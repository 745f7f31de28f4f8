package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/agent-gate/agent-gate/internal/config/kind"
)

// commandFiles are the files through which a step talks to GitHub's runner. Other
// commands of the step append to them too.
var commandFiles = []string{"GITHUB_OUTPUT", "GITHUB_STATE", stepSummary}

const stepSummary = "GITHUB_STEP_SUMMARY"

// checkPaths rejects two files with the same path, since the second would overwrite the
// first, and files that cannot be written. A summary requested in the step's own summary
// file is not written twice.
func (s *sources) checkPaths(c *Config) {
	const judged, compared = "the report to judge", "the baseline"
	written := map[string]string{}
	if c.Baseline.File != "" {
		written[realPath(c.Baseline.File)] = compared
	}
	if s.command == CommandDecide && c.Argument != "" {
		written[realPath(c.Argument)] = judged
	}
	if s.env["GITHUB_ACTIONS"] == "true" {
		for _, variable := range commandFiles {
			if path := s.env[variable]; path != "" {
				written[realPath(path)] = variable
				s.tryWrite("", variable, path, true)
			}
		}
	}
	for _, file := range []struct{ name, path string }{
		{"json-report", c.Reports.JSON},
		{"junit-report", c.Reports.JUnit},
		{"html-report", c.Reports.HTML},
		{"summary-file", c.Reports.Summary},
		{"dotenv-file", c.Reports.Dotenv},
		{"metrics-report", c.Reports.Metrics},
		{"annotations-report", c.Reports.Annotations},
		{"ctrf-report", c.Reports.CTRF},
		{"attestation-report", c.Reports.Attestation},
		{"state-file", c.StateFile},
	} {
		if file.path == "" {
			continue
		}
		path := realPath(file.path)
		other, taken := written[path]
		switch {
		case taken && other == judged && file.name == "json-report":
			// It is read before it is written and contains the same calls. The input may
			// also come from an earlier job's output of the same name.
			s.warn(file.name, s.from(file.name), "%s is the report being judged; its verdict will be overwritten", s.quote(file.path))
		case taken && other == compared && file.name == "json-report":
			written[path] = file.name // each run becomes the baseline of the next
		case taken && other == stepSummary && file.name == "summary-file":
			c.Reports.Summary, c.Reports.StepSummary = "", true
			continue
		case taken:
			s.reject(file.name, s.from(file.name), "%s is also the path of %s; use a different path for each", s.quote(file.path), other)
			continue
		default:
			written[path] = file.name
		}
		path = file.path
		if file.name == "state-file" {
			path = inState(path)
		}
		s.tryWrite(file.name, s.from(file.name), path, false)
	}
}

// inState returns a file to try for the state files: inside an existing folder, else next
// to the path, whether that will be a folder or is a prefix.
func inState(path string) string {
	if kind.IsDirectory(path) {
		return filepath.Join(path, "record")
	}
	return strings.TrimRight(path, "/")
}

// tryWrite rejects a file that cannot be written, before any call is paid for.
func (s *sources) tryWrite(input, from, path string, appended bool) {
	if s.try == nil || !s.command.runs() {
		return
	}
	switch err := s.try(path, appended); {
	case err == nil:
	case input == "":
		s.reject("", "", "%s: %s cannot be written: %v", from, s.quote(path), err)
	default:
		s.reject(input, from, "%s cannot be written: %v", s.quote(path), err)
	}
}

// maxLinks is how many symbolic links are followed, as on Linux.
const maxLinks = 40

// realPath maps all spellings of a path to one, even through symbolic links and where
// nothing exists yet.
func realPath(path string) string {
	full := absolute(path)
	for range maxLinks {
		target, err := os.Readlink(full)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(full), target)
		}
		full = filepath.Clean(target)
	}
	dir, rest := filepath.Dir(full), filepath.Base(full)
	for {
		if resolved, err := filepath.EvalSymlinks(dir); err == nil {
			full = filepath.Join(resolved, rest)
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		rest, dir = filepath.Join(filepath.Base(dir), rest), parent
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" { // case-insensitive file systems
		full = strings.ToLower(full)
	}
	return full
}

// absolute returns the absolute path, or the cleaned path when the working directory is
// unknown.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return filepath.Clean(path)
}
