package project_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/suite"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/report/intoto"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// written is where TestExamples_areRight puts all examples, each as a whole file in the
// folder of its CI system, for actionlint and the schemas (.ci/run workflows).
var written = flag.String("write-examples", "", "folder to write all YAML examples to")

// systemOf returns the CI system of a YAML block.
func systemOf(b block) string {
	for _, system := range []string{"circleci", "azure-pipelines", "buildkite"} {
		if b.doc == "docs/"+system+".md" {
			return system
		}
	}
	if strings.Contains("\n"+b.text, "\napiVersion: ") {
		return "kubernetes"
	}
	if strings.Contains("\n"+b.text, "\nversion: 1\n") && strings.Contains(b.text, "\ngates:\n") {
		return "suite"
	}
	for _, mark := range []string{"\ninclude:", "\nagent-gate:", "\nscript:", "\n  script:"} {
		if strings.Contains("\n"+b.text, mark) {
			return "gitlab"
		}
	}
	return "github"
}

// TestExamples_areRight checks every piece of YAML in the documents and in examples: its
// inputs exist and have valid values, and what it uses is well-formed.
func TestExamples_areRight(t *testing.T) {
	t.Parallel()
	all := blocks(t)
	for _, doc := range append(examples(t), "test/container/gitlab-ci.yml") {
		all = append(all, blocksOf(t, doc)...)
	}
	steps, jobs := 0, 0
	for _, b := range all {
		if b.kind != "yaml" {
			continue
		}
		system := systemOf(b)
		name := strings.NewReplacer("/", "-", ".md", "", ".yml", "").Replace(b.doc) + fmt.Sprintf("-%d.yml", b.line)
		content := b.text
		switch system {
		case "github":
			steps += checkSteps(t, b)
			checkVariables(t, b)
			content = strings.ReplaceAll(workflow(b.text), ours, "./")
			name = ".github/workflows/" + name
		case "suite":
			checkSuite(t, b)
		case "kubernetes": // TestStart_… runs it
			continue
		case "gitlab":
			jobs += checkIncludes(t, b)
			checkVariables(t, b)
		case "circleci":
			checkVariables(t, b)
			if strings.HasPrefix(content, "- ") {
				content = "version: 2.1\njobs:\n  gate:\n    docker:\n      - image: a\n    steps:\n" + indented(content, 6)
			}
		default:
			checkVariables(t, b)
			if strings.HasPrefix(content, "- ") {
				content = "steps:\n" + indented(content, 2)
			}
		}
		if *written != "" {
			write(t, filepath.Join(*written, system), name, content)
		}
	}
	if *written != "" {
		write(t, filepath.Join(*written, "github"), "action.yml", read(t, "action.yml"))
		write(t, filepath.Join(*written, "github"), "Dockerfile", read(t, "Dockerfile"))
		write(t, filepath.Join(*written, "github"), ".github/actionlint.yaml", strings.Replace(read(t, ".github/actionlint.yaml"), "ci.yml", "*.yml", 1))
	}
	if steps < 15 || jobs < 5 {
		t.Errorf("found only %d steps of GitHub and %d jobs of GitLab", steps, jobs)
	}
}

// TestExamples_verifyWhatTheyAttest: a deployment looks for the attestation that the other example makes, and
// for the result that the predicate has.
func TestExamples_verifyWhatTheyAttest(t *testing.T) {
	t.Parallel()
	attest, deploy := read(t, "examples/github/attest.yml"), read(t, "examples/github/deploy.yml")
	predicate := regexp.MustCompile(`attestation-report: (\S+)`).FindStringSubmatch(attest)
	if predicate == nil || !strings.Contains(attest, "predicate-path: "+predicate[1]+"\n") {
		t.Error("attest.yml does not attest the report that it writes")
	}
	subject := regexp.MustCompile(`subject-path: (\S+)`).FindStringSubmatch(attest)
	if subject == nil || !strings.Contains(deploy, "gh attestation verify "+subject[1]+" ") {
		t.Error("deploy.yml does not verify the subject that attest.yml attests")
	}
	for file, content := range map[string]string{"attest.yml": attest, "deploy.yml": deploy} {
		if !regexp.MustCompile(`predicate-type:? ` + regexp.QuoteMeta(intoto.PredicateType) + `\s`).MatchString(content) {
			t.Errorf("%s has not the type %s", file, intoto.PredicateType)
		}
	}
	if !strings.Contains(deploy, "/.github/workflows/attest.yml") {
		t.Error("deploy.yml takes the attestation of any workflow")
	}
	filter := regexp.MustCompile(`jq -e '(.*)' verified.json`).FindStringSubmatch(deploy)
	if filter == nil {
		t.Fatal("deploy.yml does not look at the result")
	}
	jq, err := exec.LookPath("jq")
	if err != nil {
		t.Skip("no jq")
	}
	for _, kind := range []verdict.Kind{verdict.Pass, verdict.Fail, verdict.Inconclusive, verdict.Skip, verdict.Error} {
		var predicate strings.Builder
		if err := intoto.Write(&predicate, report.Report{Verdict: verdict.Verdict{Kind: kind}}); err != nil {
			t.Fatal(err)
		}
		command := exec.Command(jq, "-e", filter[1]) //nolint:gosec // the example's own filter
		command.Stdin = strings.NewReader(`[{"verificationResult":{"statement":{"predicate":` + predicate.String() + `}}}]`)
		if out, err := command.CombinedOutput(); (err == nil) != (kind == verdict.Pass) {
			t.Errorf("%s: deploy.yml goes on: %t (%s)", kind, err == nil, out)
		}
	}
}

