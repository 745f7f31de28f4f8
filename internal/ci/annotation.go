package ci

import (
	"github.com/sethvargo/go-githubactions"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Severity is the kind of an annotation, by GitHub's names.
type Severity string

// The severities.
const (
	SeverityNotice  Severity = "notice"
	SeverityWarning Severity = "warning"
	SeverityError   Severity = "error"
)

const (
	// maxIssues is how many annotations of one severity GitHub keeps of a step; it
	// drops the rest without a word (actions/runner, ExecutionContext.cs).
	maxIssues = 10
	// issueLimit keeps an annotation well below the 4096 characters that are left of
	// it there.
	issueLimit = 1000
	titleLimit = 100
)

// Annotation is a message that GitHub shows on the run's page and at the pull request.
type Annotation struct {
	Severity Severity
	Title    text.Untrusted
	Message  text.Untrusted
}

// issues are the annotations of one severity.
type issues struct {
	shown int
	rest  []Annotation // beyond those that are shown; the last slot is for their number
}

// Annotate shows an annotation, on GitHub as such and elsewhere as a line of the log.
// GitHub keeps ten of a severity: beyond nine they become lines of the log, and Close
// makes the tenth, which tells how many.
func (l *Log) Annotate(a Annotation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.options.Provider != GitHub {
		l.print(a.line(l))
		return
	}
	known := l.issues[a.Severity]
	if known == nil {
		known = &issues{}
		l.issues[a.Severity] = known
	}
	if known.shown < maxIssues-1 {
		known.shown++
		l.annotate(a)
		return
	}
	known.rest = append(known.rest, a)
	l.print(a.line(l))
}

// closeIssues makes the last annotation of each severity.
func (l *Log) closeIssues() {
	for _, severity := range []Severity{SeverityError, SeverityWarning, SeverityNotice} {
		known := l.issues[severity]
		if known == nil || len(known.rest) == 0 {
			continue
		}
		last := known.rest[0]
		if len(known.rest) > 1 {
			last = Annotation{severity, text.Sprintf("And %d more", len(known.rest)), text.Sprintf("%d more are in the log and in the summary of the job", len(known.rest))}
		}
		known.shown, known.rest = maxIssues, nil
		l.annotate(last)
	}
}

// annotate prints the command that makes an annotation.
func (l *Log) annotate(a Annotation) {
	var properties githubactions.CommandProperties
	if title := a.Title.LineMax(titleLimit); title != "" {
		properties = githubactions.CommandProperties{"title": title}
	}
	l.command(string(a.Severity), properties, a.Message.LineMax(issueLimit))
}

// line is the annotation as a line of the log.
func (a Annotation) line(l *Log) string {
	words := a.Message
	if !a.Title.IsEmpty() {
		words = text.Join(": ", a.Title, a.Message)
	}
	color := map[Severity]style{SeverityError: red, SeverityWarning: yellow, SeverityNotice: bold}[a.Severity]
	return paint(l, color, string(a.Severity)+":") + " " + words.LineMax(lineLimit) + "\n"
}
