package project_test

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/gate/runname"
)

const commit = "9a7d2f6e3c1b5a4d8e7f6c5b4a39281706f5e4d3"

// otherCI is a CI system with its own page.
type otherCI struct {
	page string
	env  map[string]string // what the system sets
	// next overrides the variables that differ in another attempt of the same job.
	next map[string]string
	// keys are names for the two keys in what the system hands on.
	keys [2]string
	// fork is what the system sets for a pull request from a fork, and own for another, if
	// the page has a script that looks at it.
	fork, own map[string]string
}

func otherCIs() []otherCI {
	return []otherCI{
		{
			page: "docs/jenkins.md", keys: [2]string{"AGENT_GATE_API_KEY", "AGENT_GATE_SECRET_KEY"},
			env: map[string]string{
				"JENKINS_URL": "https://ci.example.com/", "JOB_NAME": "bot/main", "BUILD_NUMBER": "41", "BUILD_URL": "https://ci.example.com/job/bot/job/main/41/",
				"STAGE_NAME": "Agent gate", "NODE_NAME": "linux", "EXECUTOR_NUMBER": "0", "GIT_URL": "https://git.example.com/acme/bot.git", "GIT_BRANCH": "origin/main", "GIT_COMMIT": commit,
			},
			next: map[string]string{"BUILD_NUMBER": "42"},
		},
		{
			page: "docs/circleci.md", keys: [2]string{"AGENT_GATE_API_KEY", "AGENT_GATE_SECRET_KEY"},
			env: map[string]string{
				"CI": "true", "CIRCLECI": "true", "CIRCLE_BUILD_NUM": "812", "CIRCLE_BUILD_URL": "https://circleci.com/gh/acme/bot/812", "CIRCLE_JOB": "agent-gate", "CIRCLE_NODE_INDEX": "0",
				"CIRCLE_PROJECT_USERNAME": "acme", "CIRCLE_PROJECT_REPONAME": "bot", "CIRCLE_BRANCH": "main", "CIRCLE_SHA1": commit,
			},
			next: map[string]string{"CIRCLE_BUILD_NUM": "813"},
			fork: map[string]string{"CIRCLE_PR_USERNAME": "stranger", "CIRCLE_PR_REPONAME": "bot", "CIRCLE_PR_NUMBER": "7"},
			own:  map[string]string{"CIRCLE_PULL_REQUEST": "https://github.com/acme/bot/pull/7"},
		},
		{
			page: "docs/azure-pipelines.md", keys: [2]string{"AGENT_GATE_API_KEY", "AGENT_GATE_SECRET_KEY"},
			env: map[string]string{
				"TF_BUILD": "True", "BUILD_BUILDID": "5120", "BUILD_REPOSITORY_NAME": "acme/bot", "BUILD_SOURCEBRANCH": "refs/heads/main", "BUILD_SOURCEVERSION": commit,
				"SYSTEM_COLLECTIONURI": "https://dev.azure.com/acme/", "SYSTEM_TEAMPROJECT": "care", "SYSTEM_JOBNAME": "gate", "SYSTEM_JOBATTEMPT": "1", "SYSTEM_STAGEATTEMPT": "1",
				"SYSTEM_JOBID": "12f1170f-54f2-53f3-20dd-22fc7dff55f9",
			},
			next: map[string]string{"SYSTEM_JOBATTEMPT": "2"},
			fork: map[string]string{"SYSTEM_PULLREQUEST_ISFORK": "True", "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER": "7"},
			own:  map[string]string{"SYSTEM_PULLREQUEST_ISFORK": "False", "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER": "7"},
		},
		{
			page: "docs/buildkite.md", keys: [2]string{"FI_API_KEY", "FI_SECRET_KEY"},
			env: map[string]string{
				"CI": "true", "BUILDKITE": "true", "BUILDKITE_BUILD_NUMBER": "99", "BUILDKITE_BUILD_URL": "https://buildkite.com/acme/bot/builds/99", "BUILDKITE_JOB_ID": "0190b6a1-7f6a-4a0e-8d4e-5c9f0a6d2b11",
				"BUILDKITE_REPO": "git@github.com:acme/bot.git", "BUILDKITE_BRANCH": "main", "BUILDKITE_COMMIT": commit, "BUILDKITE_STEP_KEY": "gate", "BUILDKITE_RETRY_COUNT": "0", "BUILDKITE_TIMEOUT": "70",
			},
			next: map[string]string{"BUILDKITE_JOB_ID": "0190b6a1-7f6a-4a0e-8d4e-5c9f0a6d2b12", "BUILDKITE_RETRY_COUNT": "1"},
			fork: map[string]string{"BUILDKITE_PULL_REQUEST": "7", "BUILDKITE_PULL_REQUEST_REPO": "git://github.com/stranger/bot.git"},
			own:  map[string]string{"BUILDKITE_PULL_REQUEST": "7", "BUILDKITE_PULL_REQUEST_REPO": "git://github.com/acme/bot.git"},
		},
	}
}