// checkSuite validates a suite file, on a day on which its quarantine holds.
func checkSuite(t *testing.T, b block) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "agent-gate.yaml")
	if err := os.WriteFile(path, []byte(b.text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := suite.Validate(path, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Errorf("%s: %v", b, err)
	}
}

const ours = "agent-gate/agent-gate@v1"

// usesForm is an action at a commit with its version beside it; ours may be at its newest
// release, since an example cannot know that one's commit.
var usesForm = regexp.MustCompile(`^([\w.-]+/[\w./-]+@[0-9a-f]{40} # v[0-9.]+|agent-gate/agent-gate(/setup)?@v1( # .*)?)$`)

// checkSteps checks every step of a block and returns how many use the action.
func checkSteps(t *testing.T, b block) int {
	t.Helper()
	count := 0
	for step := range stepsOf(b.text) {
		_, uses, ok := strings.Cut(step, " uses: ") // not "statuses: "
		if !ok {
			continue
		}
		uses, _, _ = strings.Cut(uses, "\n")
		if !usesForm.MatchString(uses) {
			t.Errorf("%s: uses: %s is neither %s nor pinned to a commit with its version beside it", b, uses, ours)
		}
		if !strings.HasPrefix(uses, ours) {
			continue
		}
		count++
		given := mappings(step, "with")
		if len(given) != 1 {
			t.Errorf("%s: a step of ours has no inputs", b)
			continue
		}
		environ := []string{"GITHUB_ACTIONS=true"}
		for _, in := range given[0] {
			environ = append(environ, "INPUT_"+strings.ToUpper(in.key)+"="+plain(in.key, in.value))
		}
		// Inputs may also be in the environment of the step, the job or the workflow.
		for _, variables := range mappings(b.text, "env") {
			environ = append(environ, ourVariables(variables)...)
		}
		parse(t, b, environ)
	}
	return count
}

// stepsOf splits a text at the lines that begin a list item.
func stepsOf(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		step := ""
		for line := range strings.Lines(text) {
			if strings.HasPrefix(strings.TrimLeft(line, " "), "- ") {
				if !yield(step) {
					return
				}
				step = ""
			}
			step += line
		}
		yield(step)
	}
}

// checkIncludes checks every include of the GitLab template and returns their number.
func checkIncludes(t *testing.T, b block) int {
	t.Helper()
	types := map[string]templateInput{}
	for _, in := range templateInputs(t) {
		types[in.Name] = in
	}
	count := 0
	for _, given := range mappings(b.text, "inputs") {
		count++
		environ := []string{"GITLAB_CI=true", "AGENT_GATE_API_KEY=key", "AGENT_GATE_SECRET_KEY=key"}
		for _, in := range given {
			known, ok := types[in.key]
			if !ok {
				t.Errorf("%s: the template has no input %s", b, in.key)
			}
			if known.isText() && looksLikeANumber(in.value) && !strings.Contains(b.text, in.key+`: "`) {
				t.Errorf("%s: GitLab takes %s only in quotes", b, in.key)
			}
			if !slices.Contains(ofTheJob, in.key) {
				environ = append(environ, "AGENT_GATE_"+strings.ToUpper(strings.ReplaceAll(in.key, "-", "_"))+"="+plain(in.key, in.value))
			}
		}
		parse(t, b, environ)
	}
	return count
}

func looksLikeANumber(s string) bool { return regexp.MustCompile(`^[0-9.]+$`).MatchString(s) }

// variable is one of ours, set in whatever way.
var variable = regexp.MustCompile(`(?m)^[ -]*(?:export )?(AGENT_GATE_\w+|FI_\w+)\s*[:=]`)

// checkVariables requires every variable with our prefix that a block sets to exist.
func checkVariables(t *testing.T, b block) {
	t.Helper()
	var known []string
	for _, in := range config.Inputs() {
		known = append(known, in.EnvNames()...)
	}
	for _, m := range variable.FindAllStringSubmatch(b.text, -1) {
		if !slices.Contains(known, m[1]) {
			t.Errorf("%s sets %s, which is no input", b, m[1])
		}
	}
}

