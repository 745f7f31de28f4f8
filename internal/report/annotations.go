package report

import (
	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

const (
	// AnnotationsPerLevel is the most that [Annotations] returns of one severity. GitHub
	// keeps ten of a step (actions/runner, ExecutionContext.cs); one of them is left for
	// what the step itself may have to say, such as that a report cannot be written.
	AnnotationsPerLevel = 9
	// annotatedFlaky is how much room notices of flaky calls get at least, where those of
	// other calls are notices too.
	annotatedFlaky = 4
)

// Annotations are what GitHub shows on the page of a run and at the pull request: the
// verdict when it is no pass, the worst calls in the order of the summary, and the flaky
// ones. Errors are only there when the job fails, and a pass has notices alone. What goes
// beyond [AnnotationsPerLevel] is counted in the last one of its severity.
func Annotations(r Report) []ci.Annotation {
	level, rescued := annotationLevel(r), flaky(r)
	worst, n := worstCalls(r, AnnotationsPerLevel)
	var out []ci.Annotation
	if r.Verdict.Kind != verdict.Pass {
		reason := r.Verdict.Reason
		if blank(reason) {
			reason = text.New(string(verdictWord(r.Verdict.Kind)))
		}
		title := text.Sprintf("agent-gate: %s", string(r.Verdict.Kind))
		if d := disarmed(r); d != "" {
			reason = text.Sprintf("%s. %s", reason, string(d))
		}
		out = append(out, ci.Annotation{Severity: level, Title: title, Message: reason})
	}
	room, notices := AnnotationsPerLevel-len(out), AnnotationsPerLevel
	if level == ci.SeverityNotice {
		room -= min(len(rescued), annotatedFlaky)
		notices -= len(out) + min(len(worst), room)
	}
	out = append(out, annotated(level, worst, n, room, "calls did not succeed or pulled a criterion down", func(c verdict.Call) (_, _ text.Untrusted) {
		return callTitle(c), callStory(c)
	})...)
	return append(out, annotated(ci.SeverityNotice, callsAt(r, rescued[:min(len(rescued), AnnotationsPerLevel)]), len(rescued), notices, "calls succeeded only after a rerun", func(c verdict.Call) (_, _ text.Untrusted) {
		title := text.Sprintf("call %s flaky: %s", string(shortID(c.ID)), text.New(titled(c.Scenario).LineMax(80)))
		return title, text.Sprintf("%s at first, succeeded in %s", string(outcomeWord(c.FirstOutcome)), string(attemptsWord(c)))
	})...)
}

// annotationLevel is the severity of a verdict, and of the calls that led to it.
func annotationLevel(r Report) ci.Severity {
	switch {
	case r.Verdict.Kind == verdict.Pass || r.Verdict.Kind == verdict.Skip:
		return ci.SeverityNotice
	case r.ExitCode == verdict.ExitOK:
		return ci.SeverityWarning
	}
	return ci.SeverityError
}

// annotated makes room annotations at most of n calls, the first of which are given. The
// last one counts those that are left out.
func annotated(level ci.Severity, first []verdict.Call, n, room int, what lit, say func(verdict.Call) (title, message text.Untrusted)) []ci.Annotation {
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

// callStory says why a call stands out, with what else is known of it.
func callStory(c verdict.Call) text.Untrusted {
	t := callWhy(c)
	if c.OverallScore != nil && c.Outcome() != verdict.Succeeded {
		t = text.Sprintf("%s; overall score %s", t, string(number(c.OverallScore, 2)))
	}
	if c.Attempts > 1 {
		t = text.Sprintf("%s; %s", t, string(attemptsWord(c)))
	}
	return t
}
