package ci

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

const (
	// SummaryLimit is what a step's summary may have, in bytes, with room for what
	// another tool in the same step adds: GitHub drops a summary of more than 1 MiB as
	// a whole (actions/runner, FileCommandManager.cs, AttachmentSizeLimit).
	SummaryLimit = 1000 << 10

	summaryCut = "\n\n_The rest of this summary does not fit: GitHub takes 1 MiB for a step._\n"
)

// AppendSummary adds Markdown to the summary of the job. A report should keep within
// [SummaryLimit] by itself, since it knows what to leave out; what still does not fit
// is cut at the end of a line, and the cut is said. It does nothing where there is no
// file.
func (f CommandFiles) AppendSummary(write func(io.Writer) error) error {
	if f.Summary == "" {
		return nil
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return fmt.Errorf("write the job summary: %w", err)
	}
	room := SummaryLimit
	if info, err := os.Stat(f.Summary); err == nil {
		room -= int(min(info.Size(), SummaryLimit))
	}
	if err := appendLines(f.Summary, cutMarkdown(b.String(), room)); err != nil {
		return fmt.Errorf("write the job summary: %w", err)
	}
	return nil
}

// cutMarkdown shortens s to n bytes at the end of a line.
func cutMarkdown(s string, n int) string {
	if len(s) <= n {
		return s
	}
	end := n - len(summaryCut)
	for end > 0 && s[end-1] != '\n' {
		end--
	}
	if end <= 0 {
		return ""
	}
	return s[:end] + summaryCut
}
