package command

import (
	"fmt"

	"github.com/agent-gate/agent-gate/internal/report/jsonreport"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// readBaseline reads the JSON report that the input baseline names, before anything is
// started. Other baselines are left to the gate.
func (s *session) readBaseline() error {
	path := s.config.Baseline.File
	if path == "" {
		return nil
	}
	file, err := openFile(path)
	if err != nil {
		return fmt.Errorf("baseline: cannot read the report: %w", err)
	}
	defer file.Close()
	evidence, _, err := jsonreport.Read(file)
	switch {
	case err != nil:
		return fmt.Errorf("baseline: %s is not a valid report: %w", path, err)
	case evidence.Calls.Len() == 0:
		return fmt.Errorf("baseline: the report %s has no calls", path)
	}
	s.config.Rules.Baseline = verdict.BaselineOf(evidence)
	return nil
}
