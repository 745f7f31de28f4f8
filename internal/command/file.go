package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/agent-gate/agent-gate/internal/report/jsonreport"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// eventLimit is the most that is read of GitHub's event file, in bytes. Those of pull
// requests take tens of kilobytes.
const eventLimit = 10 << 20

// openFile opens a regular file for reading. Opening or reading a pipe could block
// forever, even after a signal.
func openFile(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New(path + " is not a regular file; pipes and devices are not read, so write it to a file first")
	}
	return os.Open(path)
}

// readFile reads a regular file of at most limit bytes.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, fmt.Errorf("%s is larger than %d MiB", path, limit>>20)
	}
	return data, err
}

// readEvent reads GitHub's event file.
func readEvent(path string) ([]byte, error) { return readFile(path, eventLimit) }

// readSaved reads a saved report from a file, or from standard input.
func (s *session) readSaved(path string) (jsonreport.Saved, error) {
	from, name := s.Stdin, "standard input"
	if path != "-" {
		name = path
		file, err := openFile(path)
		if err != nil {
			return jsonreport.Saved{}, fmt.Errorf("cannot read the report: %w", err)
		}
		defer file.Close()
		from = file
	}
	saved, err := jsonreport.ReadSaved(from)
	if err != nil {
		return saved, fmt.Errorf("%s is not a valid report: %w", name, err)
	}
	return saved, nil
}

// readBaseline reads the JSON report that the input baseline names, before anything is started: that of the
// same gate if it is of a suite. Other baselines are left to the gate.
func (s *session) readBaseline() error {
	path := s.config.Baseline.File
	if path == "" {
		return nil
	}
	saved, read := s.baselines[path]
	if !read {
		file, err := openFile(path)
		if err != nil {
			return fmt.Errorf("baseline: cannot read the report: %w", err)
		}
		defer file.Close()
		if saved, err = jsonreport.ReadSaved(file); err != nil {
			return fmt.Errorf("baseline: %s is not a valid report: %w", path, err)
		}
		s.baselines[path] = saved
	}
	evidence, meta := saved.Evidence, saved.Meta
	if saved.Suite != nil {
		i := slices.IndexFunc(saved.Suite.Gates, func(g jsonreport.SavedGate) bool { return g.Ran && string(g.Name) == s.config.Gate })
		switch {
		case s.config.Gate == "":
			return fmt.Errorf("baseline: the report %s is of a suite, and this run is none of its gates; give a report of a run without a suite file", path)
		case i < 0:
			return fmt.Errorf("baseline: the report %s is of a suite, and has none of this gate", path)
		}
		evidence, meta = saved.Suite.Gates[i].Evidence, saved.Suite.Gates[i].Meta
	}
	if evidence.Calls.Len() == 0 {
		return fmt.Errorf("baseline: the report %s has no calls", path)
	}
	s.config.Rules.Baseline = verdict.BaselineOf(evidence)
	s.config.Rules.Baseline.Branch = meta.CI.Ref
	return nil
}

// compareWith makes the baseline that a gate found the one of the session.
func (s *session) compareWith(b *verdict.Baseline) {
	if b != nil && s.config.Baseline.Auto {
		b.Branch = s.context.BaseRef
	}
	s.config.Rules.Baseline = b
}
