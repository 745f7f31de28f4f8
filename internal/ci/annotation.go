package ci

import (
	"strconv"

	"github.com/sethvargo/go-githubactions"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Severity is the level of an annotation, in GitHub's terms.
type Severity string

// The severities.
const (
	SeverityNotice  Severity = "notice"
	SeverityWarning Severity = "warning"
	SeverityError   Severity = "error"
)

const (
	// maxIssues is how many annotations of one severity GitHub keeps for a step; it drops
	// the rest silently (actions/runner, ExecutionContext.cs).
	maxIssues = 10
	// issueLimit and titleLimit, in characters, keep an annotation well below GitHub's
	// limit of 4096.
	issueLimit = 1000
	titleLimit = 100
	fileLimit  = 500
)

// Annotation is a message that GitHub shows on the run's page and in the pull request.
type Annotation struct {
	Severity Severity
	Title    text.Untrusted
	Message  text.Untrusted
	// File is what it is about, relative to the repository, with the place if Line is not 0; empty if it is about none.
	File         string
	Line, Column int
}

// issues are the annotations of one severity.
type issues struct {
	shown int
	rest  []Annotation // not shown yet; the last slot is for their number
}

// Annotate shows an annotation on GitHub, and a log line elsewhere. GitHub keeps ten of a
// severity: after nine the rest become log lines, and Close writes a tenth that counts
// them.
func (l *Log) Annotate(a Annotation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.options.Provider != job.GitHub {
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

// closeIssues writes the last annotation of each severity.
func (l *Log) closeIssues() {
	for _, severity := range []Severity{SeverityError, SeverityWarning, SeverityNotice} {
		known := l.issues[severity]
		if known == nil || len(known.rest) == 0 {
			continue
		}
		last := known.rest[0]
		if len(known.rest) > 1 {
			last = Annotation{
				Severity: severity, Title: text.Sprintf("And %d more", len(known.rest)),
				Message: text.Sprintf("%d more are in the log and in the summary of the job", len(known.rest)),
			}
		}
		known.shown, known.rest = maxIssues, nil
		l.annotate(last)
	}
}

// annotate prints the workflow command for an annotation.
func (l *Log) annotate(a Annotation) {
	properties := githubactions.CommandProperties{}
	if title := a.Title.LineMax(titleLimit); title != "" {
		properties["title"] = title
	}
	if file := text.New(a.File).LineMax(fileLimit); file != "" {
		properties["file"] = file
		for name, n := range map[string]int{"line": a.Line, "col": a.Column} {
			if n > 0 {
				properties[name] = strconv.Itoa(n)
			}
		}
	}
	l.command(string(a.Severity), properties, a.Message.LineMax(issueLimit))
}

// line formats the annotation as a log line.
func (a Annotation) line(l *Log) string {
	words := a.Message
	if !a.Title.IsEmpty() {
		words = text.Join(": ", a.Title, a.Message)
	}
	color := map[Severity]style{SeverityError: red, SeverityWarning: yellow, SeverityNotice: bold}[a.Severity]
	return paint(l, color, string(a.Severity)+":") + " " + words.LineMax(lineLimit) + "\n"
}
