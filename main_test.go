package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/agent-gate/agent-gate/test/forge"
)

func TestMain(m *testing.M) {
	// The stories wait for the program far more than they compute: more of them than there are processors.
	_ = flag.Set("test.parallel", "8")
	testscript.Main(m, map[string]func(){"agent-gate": main, "agent-gate-cleanup": main})
}

// TestScript runs the user stories in testdata/script against the real program and the
// simulated API over real HTTP.
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			// Hide the CI system that runs the tests.
			e.Vars = append(e.Vars,
				"AGENT=0a9e0000-0000-4000-8000-000000000001",
				"SCENARIO=0a9e0000-0000-4000-8000-000000000011",
				"PROMPT=0a9e0000-0000-4000-8000-000000000021",
				"AGENT_GATE_POLL_MIN_INTERVAL=5ms",
				"AGENT_GATE_POLL_MAX_INTERVAL=50ms",
			)
			return dated(e.WorkDir)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve":    serve,
			"signal":   signalAfter,
			"hangup":   hangUp,
			"outputs":  outputs,
			"saved":    saved,
			"left":     left,
			"leave":    leave,
			"forge":    startForge,
			"comments": comments,
			"status":   status,
		},
		Condition: func(cond string) (bool, error) {
			if cond == "nohup" {
				return signal.Ignored(syscall.SIGHUP), nil
			}
			return false, fmt.Errorf("no condition is called %q", cond)
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// dated replaces IN-TEN-DAYS in the files of a story by a day, on which an entry of a quarantine may end.
func dated(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	day := time.Now().UTC().AddDate(0, 0, 10).Format(time.DateOnly)
	for _, f := range files {
		path := filepath.Join(dir, f.Name())
		data, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(data, []byte("IN-TEN-DAYS")) {
			continue // a folder, most likely
		}
		if err := os.WriteFile(path, bytes.ReplaceAll(data, []byte("IN-TEN-DAYS"), []byte(day)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// serve starts the simulated API with the given flags and sets the variables that a user
// would set for it.
func serve(ts *testscript.TestScript, _ bool, args []string) {
	program, err := lookPath(ts, "agent-gate")
	ts.Check(err)
	if !slices.Contains(args, "--speed") {
		args = append(args, "--speed", "10000")
	}
	server := exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	server.Env = []string{}
	stdout, err := server.StdoutPipe()
	ts.Check(err)
	ts.Check(server.Start())
	ts.Defer(func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		if err := server.Wait(); err != nil {
			ts.Fatalf("serve did not stop cleanly: %v", err)
		}
	})
	address, err := bufio.NewReader(stdout).ReadString('\n')
	ts.Check(err)
	ts.Setenv("AGENT_GATE_BASE_URL", strings.TrimSpace(address))
	ts.Setenv("AGENT_GATE_API_KEY", "api-key-of-the-story")
	ts.Setenv("AGENT_GATE_SECRET_KEY", "secret-key-of-the-story")
}

// startForge starts a fake of the APIs of GitHub and GitLab, which accepts the token
// "token-of-the-story" and two more, and sets the variables by which a job finds it. A file has what the pull or merge
// request changes: forge pull.json.
func startForge(ts *testscript.TestScript, _ bool, args []string) {
	fake := &forge.Forge{Users: map[string]forge.User{
		"token-of-the-story":  {ID: 41898282, Login: "github-actions[bot]", App: true},
		"token-that-may-read": {ID: 41898282, Login: "github-actions[bot]", App: true, ReadOnly: true},
		"token-of-a-project":  {ID: 77, Login: "project_1_bot_gate"},
	}}
	if len(args) > 0 {
		ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &fake.Pull))
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/comments" { // for the command comments
			_ = json.NewEncoder(w).Encode(fake.Comments())
			return
		}
		fake.ServeHTTP(w, r)
	}))
	ts.Defer(server.Close)
	ts.Setenv("GITHUB_API_URL", server.URL)
	ts.Setenv("CI_API_V4_URL", server.URL+"/api/v4")
	ts.Setenv("FORGE", server.URL)
}

// comments writes all comments of the fake to a file, oldest first, and compares their
// number: comments 1 FILE.
func comments(ts *testscript.TestScript, _ bool, args []string) {
	resp, err := http.Get(ts.Getenv("FORGE") + "/comments")
	ts.Check(err)
	defer resp.Body.Close()
	var all []forge.Comment
	ts.Check(json.NewDecoder(resp.Body).Decode(&all))
	var b strings.Builder
	for _, c := range all {
		b.WriteString(c.Body + "\n")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o644))
	if got := fmt.Sprint(len(all)); got != args[0] {
		ts.Fatalf("%s comments, want %s:\n%s", got, args[0], b.String())
	}
}

