package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/agent-gate/agent-gate/internal/changes"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/suite"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// planSchema is the format of a plan. It is an API: docs/suite.md describes it.
const planSchema = "agent-gate/plan/v1"

// planned is what a suite would run, and why. Unknown and missing values are null.
type planned struct {
	Schema     string              `json:"schema"`
	Suite      text.Untrusted      `json:"suite"`
	Changed    plannedChange       `json:"changed_files"`
	Gates      []plannedGate       `json:"gates"`
	Budget     plannedBudget       `json:"budget"`
	Quarantine []plannedQuarantine `json:"quarantine"`
	Warnings   []text.Untrusted    `json:"warnings"`
}

type plannedChange struct {
	Source *changes.Source  `json:"source"` // null if changed-files is not given
	Known  bool             `json:"known"`
	Why    *text.Untrusted  `json:"why"` // it is not known
	Files  []text.Untrusted `json:"files"`
}

type plannedGate struct {
	Name  string           `json:"name"`
	Owner *text.Untrusted  `json:"owner"`
	Run   bool             `json:"run"`
	Why   text.Untrusted   `json:"why"`
	Files []text.Untrusted `json:"files"` // that touch the gate
}

type plannedBudget struct {
	Calls   *int     `json:"calls"`
	Cost    *float64 `json:"cost_usd"`
	Minutes *float64 `json:"minutes"`
}

type plannedQuarantine struct {
	Gate     string         `json:"gate"`
	Scenario text.Untrusted `json:"scenario"`
	Reason   text.Untrusted `json:"reason"`
	Owner    text.Untrusted `json:"owner"`
	Until    string         `json:"until"` // the last day
}

// plan prints what the suite would run. It starts nothing.
func (s *session) plan(ctx context.Context) int {
	if s.suite == nil {
		return s.mistaken(noSuiteFile())
	}
	changed, selected, warnings := s.touched(ctx)
	entries, branch, more := s.quarantine(ctx)
	warnings = append(warnings, more...)
	for _, w := range warnings {
		s.log.Warn("%s", w)
	}
	p := s.planOf(changed, selected, entries)
	p.Warnings = append(p.Warnings, warnings...)
	print := func(w io.Writer) error { return p.print(w, branch) }
	if s.config.Format == config.FormatJSON {
		print = p.printJSON
	}
	if err := print(s.result); err != nil {
		s.log.Error("Cannot print the plan: %s", text.New(err.Error()))
		return verdict.ExitOperational
	}
	return verdict.ExitOK
}

// planOf makes the plan.
func (s *session) planOf(changed changes.List, selected []changes.Selected, entries []suite.Quarantined) planned {
	p := planned{
		Schema: planSchema, Suite: text.New(s.suite.Path),
		Changed: plannedChange{Known: changed.Known, Why: known(changed.Why), Files: []text.Untrusted{}},
		Gates:   []plannedGate{}, Quarantine: []plannedQuarantine{}, Warnings: []text.Untrusted{},
	}
	if changed.Source != "" {
		p.Changed.Source = &changed.Source
	}
	for _, f := range changed.Files {
		p.Changed.Files = append(p.Changed.Files, text.New(f))
	}
	for i, g := range selected {
		files := append([]text.Untrusted{}, g.Files...)
		p.Gates = append(p.Gates, plannedGate{Name: g.Gate, Owner: known(s.suite.Gates[i].Owner), Run: g.Run, Why: g.Why, Files: files})
	}
	if b := s.suite.Budget; b.Calls > 0 {
		p.Budget.Calls = &b.Calls
	}
	if b := s.suite.Budget; b.Cost > 0 {
		p.Budget.Cost = &b.Cost
	}
	if b := s.suite.Budget; b.Minutes > 0 {
		p.Budget.Minutes = &b.Minutes
	}
	for _, q := range entries {
		p.Quarantine = append(p.Quarantine, plannedQuarantine{
			Gate: q.Gate, Scenario: q.Scenario, Reason: q.Reason, Owner: q.Owner, Until: verdict.Quarantined{Until: q.Until}.LastDay(),
		})
	}
	return p
}

// known is nil for an empty text.
func known(t text.Untrusted) *text.Untrusted {
	if t.IsEmpty() {
		return nil
	}
	return &t
}

// printJSON prints the plan for programs.
func (p planned) printJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(p)
}

// print prints the plan for people.
func (p planned) print(w io.Writer, branch text.Untrusted) error {
	var b strings.Builder
	run, longest := 0, 0
	for _, g := range p.Gates {
		if g.Run {
			run++
		}
		longest = max(longest, len(g.Name))
	}
	fmt.Fprintf(&b, "%s: %d of %s would run.\n", p.Suite.Line(), run, text.Plural(len(p.Gates), "gate"))
	for _, g := range p.Gates {
		word := "RUN "
		if !g.Run {
			word = "SKIP"
		}
		fmt.Fprintf(&b, "  %s  %-*s  %s\n", word, longest, g.Name, g.Why.Line())
	}
	if p.Changed.Known {
		fmt.Fprintf(&b, "Changed files: %d, from %s.\n", len(p.Changed.Files), *p.Changed.Source)
	}
	if limits := p.Budget.words(); limits != "" {
		fmt.Fprintf(&b, "Budget: %s.\n", limits)
	}
	if len(p.Quarantine) > 0 {
		of := ""
		if !branch.IsEmpty() {
			of = ", by the file on " + branch.Line()
		}
		fmt.Fprintf(&b, "In quarantine%s:\n", of)
	}
	for _, q := range p.Quarantine {
		fmt.Fprintf(&b, "  %s: %q until %s, %s (%s)\n", q.Gate, q.Scenario.Line(), q.Until, q.Owner.Line(), q.Reason.Line())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// words are the limits, in one line.
func (b plannedBudget) words() string {
	var all []string
	if b.Calls != nil {
		all = append(all, text.Plural(*b.Calls, "call"))
	}
	if b.Cost != nil {
		all = append(all, fmt.Sprintf("$%.2f", *b.Cost))
	}
	if b.Minutes != nil {
		all = append(all, fmt.Sprintf("%g minutes", *b.Minutes))
	}
	return strings.Join(all, ", ")
}
