package project_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// python is where the agents of the examples find their packages.
var python = flag.String("python", "", "folder with a Python that has the packages of examples/agents: runs these agents instead of stand-ins")

// gateJob is what a job of an example does.
type gateJob struct {
	start   string   // script that starts the agent; empty if the gate does, or the CI system
	environ []string // of the gate
	command string   // that is the gate
}

// standInSays is what every customer of the simulated API wants to hear.
const standInSays = "The refund is credited, the subscription cancelled, the appointment booked, and all is settled."

// standIn is an agent for agent-command, under the name of the Python that would run the
// example's.
const standIn = `#!/bin/sh
test -f "$1" || exit 1
echo '{"ready":true}'
while read -r line; do
  rest=${line#*'"conversation":"'}
  echo '{"conversation":"'"${rest%%'"'*}"'","content":"` + standInSays + `"}'
done
`

// TestExamples_ofTextAgentsHoldConversations runs the gates of examples/*/text-*.yml, with the
// inputs and variables in them, against `agent-gate serve --text`.
//
//nolint:paralleltest // the agents share a Python, and each has a port
func TestExamples_ofTextAgentsHoldConversations(t *testing.T) {
	program := build(t)
	api := serve(t, program, "--text")
	found := 0
	for _, file := range examples(t) {
		name, ok := strings.CutPrefix(strings.TrimSuffix(filepath.Base(file), ".yml"), "text-")
		if !ok {
			continue
		}
		found++
		t.Run(file, func(t *testing.T) {
			dir := workspace(t, program)
			agent := "examples/agents/" + name + "/"
			for _, needed := range []string{"agent.py", "requirements.txt"} {
				write(t, dir, needed, read(t, agent+needed))
			}
			job := gitlabJob
			if strings.HasPrefix(file, "examples/github/") {
				job = githubJob
			}
			j := job(t, block{doc: file, line: 1, text: read(t, file)})
			if needsContainer(file) {
				j.start = containerJob(t, agent+"Dockerfile")
			}
			environ := append(api, "AGENT_GATE_JSON_REPORT=report.json", "AGENT_GATE_TRANSCRIPTS=unsuccessful")
			want := 0
			if *python != "" {
				// Without a model they repeat what they are told, which helps no customer.
				want = 1
				environ = append(environ, "PATH="+*python+":"+dir+":"+os.Getenv("PATH"))
				j = j.at(fmt.Sprint("127.0.0.1:", freePort(t)))
				// Reports have the transcripts of calls that failed.
				j.start += "AGENT_GATE_MAX_TURNS=1 AGENT_GATE_JSON_REPORT=failed.json agent-gate > failed.log 2>&1 || :\n"
			} else {
				j = standInFor(t, dir, j)
			}
			script := "trap 'kill $! 2>/dev/null || :' EXIT\n" + j.start + j.command
			out, code := shell(t, dir, append(environ, j.environ...), script)
			if code != want {
				t.Fatalf("%s\nexit code %d, want %d:\n%s", script, code, want, out)
			}
			checkHeld(t, filepath.Join(dir, "report.json"))
			if *python != "" && name != "openai" {
				checkTools(t, filepath.Join(dir, "failed.json"))
			}
		})
	}
	if found < 6 {
		t.Errorf("found only %d examples of text agents", found)
	}
}

// checkHeld requires a report of conversations that the agent did not fail.
func checkHeld(t *testing.T, path string) {
	t.Helper()
	var got struct {
		Counts struct{ Total, Succeeded int }
	}
	report, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(report, &got)
	}
	if err != nil || got.Counts.Total < 5 || got.Counts.Succeeded != got.Counts.Total {
		t.Errorf("%d of %d conversations succeeded, %v", got.Counts.Succeeded, got.Counts.Total, err)
	}
}

// checkTools requires the tool of the agent in a transcript, with what it returned.
func checkTools(t *testing.T, path string) {
	t.Helper()
	report, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(report, []byte("\"find_order(")) || !bytes.Contains(report, []byte("find_order returned: unknown")) {
		t.Errorf("no call of the tool in %d bytes of transcripts, %v", len(report), err)
	}
}

