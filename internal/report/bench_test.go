package report_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/ctrf"
	"github.com/agent-gate/agent-gate/internal/report/gitlab"
	"github.com/agent-gate/agent-gate/internal/report/html"
	"github.com/agent-gate/agent-gate/internal/report/jsonreport"
	"github.com/agent-gate/agent-gate/internal/report/junit"
	"github.com/agent-gate/agent-gate/internal/report/markdown"
	"github.com/agent-gate/agent-gate/internal/report/openmetrics"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/report/terminal"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// rendering is a named report.
type rendering struct {
	name  string
	write func(io.Writer, report.Report) error
}

// renderings returns all reports that contain calls.
func renderings() []rendering {
	return []rendering{
		{"terminal", func(w io.Writer, r report.Report) error {
			o := terminal.Options{Width: 100, Debug: true}
			return errors.Join(terminal.Details(w, r, o), terminal.Verdict(w, r, o))
		}},
		{"summary", markdown.Summary},
		{"json", jsonreport.Write},
		{"junit", junit.Write},
		{"html", html.Write},
		{"metrics", openmetrics.Write},
		{"links", gitlab.Links},
		{"ctrf", ctrf.Write},
	}
}

// counter counts what is written to it.
type counter struct{ n int }

func (c *counter) Write(p []byte) (int, error) {
	c.n += len(p)
	return len(p), nil
}

// BenchmarkReports judges runs and renders them; -benchmem shows the memory on top of the
// calls.
func BenchmarkReports(b *testing.B) {
	for _, n := range []int{5000, 100_000} {
		r := reporttest.Large(n, 50)
		r.Rules.Criteria, _ = criteria.Parse("success_rate >= 95\neach scenario: success_rate >= 85\neval \"groundedness\": score >= 70\noverall_score.p10 >= 5")
		b.Run(fmt.Sprintf("judge-%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Verdict = verdict.Judge(r.Evidence, r.Rules)
			}
		})
		for _, x := range renderings() {
			b.Run(fmt.Sprintf("%s-%d", x.name, n), func(b *testing.B) {
				b.ReportAllocs()
				size := counter{}
				for b.Loop() {
					size.n = 0
					if err := x.write(&size, r); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(size.n), "bytes")
			})
		}
	}
}