// ourVariables returns the pairs that the program reads, in the form of os.Environ.
func ourVariables(pairs []pair) []string {
	var environ []string
	for _, p := range pairs {
		if strings.HasPrefix(p.key, "AGENT_GATE_") || strings.HasPrefix(p.key, "FI_") {
			environ = append(environ, p.key+"="+plain(strings.ToLower(p.key), p.value))
		}
	}
	return environ
}

// expression is a value that the CI system fills in.
var expression = regexp.MustCompile(`\$\{\{[^}]*\}\}|\$\w+|\$\(\w+\)`)

// bounded is a comparison with a bound that the CI system fills in.
var bounded = regexp.MustCompile(`([<>=]=?) \$\{\{[^}]*\}\}`)

// plain returns a value with something suitable where the CI system would fill in.
func plain(name, value string) string {
	fitting := "key"
	for _, in := range config.Inputs() {
		if in.Name == name && len(in.Type.Values) > 0 {
			fitting = in.Type.Values[0]
		}
	}
	switch {
	case strings.HasSuffix(name, "-id"), strings.HasSuffix(name, "-ids"), name == "agent-version":
		fitting = "a758ede8-419d-4f12-9270-be81e46f4896"
	case name == "pull-request":
		fitting = "7"
	case strings.HasSuffix(name, "url") && !strings.HasPrefix(value, "https://"):
		fitting = "https://api.example.com"
	case strings.HasPrefix(name, "min-"):
		fitting = "90"
	case name == "criteria":
		value = bounded.ReplaceAllString(value, "$1 90")
		fitting = ""
	case strings.HasSuffix(name, "state-file"), strings.HasSuffix(name, "state_file"):
		fitting = "state"
	}
	return strings.TrimSpace(expression.ReplaceAllLiteralString(value, fitting))
}

// parse parses inputs as the program does.
func parse(t *testing.T, b block, environ []string) {
	t.Helper()
	c, warnings, err := config.Parse(nil, environ, config.Options{})
	for _, w := range warnings {
		t.Errorf("%s: %s", b, w)
	}
	if several, ok := errors.AsType[*config.Error](err); ok {
		for _, p := range several.Problems {
			// Paths in examples do not exist here.
			if !strings.Contains(p.String(), "no such file") {
				t.Errorf("%s: %s", b, p)
			}
		}
	} else if err != nil {
		t.Errorf("%s: %v", b, err)
	} else if !gatesQuality(c.Rules.Criteria) && !strings.HasPrefix(b.doc, "test/") {
		t.Errorf("%s: a call has only to take place to meet the criteria", b)
	}
}

// gatesQuality reports whether a criterion is about the quality of the agent, not just
// about whether its calls took place.
func gatesQuality(wanted []criteria.Criterion) bool {
	return slices.ContainsFunc(wanted, func(c criteria.Criterion) bool {
		return slices.Contains([]string{"pass_rate", "first_pass_rate", "overall_score", "score", "share"}, c.Metric)
	})
}

const (
	name = "name: Example\non: [push, workflow_dispatch]\n"
	head = name + "permissions:\n  contents: read\n"
	part = "jobs:\n  gate:\n    runs-on: ubuntu-latest\n"
	step = "- id: gate\n  uses: " + ours + "\n"
)

// workflow completes a fragment of a workflow.
func workflow(text string) string {
	first := regexp.MustCompile(`(?m)^[^#\n].*`).FindString(text)
	switch {
	case strings.Contains("\n"+text, "\njobs:"):
		switch {
		case strings.Contains("\n"+text, "\non:"):
			return text
		case strings.Contains("\n"+text, "\npermissions:"):
			return name + text
		}
		return head + text
	case strings.HasPrefix(first, "- "):
		if strings.Contains(text, "steps.gate.") && !strings.Contains(text, "id: gate") {
			text = step + text
		}
		return head + part + "    steps:\n" + indented(text, 6)
	case strings.HasPrefix(first, "on:") || strings.HasPrefix(first, "permissions:") || strings.HasPrefix(first, "concurrency:"):
		return text + part + "    steps:\n" + indented(step, 6)
	}
	return head + part + indented(text, 4)
}

func indented(text string, by int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			b.WriteString(strings.Repeat(" ", by))
		}
		b.WriteString(line)
	}
	return b.String()
}

// TestExamples_areReadAsYAML is about mappings and values.
func TestExamples_areReadAsYAML(t *testing.T) {
	t.Parallel()
	text := `
- uses: x
  with: # of the step
    plain: a b # comment
    "quoted": "a # b"
    single: 'it''s'
    # nothing
    lines: |
      one
        two

      three
    folded: >-
      one
      two
    last: 1
  env:
    A: b
- with:
    only: ${{ x }}
`
	got := fmt.Sprintf("%q", mappings(text, "with"))
	want := `[[{"plain" "a b"} {"quoted" "a # b"} {"single" "it's"} {"lines" "one\n  two\n\nthree\n"} {"folded" "one two\n"} {"last" "1"}] [{"only" "${{ x }}"}]]`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := fmt.Sprintf("%q", values(text, "lines")), `["one\n  two\n\nthree\n"]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
