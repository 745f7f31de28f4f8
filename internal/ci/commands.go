package ci

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/ci/job"
)

// CommandFiles are the files through which a step talks to GitHub's runner. The runner
// creates new ones for each step. They are empty on other systems.
//
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#environment-files
type CommandFiles struct {
	Output  string // GITHUB_OUTPUT: for later steps
	State   string // GITHUB_STATE: for the post step of the same action
	Summary string // GITHUB_STEP_SUMMARY: Markdown
}

// CommandFilesOf reads the paths of the command files from the environment.
func CommandFilesOf(getenv func(string) string) CommandFiles {
	if ProviderOf(getenv) != job.GitHub {
		return CommandFiles{}
	}
	return CommandFiles{
		Output:  getenv("GITHUB_OUTPUT"),
		State:   getenv("GITHUB_STATE"),
		Summary: getenv("GITHUB_STEP_SUMMARY"),
	}
}

// SaveState passes a value to the action's post step, in the variable STATE_name. Without
// a state file it does nothing.
func (f CommandFiles) SaveState(name, value string) error {
	if f.State == "" {
		return nil
	}
	if err := appendValues(f.State, uuid.NewRandom, Output{Name: name, Value: value}); err != nil {
		return fmt.Errorf("save state for the post step: %w", err)
	}
	return nil
}

const (
	// summaryLimit is the maximum size of a step's summary in bytes, with room for what
	// other tools in the step add: GitHub drops a summary of more than 1 MiB entirely
	// (actions/runner, FileCommandManager.cs, AttachmentSizeLimit).
	summaryLimit = 1000 << 10

	summaryCut = "\n\n_The rest of this summary was cut: GitHub allows 1 MiB per step._\n"
)

// AppendSummary adds Markdown to the job summary. A report should stay within the limit
// by itself, since it knows what to leave out; what still does not fit is cut at the end
// of a line, with a note. Without a summary file it does nothing.
func (f CommandFiles) AppendSummary(write func(io.Writer) error) error {
	if f.Summary == "" {
		return nil
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return fmt.Errorf("write the job summary: %w", err)
	}
	room := summaryLimit
	if info, err := os.Stat(f.Summary); err == nil {
		room -= int(min(info.Size(), summaryLimit))
	}
	if err := appendLines(f.Summary, cutMarkdown(b.String(), room)); err != nil {
		return fmt.Errorf("write the job summary: %w", err)
	}
	return nil
}

// cutMarkdown shortens s to n bytes, at the end of a line.
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

// isOutputName reports whether s looks like one of our names; the runner would accept
// more.
func isOutputName(s string) bool {
	return consists(s, "_-") && s[0] != '-' && !strings.ContainsAny(s[:1], digits)
}

// appendValues appends values to a command file as here-documents. The delimiter is
// random: whoever can predict it can smuggle a delimiter, a newline and an output of
// their own into a value.
func appendValues(path string, newUUID func() (uuid.UUID, error), values ...Output) error {
	var b strings.Builder
	for _, v := range values {
		if !isOutputName(v.Name) {
			return fmt.Errorf("%q is not an output name", v.Name)
		}
		id, err := newUUID()
		if err != nil {
			return fmt.Errorf("make a delimiter: %w", err)
		}
		delimiter := "ghadelimiter_" + id.String()
		if strings.Contains(v.Value, delimiter) {
			return fmt.Errorf("the value of %s contains its delimiter", v.Name)
		}
		value := strings.ToValidUTF8(v.Value, "\ufffd") // the runner reads UTF-8
		fmt.Fprintf(&b, "%s<<%s\n%s\n%s\n", v.Name, delimiter, value, delimiter)
	}
	return appendLines(path, b.String())
}

// appendLines appends s in one write, on a line of its own even when the previous writer
// left its last line unfinished.
func appendLines(path, s string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_RDWR, reportMode)
	if err != nil {
		return err
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, info.Size()-1); err == nil && last[0] != '\n' {
			s = "\n" + s
		}
	}
	_, err = f.WriteString(s)
	return errors.Join(err, f.Close())
}
