package command_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/agent-gate/agent-gate/internal/command"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// The keys contain characters that URLs, HTML, JSON and base64 escape, and share no
// prefix.
const (
	apiKey    = `fi-api/Zq7+Tn=w&9<k>"v'%\end`
	secretKey = `SECRET~8d2f?Lm#0Xy;c{e}|h^`
)

// echo is a server that echoes the keys in every text of its answers, in every form.
type echo struct {
	*simulator.Server
	n atomic.Int64
}

// ServeHTTP implements http.Handler.
func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	got := httptest.NewRecorder()
	e.Server.ServeHTTP(got, r)
	body := got.Body.Bytes()
	var value any
	if json.Unmarshal(body, &value) == nil {
		body, _ = json.Marshal(e.echoed("", value))
	}
	maps.Copy(w.Header(), got.Header())
	w.Header().Del("Content-Length")
	w.Header().Set("X-Echo", apiKey)
	w.WriteHeader(got.Code)
	_, _ = w.Write(body)
}

// exact matches the fields that must stay unchanged for the run to continue.
var exact = regexp.MustCompile(`(^|_)(id|ids|status|type|at|time|next|previous|provider|scenarios|successful_reruns|code|run_test_name)$`)

// echoed adds a key to every text.
func (e *echo) echoed(field string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if key == "name" && v["scenarios_detail"] != nil {
				continue // the run test is looked up by it
			}
			v[key] = e.echoed(key, inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = e.echoed(field, inner)
		}
	case string:
		if !exact.MatchString(field) && v != "" {
			return v + " " + e.next()
		}
	}
	return value
}

// next returns a key in the next form.
func (e *echo) next() string {
	forms := written()
	return forms[int(e.n.Add(1))%len(forms)]
}

// written are both keys in the forms in which servers and libraries write them.
func written() []string {
	var forms []string
	for _, key := range []string{apiKey, secretKey, apiKey + ":" + secretKey} {
		raw := []byte(key)
		forms = append(forms, key, "Bearer "+key, "'"+key+"'",
			url.QueryEscape(key), percents.ReplaceAllStringFunc(url.QueryEscape(key), strings.ToLower), url.PathEscape(key), "https://api.example.com/?k="+url.QueryEscape(key),
			base64.StdEncoding.EncodeToString(raw), base64.RawStdEncoding.EncodeToString(raw),
			base64.URLEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw),
			base64.StdEncoding.EncodeToString([]byte("x"+key+"yz")), base64.URLEncoding.EncodeToString([]byte("xy"+key)),
			hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)),
			html.EscapeString(key), strconv.Quote(key), strings.Repeat("long ", 57)+key, strings.Repeat("x", 1990)+" "+key,
		)
	}
	return forms
}

// keysIn lists the keys that can be recovered from data, and how. It shares no code with
// the redactor.
func keysIn(data []byte) []string {
	var found []string
	look := func(how string, text []byte) {
		for _, key := range []string{apiKey, secretKey} {
			if bytes.Contains(text, []byte(key)) || bytes.Contains(letters(text), letters([]byte(key))) {
				found = append(found, how+" "+key)
			}
		}
	}
	for _, key := range []string{apiKey, secretKey} {
		for _, half := range []string{key[:10], key[len(key)-10:]} {
			if bytes.Contains(data, []byte(half)) {
				found = append(found, "a part of "+key)
			}
		}
	}
	unquoted := quotes.ReplaceAllFunc(data, func(b []byte) []byte {
		if s, err := strconv.Unquote(`"` + string(b) + `"`); err == nil {
			return []byte(s)
		}
		return b
	})
	for how, text := range map[string][]byte{
		"plain": data, "in JSON": unquoted, "in HTML": []byte(html.UnescapeString(string(data))), "in JSON in HTML": []byte(html.UnescapeString(string(unquoted))),
	} {
		look(how, text)
		for _, plus := range []string{"+", " "} {
			look(how+", URL-encoded", percents.ReplaceAllFunc(bytes.ReplaceAll(text, []byte("+"), []byte(plus)), func(b []byte) []byte {
				c, _ := hex.DecodeString(string(b[1:]))
				return c
			}))
		}
		for _, run := range hexes.FindAll(text, -1) {
			for from := range 2 {
				even := run[from : from+(len(run)-from)/2*2]
				raw, _ := hex.DecodeString(string(even))
				look(how+", hexadecimal", raw)
			}
		}
		for _, run := range sixtyFours.FindAll(text, -1) {
			for from := range 4 {
				if from < len(run) {
					look(how+", base64", decode64(run[from:]))
				}
			}
		}
	}
	return found
}

var (
	quotes     = regexp.MustCompile(`(\\u[0-9a-fA-F]{4}|\\.)+`)
	percents   = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
	hexes      = regexp.MustCompile(`[0-9a-fA-F]{8,}`)
	sixtyFours = regexp.MustCompile(`[A-Za-z0-9+/_-]{8,}`)
)

// letters returns the letters and digits of a text. They reveal a key of which only the
// other characters were replaced.
func letters(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, text)
}

