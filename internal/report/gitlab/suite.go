package gitlab

import (
	"io"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
)

// suiteSections is how many gates get a section of links: GitLab takes twenty, and one is for the others.
const suiteSections = 19

// SuiteLinks writes links like [Links], with a section for each gate, worst first. Gates without a section have
// one link each in the last one.
func SuiteLinks(w io.Writer, s report.Suite) error {
	sections := map[string][]externalLink{}
	for i, g := range report.WorstGates(s) {
		all := linksOf(g.Report)
		switch {
		case len(all) == 0:
		case i < suiteSections:
			sections["agent-gate: "+string(g.Name)] = all
		default:
			link := all[0]
			link.External.Label = text.Sprintf("%s: %s", string(g.Name), link.External.Label).LineMax(linkLabel)
			const others = "agent-gate: other gates"
			sections[others] = append(sections[others], link)
		}
	}
	return write(w, sections)
}
