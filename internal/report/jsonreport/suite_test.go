package jsonreport

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/reporttest"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// suiteSchema compiles the schema of suites, which refers to that of reports by its name.
func suiteSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	const base = "https://github.com/agent-gate/agent-gate/docs/"
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for _, name := range []string{"report.schema.json", "suite-report.schema.json"} {
		data, err := os.ReadFile(filepath.Join(repository(t), "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(base+name, doc); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile(base + "suite-report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSuiteLooksAsItDid(t *testing.T) {
	t.Parallel()
	reporttest.Golden(t, "suite.json", reporttest.Written(t, WriteSuite, reporttest.Suite()))
}

// rewritten makes a suite of a saved one.
func rewritten(s report.Suite, saved *SavedSuite) report.Suite {
	s.Budget, s.Timing, s.Warnings = saved.Budget, saved.Timing, saved.Warnings
	gates := s.Gates
	s.Gates = nil
	for i, g := range saved.Gates {
		one := report.Gate{Name: g.Name, Owner: g.Owner, Report: gates[i].Report}
		one.Evidence, one.Rules, one.Policy, one.ExitCode = g.Evidence, gates[i].Rules, gates[i].Policy, g.ExitCode
		one.Verdict.Kind, one.Verdict.Cause, one.Verdict.Reason = g.Verdict.Kind, g.Verdict.Cause, g.Verdict.Reason
		s.Gates = append(s.Gates, one)
	}
	return s
}

func TestSuiteKeepsTheSchemaAndComesBack(t *testing.T) {
	t.Parallel()
	all := map[string]report.Suite{"usual": reporttest.Suite()}
	for i, s := range reporttest.HostileTexts(t) {
		all[fmt.Sprintf("hostile-%d", i)] = reporttest.PoisonedSuite(s)
	}
	schema := suiteSchema(t)
	for name, s := range all {
		out := reporttest.Written(t, WriteSuite, s)
		validate(t, schema, name, out)
		saved, err := ReadSaved(bytes.NewReader(out))
		if err != nil || saved.Suite == nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if again := reporttest.Written(t, WriteSuite, rewritten(s, saved.Suite)); !bytes.Equal(out, again) {
			t.Errorf("%s: the report of what was read is another one:\n%s", name, cmp.Diff(string(out), string(again)))
		}
	}
}

func TestASavedReportOfARunIsNoSuite(t *testing.T) {
	t.Parallel()
	saved, err := ReadSaved(bytes.NewReader(reporttest.Written(t, Write, reporttest.Failing())))
	if err != nil || saved.Suite != nil || saved.Meta.Verdict != verdict.Fail {
		t.Errorf("suite %v, verdict %s, error %v", saved.Suite != nil, saved.Meta.Verdict, err)
	}
}

func TestBrokenSuitesAreRefused(t *testing.T) {
	t.Parallel()
	whole := string(reporttest.Written(t, WriteSuite, reporttest.Suite()))
	for name, c := range map[string]struct{ report, want string }{
		"cut off":                {whole[:len(whole)-5], "the file is cut off"},
		"something behind it":    {whole + "{}", "there is more data after the end"},
		"another version":        {strings.Replace(whole, "suite/v1", "suite/v2", 1), "its schema is"},
		"no gates":               {`{"schema": "agent-gate/suite/v1", "verdict": "pass"}`, "gates is missing"},
		"a gate twice":           {strings.Replace(whole, `"name": "faq"`, `"name": "booking"`, 1), "gate booking stands in the report twice"},
		"a name that is none":    {strings.Replace(whole, `"name": "faq"`, `"name": "a b"`, 1), `"a b" is not the name of a gate`},
		"a report that is lost":  {`{"schema": "agent-gate/suite/v1", "verdict": "pass", "gates": [{"name": "a", "verdict": "pass", "exit_code": 0, "report": null}]}`, "its report is missing"},
		"an unknown cause":       {`{"schema": "agent-gate/suite/v1", "verdict": "pass", "gates": [{"name": "a", "verdict": "skipped", "cause": "x", "exit_code": 0, "report": null}]}`, `cause is "x"`},
		"a report that is wrong": {strings.Replace(whole, `"total": `, `"total": 1`, 1), "its calls do not match its counts"},
		"a report of nothing":    {`{"schema": "agent-gate/suite/v1", "verdict": "pass", "gates": [{"name": "a", "verdict": "pass", "exit_code": 0, "report": {}}]}`, "schema is missing"},
	} {
		if _, err := ReadSaved(strings.NewReader(c.report)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

// A suite is no way around the limits of what is held while reading.
func TestNothingLargeIsHeldOfASuite(t *testing.T) {
	t.Parallel()
	head := `{"schema": "agent-gate/suite/v1", `
	large := strings.Repeat(`"`+strings.Repeat("x", maxString/2)+`",`, 2*maxElement/maxString+1)
	for name, body := range map[string]string{
		"a long text":   `"reason": "` + strings.Repeat("x", maxString+1) + `"}`,
		"a large value": `"budget": {"x": [` + large + `0]}}`,
		"in a gate":     `"gates": [{"name": "a", "x": [` + large + `0]}]}`,
		"in a report":   `"gates": [{"name": "a", "report": {"x": [[` + strings.Repeat(`1,`, maxValues+1) + `0]]}}]}`,
	} {
		if _, err := ReadSaved(strings.NewReader(head + body)); err == nil || !strings.Contains(err.Error(), "larger than") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestAReportSaysWhatItWasJudgedBy(t *testing.T) {
	t.Parallel()
	r := reporttest.Failing()
	var err error
	if r.Rules.Criteria, err = criteria.Parse("success_rate >= 95 tolerance 5\neach scenario: pass_rate >= 80\neval \"is_polite\": share \"Yes, \\\"so\\\"\" >= 90"); err != nil {
		t.Fatal(err)
	}
	if r.Rules.PassWhen, err = criteria.ParseConditions("eval \"tone\" is \"Polite\"\nduration <= 300"); err != nil {
		t.Fatal(err)
	}
	r.Rules.PlatformFails, r.Rules.DecideOn, r.Rules.Confidence, r.Rules.IntervalFor = true, verdict.DecideOnInterval, 90, verdict.IntervalForPopulation
	r.Rules.Baseline = nil
	r.Policy = verdict.Policy{WarnOnOperationalError: true, AllowInconclusive: true, SoftFail: true}
	out := reporttest.Written(t, Write, r)
	validate(t, schema(t), "judged by", out)
	_, meta, err := Read(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Rules, meta.Rules); diff != "" || meta.Policy != r.Policy {
		t.Errorf("policy %+v, rules (-want +got):\n%s", meta.Policy, diff)
	}
}