// decode64 decodes what it can of a run of characters of either base64 alphabet.
func decode64(run []byte) []byte {
	run = bytes.ReplaceAll(bytes.ReplaceAll(run, []byte("-"), []byte("+")), []byte("_"), []byte("/"))
	raw := make([]byte, base64.RawStdEncoding.DecodedLen(len(run)))
	n, _ := base64.RawStdEncoding.Decode(raw, run)
	return raw[:n]
}

func TestTheSearchFindsEveryForm(t *testing.T) {
	t.Parallel()
	for _, form := range written() {
		for _, around := range []string{"%s", "x%sy", "<b>%s</b>", "{\"a\": \"%s\"}"} {
			if len(keysIn(fmt.Appendf(nil, around, form))) == 0 {
				t.Errorf("%q in %q is not found", form, around)
			}
		}
	}
	if found := keysIn([]byte("An honest log with *** and e30= in it.")); len(found) > 0 {
		t.Errorf("found %q in a text without keys", found)
	}
}

// files are what a job writes, with what is in it.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		all[name], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// bomb is a stream that panics once, with a key in its message, when the given words are
// written to it.
type bomb struct {
	io.Writer
	words string
	once  sync.Once
}

// Write implements io.Writer.
func (b *bomb) Write(p []byte) (int, error) {
	if b.words != "" && bytes.Contains(p, []byte(b.words)) {
		b.once.Do(func() {
			panic("cannot write with " + secretKey + " and " + base64.StdEncoding.EncodeToString([]byte(apiKey)))
		})
	}
	return b.Writer.Write(p)
}