// TestOtherCIs extracts the commands from each page's example and runs them as that CI
// system would: with the system's variables, the example's variables, in sh -e.
func TestOtherCIs(t *testing.T) {
	t.Parallel()
	program := build(t)
	for _, story := range []struct {
		name     string
		server   string // its story
		criteria string // beside those of the example
		code     int    // of the example
		soft     int    // of the example that lets pass what could not be judged
		failures bool   // in the JUnit report
	}{
		{"pass", "pass", "", 0, 0, false},
		{"fail", "pass", "total_calls >= 1000000", 1, 1, true},
		{"error", "error", "", 3, 0, true},
	} {
		server := serve(t, program, "--story", story.server)
		for _, system := range otherCIs() {
			t.Run(system.page+"/"+story.name, func(t *testing.T) {
				t.Parallel()
				code := blocksOf(t, system.page)
				environ := system.environ(server)
				for name, value := range settings(code[0]) {
					if name == "AGENT_GATE_CRITERIA" {
						value += "\n" + story.criteria
					}
					if !strings.HasSuffix(name, "_KEY") {
						environ = append(environ, name+"="+value)
					}
				}
				scripts := commands(code[0])
				dir := workspace(t, program)
				// Buildkite's agent gives secrets; Azure's tells the path to the steps behind.
				write(t, dir, "buildkite-agent", "#!/bin/sh\necho key-of-$3\n")
				if err := os.Chmod(filepath.Join(dir, "buildkite-agent"), 0o700); err != nil { //nolint:gosec // it has to run
					t.Fatal(err)
				}
				log, got := shell(t, dir, environ, scripts[0])
				if got != story.code {
					t.Fatalf("exit code %d, want %d:\n%s", got, story.code, log)
				}
				checkJUnit(t, dir, environ, story.failures)
				for _, script := range scripts[1:] {
					if out, got := shell(t, dir, environ, script); got != 0 || out != "" {
						t.Errorf("%s: exit code %d, want 0 and no words:\n%s", script, got, out)
					}
				}
				for _, soft := range code[1:] {
					for _, script := range commands(soft) {
						if !strings.Contains(script, "case $code") {
							continue
						}
						if out, got := shell(t, dir, environ, script); got != story.soft {
							t.Errorf("%s: exit code %d, want %d:\n%s", soft, got, story.soft, out)
						}
					}
				}
			})
		}
	}
}

// TestOtherCIs_onlyForksAreSkipped runs, without keys, the script of each page that lets
// pull requests from forks pass: a fork is skipped, a pull request of the project or a
// push is an error.
func TestOtherCIs_onlyForksAreSkipped(t *testing.T) {
	t.Parallel()
	program := build(t)
	for _, system := range otherCIs() {
		if system.fork == nil {
			continue
		}
		found := false
		for _, b := range blocksOf(t, system.page) {
			for _, script := range commands(b) {
				if !strings.Contains(script, "AGENT_GATE_ON_MISSING_CREDENTIALS=skip") {
					continue
				}
				found = true
				for _, c := range []struct {
					name string
					env  map[string]string
					code int
				}{{"a fork", system.fork, 0}, {"no fork", system.own, 2}, {"no pull request", nil, 2}} {
					environ := append(system.environ(nil), "AGENT_GATE_RUN_TEST_ID=a758ede8-419d-4f12-9270-be81e46f4896", "AGENT_GATE_MIN_SUCCESS_RATE=95")
					for name, value := range c.env {
						environ = append(environ, name+"="+value)
					}
					if log, got := shell(t, workspace(t, program), environ, script); got != c.code {
						t.Errorf("%s, %s: exit code %d, want %d:\n%s", b, c.name, got, c.code, log)
					}
				}
			}
		}
		if !found {
			t.Errorf("%s has no script that lets forks pass", system.page)
		}
	}
}

