package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// commandFiles are the files through which a step speaks to GitHub's runner. They are
// appended to, also by other commands of the step.
var commandFiles = []string{"GITHUB_OUTPUT", "GITHUB_STATE", stepSummary}

const stepSummary = "GITHUB_STEP_SUMMARY"

// checkPaths rejects two files with the same path, since the second would overwrite the
// first, and files that cannot be written. The summary of the step on GitHub is not written
// a second time when it is asked for.
func (s *sources) checkPaths(c *Config) {
	const judged, compared = "the report to judge", "the baseline"
	written := map[string]string{}
	if c.Baseline.File != "" {
		written[realPath(c.Baseline.File)] = compared
	}
	if c.ReportFile != "" {
		written[realPath(c.ReportFile)] = judged
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
		{"state-file", c.StateFile},
	} {
		if file.path == "" {
			continue
		}
		path := realPath(file.path)
		other, taken := written[path]
		switch {
		case taken && other == judged && file.name == "json-report":
			// It is read before it is written and holds the same calls. The name may also
			// be an earlier job's output of the same name.
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

// inState is a file where the state files will be: in a folder that is there, else beside
// the path, whether that will be a folder or is a prefix.
func inState(path string) string {
	if isDirectory(path) {
		return filepath.Join(path, "record")
	}
	return strings.TrimRight(path, "/")
}

// tryWrite rejects a file that cannot be written, before calls are paid for.
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

// realPath makes different spellings of a path the same, also through symbolic links, and
// where nothing is there yet.
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
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" { // whose file systems do not tell cases apart
		full = strings.ToLower(full)
	}
	return full
}

// absolute is a path from the root. It stays as it is when the working directory is not
// known.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return filepath.Clean(path)
}