// TestNoKeyInAnythingThatIsWritten runs the program at debug level against a server that
// echoes the keys, and searches every byte that it writes.
func TestNoKeyInAnythingThatIsWritten(t *testing.T) {
	t.Parallel()
	refusal := func(to api.Endpoint, status int, body string) simulator.Options {
		return simulator.Options{Faults: []simulator.Fault{{Endpoint: to, Kind: simulator.FaultStatus, Status: status, Body: body, Count: simulator.Always}}}
	}
	said, _ := json.Marshal("refused " + strings.Join(written(), " | "))
	mixed := simulator.Options{AttachEvals: true, Plan: story.Plan{Calls: map[int]story.Outcome{
		0: story.Fails("carrier said " + apiKey), 1: story.Flaky(1, secretKey), 2: story.Skipped("no words"),
		3: story.Succeeds(9).With("is_helpful", story.EvalErrored()),
	}}}
	talking := simulator.Options{Plan: story.Plan{Default: story.Outcome{Fails: true, Connects: true}}}
	cases := []struct {
		name   string
		server simulator.Options
		env    []string
		args   []string
		out    string // when standard output panics
		err    string // when standard error panics
		code   int
	}{
		{name: "calls of every kind", server: mixed, args: []string{"--rerun-attempts", "1"}, code: 1},
		{name: "on GitHub", server: mixed, env: []string{"GITHUB_ACTIONS=true", "RUNNER_DEBUG=1", "GITHUB_RUN_ID=7", "GITHUB_REPOSITORY=acme/bot"}, code: 1},
		{name: "on GitLab", server: mixed, env: []string{"GITLAB_CI=true", "CI_DEBUG_TRACE=true", "CI_JOB_ID=7"}, code: 1},
		{name: "documented dialect", server: simulator.Options{Dialect: simulator.Documented, AttachEvals: true, Plan: mixed.Plan}, code: 1},
		{name: "what was said", server: talking, args: []string{"--transcripts", "unsuccessful"}, code: 1},
		{name: "what was said, documented dialect", server: simulator.Options{Dialect: simulator.Documented, Plan: talking.Plan}, args: []string{"--transcripts", "unsuccessful"}, code: 1},
		{name: "transcripts refused", server: simulator.Options{Plan: talking.Plan, Faults: refusal(api.EndpointCall, 403, `{"detail": `+string(said)+`}`).Faults}, args: []string{"--transcripts", "unsuccessful"}, code: 1},
		{name: "execution failed", server: simulator.Options{Plan: story.Plan{SetupError: "no worker for " + secretKey}}, code: 3},
		{name: "keys refused", server: refusal(api.EndpointCreate, 401, `{"detail": `+string(said)+`}`), code: 3},
		{name: "create refused", server: refusal(api.EndpointCreate, 422, `{"errors": {"`+apiKey[:4]+`": [`+string(said)+`]}, "message": `+string(said)+`}`), code: 2},
		{name: "a page for people", server: refusal(api.EndpointCreate, 403, "<html><title>"+html.EscapeString(apiKey)+"</title>"+secretKey+"</html>"), code: 3},
		{name: "no JSON", server: refusal(api.EndpointCreate, 403, secretKey), code: 3},
		{name: "execute refused", server: refusal(api.EndpointExecute, 400, `{"detail": `+string(said)+`}`), code: 3},
		{name: "redirected", server: simulator.Options{Faults: []simulator.Fault{{Kind: simulator.FaultRedirect, Count: simulator.Always,
			Location: "https://elsewhere.example/" + url.PathEscape(apiKey) + "/?key=" + url.QueryEscape(secretKey) + "#" + hex.EncodeToString([]byte(apiKey))}}}, code: 3},
		{name: "a key in another input", server: mixed, args: []string{"--rerun-type", secretKey, "--timeout", apiKey, "--run-name", apiKey + "/"}, code: 2},
		{name: "a key as a flag", server: mixed, args: []string{"--" + apiKey, "--api-key-typo=" + secretKey}, code: 2},
		{name: "a panic in the run", server: mixed, err: "Test execution", code: 3},
		{name: "a panic after the run", server: mixed, out: "succeeded", code: 3},
		{name: "a panic while the keys are refused", server: refusal(api.EndpointCreate, 401, `{"detail": `+string(said)+`}`), out: "ERROR", code: 3},
	}
	var searched atomic.Int64
	t.Run("cases", func(t *testing.T) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				c.server.Speed, c.server.APIKey, c.server.SecretKey, c.server.AcceptUnknown = 10_000, apiKey, secretKey, true
				server := &echo{Server: simulator.New(c.server)}
				web := httptest.NewServer(server)
				defer web.Close()
				dir := t.TempDir()
				in := func(name string) string { return filepath.Join(dir, name) }
				var stdout, stderr bytes.Buffer
				run := command.Command{
					Args: append([]string{
						"--agent-definition-id", "0a9e0000-0000-4000-8000-000000000001", "--scenario-ids", server.ScenarioIDs()[0].String(),
						"--min-success-rate", "100", "--log-level", "debug", "--poll-min-interval", "2ms", "--poll-max-interval", "20ms",
						"--json-report", in("report.json"), "--junit-report", in("junit.xml"), "--html-report", in("report.html"),
						"--summary-file", in("summary.md"), "--dotenv-file", in("gate.env"), "--metrics-report", in("metrics.txt"), "--annotations-report", in("links.json"), "--state-file", in("state.json"),
					}, c.args...),
					Environ: append([]string{
						"AGENT_GATE_API_KEY=" + apiKey, "AGENT_GATE_SECRET_KEY=" + secretKey, "AGENT_GATE_BASE_URL=" + web.URL,
						"GITHUB_OUTPUT=" + in("github-output"), "GITHUB_STATE=" + in("github-state"), "GITHUB_STEP_SUMMARY=" + in("github-summary"),
					}, c.env...),
					Stdout: &bomb{Writer: &stdout, words: c.out},
					Stderr: &bomb{Writer: &stderr, words: c.err},
				}
				if code := run.Main(t.Context()); code != c.code {
					t.Errorf("exit code %d, want %d; stdout:\n%s\nstderr:\n%s", code, c.code, &stdout, &stderr)
				}
				run.Args = []string{"cleanup", "--state-file", in("state.json"), "--log-level", "debug"}
				if code := run.Main(context.WithoutCancel(t.Context())); code != 0 {
					t.Errorf("cleanup: exit code %d; stderr:\n%s", code, &stderr)
				}

				written := files(t, dir)
				written["stdout"], written["stderr"] = unmasked(t, c.env, stdout.Bytes()), stderr.Bytes()
				for name, data := range written {
					searched.Add(int64(len(data)))
					for _, found := range keysIn(data) {
						t.Errorf("%s holds a key: %s", name, found)
					}
				}
				ledger := server.Ledger()
				if len(ledger.Leaks) > 0 || len(ledger.Hosts) > 1 {
					t.Errorf("keys in wrong places: %+v, hosts %v", ledger.Leaks, ledger.Hosts)
				}
				for _, q := range ledger.Requests {
					if q.Header.Get("Authorization") != "" {
						t.Errorf("%s %s has an Authorization header", q.Method, q.Path)
					}
				}
				if c.code != 2 && ledger.Total() == 0 {
					t.Error("no request was sent")
				}
			})
		}
	})
	t.Logf("%d bytes were searched", searched.Load())
}

// unmasked returns a log without the lines that tell GitHub's runner what to hide, which
// must be there on GitHub and nowhere else.
func unmasked(t *testing.T, env []string, log []byte) []byte {
	t.Helper()
	const mask = "::add-mask::"
	lines := strings.Split(string(log), "\n")
	if onGitHub := slices.Contains(env, "GITHUB_ACTIONS=true"); onGitHub != strings.Contains(string(log), mask) {
		t.Errorf("masks in the log: %t, on GitHub: %t", !onGitHub, onGitHub)
	} else if onGitHub && (!strings.HasPrefix(lines[0], mask) || !strings.HasPrefix(lines[1], mask)) {
		t.Errorf("the log begins with %q and %q, want the masks first", lines[0], lines[1])
	}
	return []byte(strings.Join(slices.DeleteFunc(lines, func(line string) bool {
		// GitHub escapes "%".
		return line == mask+strings.ReplaceAll(apiKey, "%", "%25") || line == mask+strings.ReplaceAll(secretKey, "%", "%25")
	}), "\n"))
}