// environ is the environment of a job, keys included.
func (o otherCI) environ(server []string) []string {
	var environ []string
	for name, value := range o.env {
		environ = append(environ, name+"="+value)
	}
	for _, pair := range server {
		pair = strings.Replace(pair, "AGENT_GATE_API_KEY", o.keys[0], 1)
		environ = append(environ, strings.Replace(pair, "AGENT_GATE_SECRET_KEY", o.keys[1], 1))
	}
	return environ
}

var groovyVariable = regexp.MustCompile(`(?m)^ *(AGENT_GATE_\w+) = '([^']*)'$`)

// settings returns the variables that an example sets, except those that the system fills
// in.
func settings(b block) map[string]string {
	set := map[string]string{}
	for _, m := range groovyVariable.FindAllStringSubmatch(b.text, -1) {
		set[m[1]] = m[2]
	}
	for _, key := range []string{"env", "environment"} {
		for _, pairs := range mappings(b.text, key) {
			for _, p := range pairs {
				set[p.key] = p.value
			}
		}
	}
	return set
}

var groovyShell = regexp.MustCompile(`(?m)^ *sh '([^']*)'$`)

// commands returns the shell commands of an example that call the program, in order.
func commands(b block) []string {
	var found []string
	for _, m := range groovyShell.FindAllStringSubmatch(b.text, -1) {
		found = append(found, m[1])
	}
	for _, key := range []string{"command", "script"} {
		for _, script := range values(b.text, key) {
			if strings.Contains(script, "agent-gate run") || strings.Contains(script, "agent-gate cleanup") {
				found = append(found, strings.ReplaceAll(script, "$$", "$"))
			}
		}
	}
	return found
}

// checkJUnit reads the JUnit report that a job had to write.
func checkJUnit(t *testing.T, dir string, environ []string, failures bool) {
	t.Helper()
	path := ""
	for _, pair := range environ {
		if name, value, _ := strings.Cut(pair, "="); name == "AGENT_GATE_JUNIT_REPORT" {
			path = value
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
	}
	if err := xml.Unmarshal(data, &report); err != nil {
		t.Fatal(err)
	}
	if report.Tests == 0 || (report.Failures+report.Errors > 0) != failures {
		t.Errorf("%d tests with %d failures and %d errors, want any: %t", report.Tests, report.Failures, report.Errors, failures)
	}
}

// TestOtherCIs_nameTheRun requires a name that says what was tested, the same for the
// same attempt of a job and different for the next.
func TestOtherCIs_nameTheRun(t *testing.T) {
	t.Parallel()
	for _, system := range otherCIs() {
		name := func(change map[string]string) string {
			got, err := runname.Of(config.Config{}, ci.Detect(func(key string) string {
				if value, ok := change[key]; ok {
					return value
				}
				return system.env[key]
			}, os.ReadFile))
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		provider := ci.ProviderOf(func(key string) string { return system.env[key] })
		if !strings.Contains(read(t, "docs/report.schema.json"), `"`+string(provider)+`"`) {
			t.Errorf("docs/report.schema.json does not know the provider %s", provider)
		}
		first := name(nil)
		if want := "agent-gate-acme-bot-main-"; !strings.HasPrefix(first, want) {
			t.Errorf("%s: the name is %s, want it to begin with %s", system.page, first, want)
		}
		if again := name(nil); again != first {
			t.Errorf("%s: one attempt has the names %s and %s", system.page, first, again)
		}
		if next := name(system.next); next == first {
			t.Errorf("%s: the next attempt has the name %s too", system.page, next)
		}
	}
}

// TestOtherCIs_pagesNameWhatIsRead requires the variables that identify a run on the
// page.
func TestOtherCIs_pagesNameWhatIsRead(t *testing.T) {
	t.Parallel()
	for _, system := range otherCIs() {
		page := read(t, system.page)
		for name := range system.next {
			if !strings.Contains(page, "`"+name+"`") {
				t.Errorf("%s does not name %s", system.page, name)
			}
		}
	}
}
