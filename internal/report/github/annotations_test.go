package github

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// annotationLines returns the annotations as the runner reads them.
func annotationLines(r report.Report) []byte {
	var b bytes.Buffer
	log := ci.NewLog(&b, ci.LogOptions{Provider: job.GitHub})
	for _, a := range Annotations(r) {
		log.Annotate(a)
	}
	log.Close()
	return b.Bytes()
}

func TestAnnotationsLookAsTheyDid(t *testing.T) {
	t.Parallel()
	for name, r := range reporttest.Cases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reporttest.Golden(t, name+".annotations", annotationLines(r))
		})
	}
}

func TestAnnotationsOfOneSeverityAreFew(t *testing.T) {
	t.Parallel()
	all := reporttest.Cases()
	pass := reporttest.Large(200, 8)
	pass.Verdict.Kind, pass.ExitCode = verdict.Pass, 0
	all["pass of many"] = pass
	pass.Evidence.Reused = reporttest.Reused().Evidence.Reused
	all["pass of many, again"] = pass
	for i, s := range reporttest.HostileTexts(t) {
		all[fmt.Sprintf("hostile-%d", i)] = reporttest.Poisoned(s)
	}
	for name, r := range all {
		levels := map[ci.Severity]int{}
		for _, a := range Annotations(r) {
			levels[a.Severity]++
			if report.Blank(a.Message) || report.Blank(a.Title) {
				t.Errorf("%s: an annotation without words: %+v", name, a)
			}
		}
		for level, n := range levels {
			if n > perLevel {
				t.Errorf("%s: %d of severity %s", name, n, level)
			}
		}
		if r.ExitCode == 0 && levels[ci.SeverityError] > 0 {
			t.Errorf("%s: the job goes on and has %d errors", name, levels[ci.SeverityError])
		}
		if r.Verdict.Kind == verdict.Pass && levels[ci.SeverityWarning] > 0 {
			t.Errorf("%s: a pass has %d warnings", name, levels[ci.SeverityWarning])
		}
		if r.ExitCode != 0 && levels[ci.SeverityError] == 0 {
			t.Errorf("%s: the job fails without an error", name)
		}
	}
}

func TestAnnotationsCountWhatTheyLeaveOut(t *testing.T) {
	t.Parallel()
	for _, kind := range []verdict.Kind{verdict.Fail, verdict.Pass} {
		r := reporttest.Large(200, 8)
		r.Verdict.Kind = kind
		named := map[string]int{}
		for _, a := range Annotations(r) {
			var n int
			for what, prefix := range map[string]string{"worst": "did not pass", "flaky": "only after a rerun"} {
				if _, err := fmt.Sscanf(a.Message.Raw(), "%d more", &n); err == nil && strings.Contains(a.Message.Raw(), prefix) {
					named[what] += n
				}
			}
			switch title := a.Title.Raw(); {
			case strings.Contains(title, " flaky: "):
				named["flaky"]++
			case strings.HasPrefix(title, "call "):
				named["worst"]++
			}
		}
		if _, n := report.WorstCalls(r, 0); named["worst"] != n || named["flaky"] != len(report.Flaky(r)) {
			t.Errorf("%s: accounted for are %v, want %d and %d", kind, named, n, len(report.Flaky(r)))
		}
	}
}

func TestAnnotationsOfHostileTextAreWhatTheyWouldBeOtherwise(t *testing.T) {
	t.Parallel()
	shape := func(lines []byte) (out []string) {
		for line := range strings.Lines(string(lines)) {
			name, _, _ := strings.Cut(line[2:], " ")
			out = append(out, line[:2]+name)
		}
		return out
	}
	want := fmt.Sprint(shape(annotationLines(reporttest.Harmless())))
	for _, s := range reporttest.HostileTexts(t) {
		if text.New(s).Line() == "" {
			continue // the verdict always has a reason
		}
		if got := fmt.Sprint(shape(annotationLines(reporttest.Poisoned(s)))); got != want {
			t.Errorf("%.80q makes %s, want %s", s, got, want)
		}
	}
}

func TestWhatIsNobodysFailureIsNoErrorAnnotation(t *testing.T) {
	t.Parallel()
	errors, warnings := 0, 0
	for _, a := range Annotations(reporttest.NobodysFailure()) {
		switch a.Severity {
		case ci.SeverityError:
			errors++
		case ci.SeverityWarning:
			warnings++
		}
	}
	if errors != 1 || warnings != 2 { // the verdict; missing calls, and why calls were lost
		t.Errorf("%d errors and %d warnings, want 1 and 2", errors, warnings)
	}
}

func TestAnnotations_sayWhoseCallsAreJudgedAgain(t *testing.T) {
	t.Parallel()
	failing := reporttest.Failing()
	failing.Evidence.Reused = reporttest.Reused().Evidence.Reused
	for name, r := range map[string]report.Report{"pass": reporttest.Reused(), "fail": failing, "pass of many": func() report.Report {
		r := reporttest.Large(200, 8)
		r.Verdict.Kind, r.ExitCode, r.Evidence.Reused = verdict.Pass, 0, failing.Evidence.Reused
		return r
	}()} {
		n := 0
		for _, a := range Annotations(r) {
			if a.Severity == ci.SeverityNotice && a.Title.Raw() == "agent-gate: judged again" && a.Message == report.ReuseNote(r) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: it is said %d times", name, n)
		}
	}
}

func TestAnnotations_nameWhatSpeaksAgainstACall(t *testing.T) {
	t.Parallel()
	lines := string(annotationLines(reporttest.Cases()["fail"]))
	if want := `title=call 85870638 is_helpful failed%3A Billing dispute::"The agent described a policy that does not exist"`; !strings.Contains(lines, want) {
		t.Errorf("no annotation has %q:\n%s", want, lines)
	}
	if strings.Contains(lines, " low: ") {
		t.Errorf("a call is only low:\n%s", lines)
	}
}
