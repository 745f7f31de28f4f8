package ci

import (
	"fmt"
	"time"

	"github.com/sethvargo/go-githubactions"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Group starts a collapsible section of the log, where the CI system has such a thing,
// and ends the previous one: GitHub does not nest them. The log of a part has none.
func (l *Log) Group(title constant, args ...any) { l.open(true, title, args) }

// OpenGroup is Group for a section that is open at first, where the CI system allows that: one in which
// something is going on.
func (l *Log) OpenGroup(title constant, args ...any) { l.open(false, title, args) }

// Folds reports whether the CI system shows sections folded.
func (l *Log) Folds() bool {
	switch l.options.Provider {
	case job.GitHub, job.GitLab, job.Azure, job.Buildkite:
		return l.whole == nil
	}
	return false
}

func (l *Log) open(folded bool, title constant, args []any) {
	if l.whole != nil {
		return
	}
	name := text.New(fmt.Sprintf(string(title), args...)).LineMax(lineLimit)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.endGroup()
	l.groups++
	l.group = fmt.Sprintf("agent_gate_%d", l.groups)
	switch l.options.Provider {
	case job.GitHub:
		l.command("group", nil, name)
	case job.GitLab:
		options := ""
		if folded {
			options = "[collapsed=true]"
		}
		l.print(section("start", l.group+options) + paint(l, bold, name) + "\n")
	case job.Azure:
		l.print("##[group]" + name + "\n")
	case job.Buildkite:
		// It must be at the start of the line, so it gets no colour.
		l.print("--- " + name + "\n")
	default:
		l.print(paint(l, bold, "--- "+name) + "\n")
	}
}

// EndGroup ends the open section, if any.
func (l *Log) EndGroup() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.endGroup()
}

func (l *Log) endGroup() {
	if l.group == "" {
		return
	}
	switch l.options.Provider {
	case job.GitHub:
		l.command("endgroup", nil, "")
	case job.GitLab:
		l.print(section("end", l.group) + "\n")
	case job.Azure:
		l.print("##[endgroup]\n")
	}
	l.group = ""
}

// section is GitLab's marker at both ends of a section.
//
// https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections
func section(end, name string) string {
	return fmt.Sprintf("\x1b[0Ksection_%s:%d:%s\r\x1b[0K", end, time.Now().Unix(), name)
}

// command prints a GitHub workflow command, escaped.
func (l *Log) command(name string, properties githubactions.CommandProperties, message string) {
	c := githubactions.Command{Name: name, Properties: properties, Message: message}
	l.print(c.String() + "\n")
}