// githubJob is the job of a workflow with the gate. A step that needs a failure is left out.
func githubJob(t *testing.T, b block) gateJob {
	t.Helper()
	var j gateJob
	for step := range stepsOf(b.text) {
		run := values(step, "run")
		switch {
		case strings.Contains(step, "uses: "+ours):
			j.command = "agent-gate\n"
			for _, in := range mappings(step, "with")[0] {
				// A shell drops names with hyphens.
				j.environ = append(j.environ, "INPUT_"+strings.ToUpper(strings.ReplaceAll(in.key, "-", "_"))+"="+plain(in.key, in.value))
			}
		case len(run) == 0, strings.Contains(step, "if: failure()"), strings.Contains(step, "docker "):
		case strings.HasPrefix(run[0], "agent-gate"):
			j.command += run[0] + "\n"
			j.environ = append(j.environ, ourVariables(mappings(step, "env")[0])...)
		default:
			j.start += run[0] + "\n"
		}
	}
	return j
}

// gitlabJob is the job with the gate in a pipeline.
func gitlabJob(t *testing.T, b block) gateJob {
	t.Helper()
	j := gateJob{command: "agent-gate run\n"}
	for _, in := range mappings(b.text, "inputs")[0] {
		if !slices.Contains(ofTheJob, in.key) {
			j.environ = append(j.environ, "AGENT_GATE_"+strings.ToUpper(strings.ReplaceAll(in.key, "-", "_"))+"="+plain(in.key, in.value))
		}
	}
	if _, before, ok := strings.Cut(b.text, "\n  before_script:\n"); ok {
		for line := range strings.Lines(before) {
			if command, ok := strings.CutPrefix(line, "    - "); ok {
				j.start += command
			}
		}
	}
	return j
}

// needsContainer reports whether the CI system starts the agent.
func needsContainer(file string) bool { return strings.HasSuffix(file, "/text-openai.yml") }

// containerJob is what a Dockerfile does after it has copied the files.
func containerJob(t *testing.T, file string) string {
	t.Helper()
	var start strings.Builder
	for line := range strings.Lines(read(t, file)) {
		if run, ok := strings.CutPrefix(line, "RUN "); ok {
			start.WriteString(run)
		} else if list, ok := strings.CutPrefix(line, "CMD "); ok {
			var words []string
			if err := json.Unmarshal([]byte(list), &words); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			start.WriteString(strings.Join(words, " ") + " > agent.log 2>&1 &\n")
		}
	}
	return start.String()
}

// where is where an agent of the examples listens, and how it is told its port.
var where = regexp.MustCompile(`\b(127\.0\.0\.1|agent):8000\b`)

// at is the job with an agent that listens somewhere else.
func (j gateJob) at(address string) gateJob {
	_, port, _ := strings.Cut(address, ":")
	j.start = strings.ReplaceAll(j.start, "--port 8000", "--port "+port)
	j.environ = slices.Clone(j.environ)
	for i, variable := range j.environ {
		j.environ[i] = where.ReplaceAllString(variable, address)
	}
	return j
}

// standInFor is the job with a stand-in for the agent of the example.
func standInFor(t *testing.T, dir string, j gateJob) gateJob {
	t.Helper()
	if slices.ContainsFunc(j.environ, func(v string) bool { return strings.HasPrefix(v, "AGENT_GATE_AGENT_COMMAND=") }) {
		write(t, dir, "python", standIn)
		if err := os.Chmod(filepath.Join(dir, "python"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var question struct{ Conversation, Model string }
		if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&question) != nil {
			return // it is ready
		}
		answer := `{"content":"` + standInSays + `"}`
		switch {
		case r.URL.Path == "/v1/chat/completions" && question.Model == "support-agent":
			answer = `{"choices":[{"message":` + answer + `}]}`
		case r.URL.Path != "/chat" || question.Conversation == "":
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, answer) // the gate may have gone
	}))
	t.Cleanup(endpoint.Close)
	j = j.at(endpoint.Listener.Addr().String())
	j.start = ""
	return j
}

// freePort is a port that was free a moment ago.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
