package config

import "path/filepath"

// checkPaths rejects two files with the same path: the second would overwrite the first.
func (s *sources) checkPaths(c Config) {
	const judged, compared = "the report to judge", "the baseline"
	written := map[string]string{}
	if c.Baseline.File != "" {
		written[absolute(c.Baseline.File)] = compared
	}
	if c.ReportFile != "" {
		written[absolute(c.ReportFile)] = judged
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
		path := absolute(file.path)
		other, taken := written[path]
		switch {
		case taken && other == judged && file.name == "json-report":
			// It is read before it is written and holds the same calls. The name may also
			// be an earlier job's output of the same name.
			s.warn(file.name, s.from(file.name), "%s is the report to judge; its verdict is replaced", s.quote(file.path))
		case taken && other == compared && file.name == "json-report":
			written[path] = file.name // each run becomes the baseline of the next
		case taken:
			s.reject(file.name, s.from(file.name), "%s is the path of %s too; each needs one of its own", s.quote(file.path), other)
		default:
			written[path] = file.name
		}
	}
}

// absolute makes different spellings of a path the same. It stays as it is when the
// working directory is not known.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return filepath.Clean(path)
}
