package command

import (
	"errors"
	"io"
	"slices"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/brief"
	"github.com/agent-gate/agent-gate/internal/report/jsonreport"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// explain says what decided a saved report. The exit code says only whether it could be read.
func (s *session) explain() int {
	saved, err := s.readSaved(s.config.Argument)
	if err != nil {
		return s.mistaken(err)
	}
	from := brief.Source{File: s.config.Argument, Baseline: s.config.Baseline.File}
	format := brief.Format(s.config.Format)
	write := s.explained
	if saved.Suite != nil {
		write = s.explainedSuite
	}
	if err := s.redacted(func(w io.Writer) error { return write(w, saved, from, format) })(s.Stdout); err != nil {
		return s.mistaken(err)
	}
	return verdict.ExitOK
}

// explained writes the explanation of a run.
func (s *session) explained(w io.Writer, saved jsonreport.Saved, from brief.Source, f brief.Format) error {
	r, from, err := s.recalled(saved.Evidence, saved.Meta, from)
	if err != nil {
		return err
	}
	return brief.Write(w, r, from, f)
}

// explainedSuite writes the explanation of a suite.
func (s *session) explainedSuite(w io.Writer, saved jsonreport.Saved, from brief.Source, f brief.Format) error {
	all := saved.Suite
	s.recall(all)
	var gates []report.Gate
	var sources []brief.Source
	for _, g := range all.Gates {
		one := s.ofSaved(g)
		shown := report.Gate{Name: g.Name, Owner: g.Owner, Report: report.Report{Verdict: g.Verdict, ExitCode: g.ExitCode}}
		source := from
		if g.Ran {
			var err error
			if shown.Report, source, err = one.recalled(g.Evidence, g.Meta, from); err != nil {
				return err
			}
		}
		gates, sources = append(gates, shown), append(sources, source)
	}
	whole := s.whole(gates, verdict.Verdict{Kind: all.Meta.Verdict, Cause: all.Meta.Cause, Reason: all.Meta.Reason}, all.Meta.ExitCode)
	whole.Timing = all.Timing
	return brief.WriteSuite(w, whole, from, func(i int) brief.Source { return sources[i] }, f)
}

// recalled returns a run as it was judged: the verdict and the checks are those of the report, which may have
// been judged with a baseline, or by another version. What is derived from the calls is derived again.
func (s *session) recalled(e verdict.Evidence, meta jsonreport.Meta, from brief.Source) (report.Report, brief.Source, error) {
	kept := s.config
	defer func() { s.config = kept }()
	e = e.WithTranscripts(nil)
	if err := s.judgeAs(meta); err != nil && !errors.Is(err, errNoCriteria) {
		return report.Report{}, from, err
	}
	if err := s.readBaseline(); err != nil {
		return report.Report{}, from, err
	}
	from.Compared = meta.Baseline
	rules := s.config.Rules
	var v verdict.Verdict
	if meta.Verdict == verdict.Skip || len(rules.Criteria) == 0 {
		v = verdict.Measured(e, rules)
	} else {
		v = verdict.Judge(e, rules)
		from.Now = v.Kind
	}
	now := v
	v.Kind, v.Cause, v.Reason, v.Flip, v.Checks = meta.Verdict, meta.Cause, meta.Reason, meta.Flip, meta.Checks
	if meta.Checks == nil { // it does not say
		v.Checks = now.Checks
		if rules.Baseline == nil {
			v.Checks = slices.DeleteFunc(v.Checks, report.ComparesWithBaseline)
		}
	}
	if e.Stopped != nil { // they are only its criteria
		v.Checks = nil
	}
	v.Checks = blaming(v.Checks, now.Checks)
	if report.Blank(v.Flip) && now.Kind == v.Kind {
		v.Flip = now.Flip
	}
	r := s.judged(e, v)
	r.CI, r.ExitCode = meta.CI, meta.ExitCode
	r.Places = report.Places{}
	return r, from, nil
}

// blaming returns checks that a report keeps, with the calls that keep them from being met, which it does not keep: those of
// the same checks now.
func blaming(kept, now []verdict.Check) []verdict.Check {
	kept = slices.Clone(kept)
	for i, c := range kept {
		at := slices.IndexFunc(now, func(n verdict.Check) bool {
			return n.Criterion == c.Criterion && n.Scope == c.Scope && n.Outcome == c.Outcome
		})
		if at >= 0 {
			kept[i].Worst = now[at].Worst
		}
	}
	return kept
}
