package report

import (
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Link returns a URL that is safe in every format, or nothing. The report may come from a file
// that anyone could have written, so only http and https URLs without user information pass,
// and characters that could end a Markdown link or an attribute are percent-encoded.
func Link(raw string) Figure {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil {
		return ""
	}
	var b strings.Builder
	for _, c := range []byte(u.String()) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"'()<>\\`{}|*^", c) >= 0 {
			const hex = "0123456789ABCDEF"
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
			continue
		}
		b.WriteByte(c)
	}
	return Figure(b.String())
}

// Places are where the reports of a run are.
type Places struct {
	// HTML, JSON and the others are paths as they were given; empty if not written.
	HTML, JSON, JUnit, Summary, CTRF, Attestation text.Untrusted
	// URL is where the HTML report will be readable, without a fragment; empty if unknown.
	URL string
	// NoHTML means that the HTML report was asked for and cannot be written.
	NoHTML bool
	// Gate is the part of the HTML report, for a gate of a suite.
	Gate Figure
}

// Page is the address of the HTML report, or of the gate's part of it; empty if unknown.
func (p Places) Page() Figure {
	u := Link(p.URL)
	if u == "" || p.Gate == "" {
		return u
	}
	return u + "#gate-" + p.Gate
}

// Call is the address of a call in the HTML report; empty if unknown.
func (p Places) Call(id uuid.UUID) Figure {
	u := Link(p.URL)
	if u == "" || id == uuid.Nil {
		return ""
	}
	return u + p.fragment(id)
}

// fragment leads to a call within the HTML report.
func (p Places) fragment(id uuid.UUID) Figure {
	if p.Gate != "" {
		return "#" + p.Gate + ".calls?call=" + FullID(id)
	}
	return "#calls?call=" + FullID(id)
}

// Recordings returns links to the recordings of a call, named by track, without those whose URL is not safe.
func Recordings(t calls.Transcript) []ExecutionLink {
	var out []ExecutionLink
	for _, r := range t.Recordings {
		if at := slices.Index(calls.Tracks(), r.Track); at >= 0 {
			if u := Link(r.URL.LineMax(calls.MaxURL)); u != "" {
				out = append(out, ExecutionLink{Name: trackNames[at], URL: u})
			}
		}
	}
	return out
}

// trackNames are the names of [calls.Tracks].
var trackNames = [...]Figure{"both", "stereo", "customer", "agent"}

// An ExecutionLink names an execution of the run and links to its dashboard page.
type ExecutionLink struct {
	Name Figure // "trial 2", or "execution 2" if it begins no trial; empty if the run has one execution
	URL  Figure // empty if unknown
}

// ExecutionLinks returns all executions of the run, in their order.
func ExecutionLinks(e verdict.Evidence) []ExecutionLink {
	all := e.Executions()
	out := make([]ExecutionLink, len(all))
	several := e.Trials() > 1
	for i, x := range all {
		out[i].URL = Link(x.URL)
		switch {
		case len(all) == 1:
		case several && (i == 0 || all[i-1].Trial != x.Trial):
			out[i].Name = "trial " + Count(x.Trial+1)
		case several:
			out[i].Name = "trial " + Count(x.Trial+1) + ", execution " + Count(i+1)
		default:
			out[i].Name = "execution " + Count(i+1)
		}
	}
	return out
}
