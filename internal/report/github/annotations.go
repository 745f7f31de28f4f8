// Package github selects the annotations that GitHub shows for a judged run. Package ci writes
// them to the log; nothing here knows GitHub's API.
package github

import (
	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

const (
	// perLevel is the maximum number of annotations per severity. GitHub keeps ten per step
	// (actions/runner, ExecutionContext.cs); one is reserved for the step itself, for example
	// for a report that cannot be written.
	perLevel = 9
	// annotatedFlaky is the minimum number of notices reserved for flaky calls if other calls
	// are notices too.
	annotatedFlaky = 4
	// annotatedGone is the maximum number of annotations about lost and missing calls.
	annotatedGone = 3
)

// Annotations returns what GitHub shows on the run page and the pull request: the verdict
// unless it is a pass, whose calls they are if an earlier start paid for them, the worst calls in the order of the summary, flaky calls, and why calls
// were lost or missing. There are errors only if the job fails, and never for calls that are
// not the agent's fault; a pass has only notices. There are at most nine per severity, and the
// last one counts what was left out.
func Annotations(r report.Report) []ci.Annotation {
	level, rescued := annotationLevel(r), report.Flaky(r)
	worst, n := report.WorstCalls(r, perLevel)
	var out []ci.Annotation
	if r.Verdict.Kind != verdict.Pass {
		reason := r.Verdict.Reason
		if report.Blank(reason) {
			reason = text.New(string(report.VerdictWord(r.Verdict.Kind)))
		}
		title := text.Sprintf("agent-gate: %s", string(r.Verdict.Kind))
		if d := report.Disarmed(r); d != "" {
			reason = text.Sprintf("%s. %s", reason, string(d))
		}
		out = append(out, ci.Annotation{Severity: level, Title: title, Message: reason})
	}
	room, notices := perLevel-len(out), perLevel
	if note := report.ReuseNote(r); !report.Blank(note) {
		out = append(out, ci.Annotation{Severity: ci.SeverityNotice, Title: text.New("agent-gate: judged again"), Message: note})
		notices--
		if level == ci.SeverityNotice {
			room--
		}
	}
	gone := goneAnnotations(r)
	if len(gone) > 0 && gone[0].Severity == level {
		room -= len(gone)
	}
	if level == ci.SeverityNotice {
		room -= min(len(rescued), annotatedFlaky)
		notices = perLevel - len(out) - len(gone) - min(len(worst), room)
	}
	out = append(out, annotated(level, worst, n, room, "calls did not pass or pulled a criterion down", func(c report.ShownCall) (_, _ text.Untrusted) {
		return report.CallTitle(c), callStory(c)
	})...)
	out = append(out, gone...)
	return append(out, annotated(ci.SeverityNotice, report.CallsAt(r, rescued[:min(len(rescued), perLevel)]), len(rescued), notices, "calls succeeded only after a rerun", func(c report.ShownCall) (_, _ text.Untrusted) {
		title := text.Sprintf("call %s flaky: %s", string(report.ShortID(c.ID)), text.New(c.Title.LineMax(80)))
		return title, report.Recovered(c.Call)
	})...)
}

// goneAnnotations says why calls were lost and that some were never created. These are never
// errors: if the verdict depends on them, its reason says so.
func goneAnnotations(r report.Report) []ci.Annotation {
	severity := ci.SeverityWarning
	if annotationLevel(r) == ci.SeverityNotice {
		severity = ci.SeverityNotice
	}
	var out []ci.Annotation
	add := func(title string, message text.Untrusted) {
		if len(out) < annotatedGone {
			out = append(out, ci.Annotation{Severity: severity, Title: text.New(title), Message: message})
		}
	}
	if n := r.Verdict.Counts; n.Missing > 0 {
		add("agent-gate: calls are missing", text.New(string(report.MissingCalls(n))))
	}
	for _, sentence := range report.LostSentences(r) {
		add("agent-gate: calls were lost", sentence)
	}
	for _, c := range report.Lacking(r) {
		add("agent-gate: results are missing", text.Sprintf("%s: %s", string(report.CountCalls(c.Calls)), c.Sentence(300)))
	}
	return out
}

// annotationLevel is the severity of the verdict and of the calls behind it.
func annotationLevel(r report.Report) ci.Severity {
	switch {
	case r.Verdict.Kind == verdict.Pass || r.Verdict.Kind == verdict.Skip:
		return ci.SeverityNotice
	case r.ExitCode == verdict.ExitOK:
		return ci.SeverityWarning
	}
	return ci.SeverityError
}

// annotated returns at most room annotations for n calls, of which first are given. The last
// one counts what was left out.
func annotated(level ci.Severity, first []report.ShownCall, n, room int, what report.Lit, say func(report.ShownCall) (title, message text.Untrusted)) []ci.Annotation {
	shown, left := first, 0
	if n > room {
		shown = first[:room-1]
		left = n - len(shown)
	}
	var out []ci.Annotation
	for _, c := range shown {
		title, message := say(c)
		out = append(out, ci.Annotation{Severity: level, Title: title, Message: message})
	}
	if left > 0 {
		out = append(out, ci.Annotation{
			Severity: level,
			Title:    text.Sprintf("and %d more", left),
			Message:  text.Sprintf("%d more %s; the reports list them", left, string(what)),
		})
	}
	return out
}

// callStory says why a call is worth a look, and what else is known about it.
func callStory(c report.ShownCall) text.Untrusted {
	t := report.CallDetail(c)
	if report.Blank(t) {
		t = report.CallWhy(c) // an annotation needs a message
	}
	if c.OverallScore != nil && !c.Ending.Succeeded() {
		t = text.Sprintf("%s; overall score %s", t, string(report.Number(c.OverallScore, 2)))
	}
	if c.Attempts > 1 {
		t = text.Sprintf("%s; %s", t, string(report.Attempts(c.Call)))
	}
	if c.Page != "" {
		t = text.Sprintf("%s %s", t, string(c.Page))
	}
	return t
}
