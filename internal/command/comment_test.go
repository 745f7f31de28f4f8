package command_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/command"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/test/forge"
)

// The token contains characters that JSON, URLs and HTML escape.
const commentToken = `ghs_Zk3+&<T/oken"of%the=job>`

// pull is a job on a pull request, with a fake of GitHub or GitLab and the simulated API.
type pull struct {
	gitlab bool
	mode   string // of the comment; always when empty
	plan   story.Plan
	forge  *forge.Forge
	args   []string
	ctx    context.Context // that of the test when nil
}

// run runs the program and returns its exit code and its log.
func (p pull) run(t *testing.T) (int, string) {
	t.Helper()
	api := simulator.New(simulator.Options{Speed: 10_000, AcceptUnknown: true, Plan: p.plan})
	web, hub := httptest.NewServer(api), httptest.NewServer(p.forge)
	defer web.Close()
	defer hub.Close()
	dir := t.TempDir()
	event := filepath.Join(dir, "event.json")
	if err := os.WriteFile(event, []byte(`{"pull_request": {"number": 7, "head": {"repo": {"id": 1}}, "base": {"repo": {"id": 1}}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{
		"GITHUB_ACTIONS=true", "GITHUB_REPOSITORY=acme/bot", "GITHUB_RUN_ID=7", "GITHUB_RUN_ATTEMPT=1", "GITHUB_JOB=gate",
		"GITHUB_EVENT_PATH=" + event, "GITHUB_API_URL=" + hub.URL,
	}
	if p.gitlab {
		environ = []string{
			"GITLAB_CI=true", "CI_PIPELINE_ID=7", "CI_JOB_ID=8", "CI_JOB_NAME=gate", "CI_PROJECT_ID=77",
			"CI_MERGE_REQUEST_IID=7", "CI_API_V4_URL=" + hub.URL + "/api/v4",
		}
	}
	var stdout, stderr bytes.Buffer
	c := command.Command{
		Args: append([]string{
			"--agent-definition-id", "0a9e0000-0000-4000-8000-000000000001", "--scenario-ids", "0a9e0000-0000-4000-8000-000000000011",
			"--min-success-rate", "90", "--log-level", "debug", "--poll-min-interval", "2ms", "--poll-max-interval", "20ms", "--comment", cmp.Or(p.mode, "always"),
			"--json-report", filepath.Join(dir, "report.json"), "--summary-file", filepath.Join(dir, "summary.md"),
		}, p.args...),
		Environ: append(environ, "AGENT_GATE_API_KEY=an-api-key", "AGENT_GATE_SECRET_KEY=a-secret-key", "AGENT_GATE_BASE_URL="+web.URL,
			"AGENT_GATE_GITHUB_TOKEN="+commentToken, "AGENT_GATE_GITLAB_TOKEN="+commentToken),
		Stdout: &stdout, Stderr: &stderr,
	}
	ctx := p.ctx
	if ctx == nil {
		ctx = t.Context()
	}
	code := c.Main(ctx)
	for _, q := range api.Ledger().Requests {
		if strings.Contains(fmt.Sprint(q.Header, q.Path), "oken") {
			t.Errorf("the token was sent to the API of the run: %s %s", q.Method, q.Path)
		}
	}
	for name, data := range files(t, dir) {
		stdout.WriteString("\n" + name + ":\n")
		stdout.Write(data)
	}
	return code, stdout.String() + stderr.String()
}

// hub is a fake that knows the token.
func hub() *forge.Forge {
	return &forge.Forge{Users: map[string]forge.User{commentToken: {ID: 7, Login: "gate"}}}
}

func TestEveryVerdictIsCommented(t *testing.T) {
	t.Parallel()
	stopped := func(cause error) context.Context {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(cause)
		return ctx
	}
	for name, c := range map[string]struct {
		pull
		code  int
		title string // empty: no comment
	}{
		"pass":               {pull{}, 0, "### ✅ Agent gate: PASS · gate"},
		"pass, on failure":   {pull{mode: "on-failure"}, 0, ""},
		"fail":               {pull{plan: story.Plan{Default: story.Fails("busy")}}, 1, "### ❌ Agent gate: FAIL · gate"},
		"fail, on failure":   {pull{plan: story.Plan{Default: story.Fails("busy")}, mode: "on-failure"}, 1, "### ❌ Agent gate: FAIL · gate"},
		"fail, soft":         {pull{plan: story.Plan{Default: story.Fails("busy")}, mode: "on-failure", args: []string{"--soft-fail"}}, 0, "### ❌ Agent gate: FAIL · gate"},
		"inconclusive":       {pull{args: []string{"--decide-on", "interval"}}, 5, "### ⚠️ Agent gate: INCONCLUSIVE · gate"},
		"error":              {pull{plan: story.Plan{SetupError: "no database"}}, 3, "### ❌ Agent gate: ERROR · gate"},
		"bad configuration":  {pull{args: []string{"--max-calls", "many"}}, 2, "### ❌ Agent gate: ERROR · gate"},
		"interrupted":        {pull{ctx: stopped(gate.ErrInterrupted)}, 130, "### ❌ Agent gate: ERROR · gate"},
		"terminated":         {pull{ctx: stopped(gate.ErrTerminated)}, 143, "### ❌ Agent gate: ERROR · gate"},
		"dry run":            {pull{args: []string{"--dry-run"}}, 0, ""},
		"dry run, misread":   {pull{args: []string{"--dry-run", "--max-calls", "many"}}, 2, ""},
		"never":              {pull{mode: "never"}, 0, ""},
		"mode that is wrong": {pull{mode: "sometimes"}, 2, ""},
	} {
		for _, gitlab := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, GitLab %t", name, gitlab), func(t *testing.T) {
				t.Parallel()
				p := c.pull
				p.gitlab, p.forge = gitlab, hub()
				code, log := p.run(t)
				if code != c.code {
					t.Errorf("exit code %d, want %d:\n%s", code, c.code, log)
				}
				var titles []string
				for _, comment := range p.forge.Comments() {
					_, below, _ := strings.Cut(comment.Body, "\n")
					title, _, _ := strings.Cut(below, "\n")
					titles = append(titles, title)
				}
				if got := strings.Join(titles, ", "); got != c.title {
					t.Errorf("the comments are %q, want %q:\n%s", got, c.title, log)
				}
			})
		}
	}
}

// The server echoes the token in every answer, and so do the calls.
func TestTheTokenIsInNothingThatIsWritten(t *testing.T) {
	t.Parallel()
	echoed := func(status int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Location", "https://evil.example.com/"+url.PathEscape(commentToken))
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"message": %q, "error": %q}`, "bad token "+commentToken, strings.Repeat("long ", 36)+commentToken)
			return true
		}
	}
	mask := "::add-mask::" + strings.ReplaceAll(commentToken, "%", "%25")
	for name, intercept := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"taken": nil, "unknown": echoed(401), "refused": echoed(403), "moved": echoed(301), "broken": echoed(500), "no comment": echoed(200),
	} {
		for _, gitlab := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, GitLab %t", name, gitlab), func(t *testing.T) {
				t.Parallel()
				p := pull{gitlab: gitlab, forge: hub(), plan: story.Plan{Default: story.Fails("said " + commentToken + " and " + url.QueryEscape(commentToken))}}
				p.forge.Intercept = intercept
				code, log := p.run(t)
				if code != 1 {
					t.Errorf("exit code %d, want 1", code)
				}
				if intercept != nil && !strings.Contains(log, "warning:") {
					t.Error("no warning")
				}
				if strings.Contains(log, mask) == gitlab {
					t.Errorf("masked: %t", !gitlab)
				}
				log = strings.ReplaceAll(log, mask, "")
				for _, c := range p.forge.Comments() {
					log += c.Body
				}
				log = html.UnescapeString(strings.ReplaceAll(log, "<wbr>", ""))
				for _, form := range []string{commentToken, url.QueryEscape(commentToken), url.PathEscape(commentToken), "ghs_Zk3"} {
					if i := strings.Index(log, form); i >= 0 {
						t.Errorf("the token is in %q", log[max(0, i-200):i+len(form)])
					}
				}
			})
		}
	}
}

func TestACommentThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	for name, intercept := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"a server that panics":    func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) },
		"null for every question": func(w http.ResponseWriter, _ *http.Request) bool { fmt.Fprint(w, "null"); return true },
		"a list with holes":       func(w http.ResponseWriter, _ *http.Request) bool { fmt.Fprint(w, "[null, {}]"); return true },
		"nothing":                 func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(204); return true },
		"accepted":                func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(202); return true },
	} {
		for _, gitlab := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, GitLab %t", name, gitlab), func(t *testing.T) {
				t.Parallel()
				p := pull{gitlab: gitlab, forge: hub()}
				p.forge.Intercept = intercept
				if code, log := p.run(t); code != 0 || !strings.Contains(log, "PASS") {
					t.Errorf("exit code %d:\n%s", code, log)
				}
			})
		}
	}
}

func TestAfterASignalACommentIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gate.ErrTerminated)
	ended := make(chan struct{})
	p := pull{forge: hub(), ctx: ctx}
	p.forge.Intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-r.Context().Done():
		case <-ended:
		}
		return true
	}
	time.AfterFunc(15*time.Second, func() { close(ended) })
	start := time.Now()
	code, log := p.run(t)
	if took := time.Since(start); code != 143 || took > 10*time.Second || !strings.Contains(log, "No comment: ") {
		t.Errorf("exit code %d after %s:\n%s", code, took, log)
	}
}
