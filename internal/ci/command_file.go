package ci

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/google/uuid"
)

// CommandFiles are the files through which a step speaks to GitHub's runner, which
// makes them anew for each step. They are empty on other systems.
//
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#environment-files
type CommandFiles struct {
	Output  string // GITHUB_OUTPUT: what later steps may read
	State   string // GITHUB_STATE: what the post step of the same action may read
	Summary string // GITHUB_STEP_SUMMARY: Markdown
}

// CommandFilesOf reads the paths of the command files from the environment.
func CommandFilesOf(getenv func(string) string) CommandFiles {
	if ProviderOf(getenv) != GitHub {
		return CommandFiles{}
	}
	return CommandFiles{
		Output:  getenv("GITHUB_OUTPUT"),
		State:   getenv("GITHUB_STATE"),
		Summary: getenv("GITHUB_STEP_SUMMARY"),
	}
}

// SaveState hands a value to the post step of the action, where it is the variable
// STATE_name. It does nothing where there is no file.
func (f CommandFiles) SaveState(name, value string) error {
	if f.State == "" {
		return nil
	}
	if err := appendValues(f.State, uuid.NewRandom, Output{Name: name, Value: value}); err != nil {
		return fmt.Errorf("save state for the post step: %w", err)
	}
	return nil
}

// isOutputName reports whether s looks like a name of ours; the runner would take more.
func isOutputName(s string) bool {
	return consists(s, "_-") && s[0] != '-' && !strings.ContainsAny(s[:1], digits)
}

// appendValues appends values to a command file in the form of here-documents. The
// delimiter is random: whoever can foretell it can put "delimiter", newline and an
// output of his own into a value.
func appendValues(path string, newUUID func() (uuid.UUID, error), values ...Output) error {
	var b strings.Builder
	for _, v := range values {
		if !isOutputName(v.Name) {
			return fmt.Errorf("%q is no name of an output", v.Name)
		}
		id, err := newUUID()
		if err != nil {
			return fmt.Errorf("make a delimiter: %w", err)
		}
		delimiter := "ghadelimiter_" + id.String()
		if strings.Contains(v.Value, delimiter) {
			return fmt.Errorf("the value of %s holds its delimiter", v.Name)
		}
		value := strings.ToValidUTF8(v.Value, "\ufffd") // the runner reads UTF-8
		fmt.Fprintf(&b, "%s<<%s\n%s\n%s\n", v.Name, delimiter, value, delimiter)
	}
	return appendLines(path, b.String())
}

// appendLines appends s in one write, on a line of its own also when whoever wrote
// before did not end his.
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