// signalAfter runs a command, sends it a signal once a line with the given words is
// logged, and compares the exit code: signal INT 130 'words' agent-gate ... Words with " & " between them
// may be in different lines, in any order.
func signalAfter(ts *testscript.TestScript, _ bool, args []string) {
	signals := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "KILL": os.Kill}
	name, want, words := args[0], args[1], strings.Split(args[2], " & ")
	program, err := lookPath(ts, args[3])
	ts.Check(err)
	c := exec.Command(program, args[4:]...)
	c.Dir = ts.Getenv("WORK")
	c.Env = environ(ts)
	stderr, err := c.StderrPipe()
	ts.Check(err)
	ts.Check(c.Start())
	guard := time.AfterFunc(time.Minute, func() { _ = c.Process.Kill() })
	defer guard.Stop()
	sent := false
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		ts.Logf("%s", lines.Text())
		words = slices.DeleteFunc(words, func(w string) bool { return strings.Contains(lines.Text(), w) })
		if !sent && len(words) == 0 {
			sent = true
			ts.Check(c.Process.Signal(signals[name]))
		}
	}
	_ = c.Wait() // the exit code tells
	if !sent {
		ts.Fatalf("no line with %q was logged", words)
	}
	if got := fmt.Sprint(c.ProcessState.ExitCode()); got != want {
		ts.Fatalf("exit code %s, want %s", got, want)
	}
}

// hangUp runs a command whose reader goes away after a line with the given words, and
// compares the exit code: hangup 0 'words' agent-gate ...
func hangUp(ts *testscript.TestScript, _ bool, args []string) {
	want, words := args[0], args[1]
	program, err := lookPath(ts, args[2])
	ts.Check(err)
	reader, writer, err := os.Pipe()
	ts.Check(err)
	c := exec.Command(program, args[3:]...)
	c.Dir, c.Env, c.Stdout, c.Stderr = ts.Getenv("WORK"), environ(ts), writer, writer
	ts.Check(c.Start())
	ts.Check(writer.Close())
	guard := time.AfterFunc(time.Minute, func() { _ = c.Process.Kill() })
	defer guard.Stop()
	seen := false
	for lines := bufio.NewScanner(reader); !seen && lines.Scan(); {
		seen = strings.Contains(lines.Text(), words)
	}
	ts.Check(reader.Close())
	_ = c.Wait() // the exit code tells
	if !seen {
		ts.Fatalf("no line with %q was written", words)
	}
	if got := fmt.Sprint(c.ProcessState.ExitCode()); got != want {
		ts.Fatalf("exit code %s, want %s", got, want)
	}
}

// status runs a command and compares its exit code: status 2 agent-gate ...
func status(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = fmt.Sprint(exit.ExitCode())
	}
	if got != args[0] {
		ts.Fatalf("exit code %s (%v), want %s", got, err, args[0])
	}
}

// outputs compares values in an output file of GitHub's form: outputs FILE NAME=VALUE ...
func outputs(ts *testscript.TestScript, _ bool, args []string) {
	lines := strings.Split(ts.ReadFile(args[0]), "\n")
	values := map[string]string{}
	for i := 0; i < len(lines); i++ {
		name, delimiter, ok := strings.Cut(lines[i], "<<")
		if !ok {
			continue
		}
		var value []string
		for i++; i < len(lines) && lines[i] != delimiter; i++ {
			value = append(value, lines[i])
		}
		values[name] = strings.Join(value, "\n")
	}
	for _, pair := range args[1:] {
		name, want, _ := strings.Cut(pair, "=")
		if got, ok := values[name]; !ok || got != want {
			ts.Fatalf("output %s is %q, want %q", name, got, want)
		}
	}
}

// saved puts the contents of a file into a variable, as GitHub passes state to an
// action's post step: saved STATE_record FILE.
func saved(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}

// left sets a variable to the contents of the only state file with the given prefix.
func left(ts *testscript.TestScript, _ bool, args []string) {
	found, err := filepath.Glob(ts.MkAbs(args[1]) + ".*.json")
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("%d state files begin with %s, want one", len(found), args[1])
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(found[0])))
}

// leave turns a file into the state file of a process that is gone, with the given
// prefix.
func leave(ts *testscript.TestScript, _ bool, args []string) {
	name := ts.MkAbs(args[1]) + ".11111111-1111-4111-8111-111111111111.json"
	ts.Check(os.WriteFile(name, []byte(ts.ReadFile(args[0])), 0o600))
}

// environ is the environment of the script.
func environ(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{
		"PATH", "HOME", "TMPDIR", "AGENT", "SCENARIO",
		"AGENT_GATE_BASE_URL", "AGENT_GATE_API_KEY", "AGENT_GATE_SECRET_KEY",
		"AGENT_GATE_POLL_MIN_INTERVAL", "AGENT_GATE_POLL_MAX_INTERVAL",
	} {
		if value := ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// lookPath finds a program on the script's path.
func lookPath(ts *testscript.TestScript, name string) (string, error) {
	for dir := range strings.SplitSeq(ts.Getenv("PATH"), string(filepath.ListSeparator)) {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not on the path of the script", name)
}
