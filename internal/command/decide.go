package command

import (
	"fmt"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// decide judges a saved JSON report again, with the criteria given now.
func (s *session) decide() int {
	file, err := openFile(s.config.ReportFile)
	if err != nil {
		return s.misconfigured(fmt.Errorf("the report cannot be read: %w", err))
	}
	defer file.Close()
	evidence, meta, err := report.ReadJSON(file)
	if err != nil {
		return s.misconfigured(fmt.Errorf("%s is not a report that can be judged: %w", s.config.ReportFile, err))
	}
	if !s.config.Transcripts {
		// A report without the input transcripts never holds people's words.
		evidence.Calls = evidence.Calls.WithTranscripts(nil)
	}
	if err := s.readBaseline(); err != nil {
		return s.misconfigured(err)
	}
	if meta.Verdict == verdict.Skip {
		// A gate that was skipped has not passed.
		evidence.Stopped = &verdict.Stop{
			Cause:  verdict.CauseOperational,
			Reason: text.Sprintf("the report is of a run that was skipped, so there is nothing to judge: %s", meta.Reason),
		}
	}
	if c := verdict.Compare(evidence, s.config.Rules); c != nil {
		evidence.Warnings = append(evidence.Warnings, c.Warnings...)
	}
	return s.finish(evidence, verdict.Judge(evidence, s.config.Rules))
}
