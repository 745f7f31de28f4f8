package junit

import (
	"bytes"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
)

func TestJUnitOfASuiteLooksAsItDid(t *testing.T) {
	t.Parallel()
	reporttest.Golden(t, "suite.xml", reporttest.Written(t, WriteSuite, reporttest.Suite()))
}

func TestJUnitHasASuiteForEachGateAndNoNameTwice(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]report.Suite{"usual": reporttest.Suite(), "alike": reporttest.PoisonedSuite("a.b")} {
		out := readJUnit(t, reporttest.Written(t, WriteSuite, s))
		if len(out.Suites) != len(s.Gates) {
			t.Fatalf("%s: %d suites for %d gates", name, len(out.Suites), len(s.Gates))
		}
		seen := map[string]bool{}
		for i, one := range out.Suites {
			if one.Name != string(s.Gates[i].Name) {
				t.Errorf("%s: suite %d is %s, want %s", name, i, one.Name, s.Gates[i].Name)
			}
			for _, c := range one.Cases {
				if key := c.Class + "\x00" + c.Name; seen[key] {
					t.Errorf("%s: two cases are %s %s", name, c.Class, c.Name)
				} else {
					seen[key] = true
				}
				if !strings.HasPrefix(c.Class, one.Name+".") {
					t.Errorf("%s: the class %s does not begin with the gate", name, c.Class)
				}
			}
		}
	}
}

func TestJUnitOfAGateThatWasNotStartedIsAnErrorAndOfAnUnchangedOneIsSkipped(t *testing.T) {
	t.Parallel()
	out := readJUnit(t, reporttest.Written(t, WriteSuite, reporttest.Suite()))
	for gate, want := range map[string][2]int{"outbound": {1, 0}, "faq": {0, 1}} {
		for _, s := range out.Suites {
			if s.Name == gate && (s.Errors != want[0] || s.Skipped != want[1]) {
				t.Errorf("%s: %d errors and %d skipped, want %v", gate, s.Errors, s.Skipped, want)
			}
		}
	}
}

func TestJUnitOfASuiteStaysWithinItsLimit(t *testing.T) {
	t.Parallel()
	s := reporttest.Suite()
	s.Gates[0].Report, s.Gates[1].Report = reporttest.Large(2000, 4), reporttest.Large(2000, 4)
	var b bytes.Buffer
	const limit = 300_000
	if err := writeGates(&b, s, limit); err != nil {
		t.Fatal(err)
	}
	if b.Len() > limit {
		t.Errorf("%d bytes, want at most %d", b.Len(), limit)
	}
	if n := strings.Count(b.String(), "more cases in the JSON report"); n != 2 {
		t.Errorf("%d gates count what does not fit, want both", n)
	}
}

func TestJUnitOfASuiteOverItsBudgetHasAnErrorAlthoughAllGatesPassed(t *testing.T) {
	t.Parallel()
	doc := string(reporttest.Written(t, WriteSuite, reporttest.SuiteOverBudget()))
	if !strings.Contains(doc, `errors="1"`) || !strings.Contains(doc, "more than the budget of $0.40") {
		t.Errorf("no error among the cases:\n%s", doc)
	}
}
