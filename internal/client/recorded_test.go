package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

// recordedAnswers holds responses of the vendor's server; its README lists the requests.
const recordedAnswers = "../testdata/recorded"

// recording is one recorded response.
type recording struct {
	file, method, target string // the target is a path with an optional query
	sent                 string // the request body; only the start of long ones
	status               int
	body                 string // the response body
}

// recordings returns those that the README lists and that have a body.
func recordings(t *testing.T) []recording {
	t.Helper()
	table, err := os.ReadFile(filepath.Join(recordedAnswers, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var all []recording
	for line := range strings.Lines(string(table)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(cells) < 5 || !strings.Contains(cells[0], ".") {
			continue
		}
		method, target, _ := strings.Cut(strings.Trim(cells[1], "` "), " ")
		status, err := strconv.Atoi(strings.TrimSpace(cells[3]))
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		file := strings.TrimSpace(cells[0])
		body, err := os.ReadFile(filepath.Join(recordedAnswers, file))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, recording{file, method, target, strings.Trim(cells[2], "` "), status, string(body)})
	}
	return all
}

// path returns the target without its query.
func (r recording) path() string {
	path, _, _ := strings.Cut(r.target, "?")
	return path
}

// ids returns the ids in the path.
func (r recording) ids() []uuid.UUID {
	var all []uuid.UUID
	for part := range strings.SplitSeq(r.path(), "/") {
		if id, err := uuid.Parse(part); err == nil {
			all = append(all, id)
		}
	}
	return all
}

// RoundTrip implements http.RoundTripper: it answers every request for its path with the
// recording.
func (r recording) RoundTrip(req *http.Request) (*http.Response, error) {
	resp := &http.Response{StatusCode: r.status, Request: req, Header: http.Header{"Content-Type": {"application/json"}}, Body: readCloser(r.body)}
	if req.Method != r.method || req.URL.EscapedPath() != r.path() {
		resp.StatusCode, resp.Body = http.StatusNotImplemented, readCloser(`{"detail": "another path"}`)
	}
	return resp, nil
}

// ask makes the client send the request of a recording, and describes the result.
func (r recording) ask(ctx context.Context, c *Client) (string, error) {
	route := r.method + " " + r.path()
	id := cmp.Or(slices.Concat(r.ids(), []uuid.UUID{uuid.Nil})...)
	ends := func(method, end string) bool { return r.method == method && strings.HasSuffix(r.path(), end) }
	switch {
	case route == "POST "+createPath:
		got, err := c.CreateRunTest(ctx, CreateRunTest{Name: "x"})
		return saidOfRunTest(got), err
	case ends("GET", "/run-tests/"):
		var names []string
		for t, err := range c.RunTests(ctx, "") {
			if err != nil {
				return "", err
			}
			names = append(names, t.Name.Raw())
		}
		return "run tests " + strings.Join(names, ", "), nil
	case strings.HasPrefix(route, "GET "+listPath+"get-id-by-name/") && !strings.Contains(route, "%2F"):
		found, ok, err := c.FindRunTest(ctx, filepath.Base(r.path()))
		return fmt.Sprintf("%s, found %t", found, ok), err
	case ends("POST", "/execute/"):
		got, err := c.Execute(ctx, id, Execute{})
		return fmt.Sprintf("execution %s of %d scenarios", got.ExecutionID, got.Scenarios), err
	case ends("GET", "/executions/"):
		got, err := c.Executions(ctx, id)
		return fmt.Sprint("executions ", saidOfExecutions(got)), err
	case ends("POST", "/cancel/"):
		got, err := c.Cancel(ctx, id)
		return got.Message.Raw(), err
	case ends("POST", "/rerun-calls/"):
		return r.rerun(ctx, c, id)
	case ends("POST", "/run-new-evals/"):
		got, err := c.RunNewEvals(ctx, id, RunNewEvals{ExecutionID: answers.Execution, EvalConfigIDs: []uuid.UUID{helpfulID}})
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%d calls, dispatch failed %t", *got.Calls, got.DispatchFailed), nil
	case ends("POST", "/eval-configs/"):
		got, err := c.AddEvalConfigs(ctx, id, []json.RawMessage{[]byte(`{}`)})
		return fmt.Sprint("made ", got), err
	case r.path() == metricsPath:
		return r.metrics(ctx, c)
	case r.path() == "/simulate/test-executions/"+id.String()+"/" && r.method == "GET":
		got, err := c.Collect(ctx, id)
		if _, partial := errors.AsType[*IncompleteError](err); err != nil && !partial {
			return "", err
		}
		return saidOfExecution(got), nil // the recording has only some of the calls
	case r.path() == callPath+id.String()+"/":
		got := c.Transcripts(ctx, answers.Execution, []uuid.UUID{id})[0]
		return saidOfTranscript(got.Transcript), got.Err
	case r.path() == listPath+id.String()+"/":
		got, err := c.RunTest(ctx, id)
		return saidOfRunTest(got), err
	}
	// The client never requests it, but can read similar responses.
	req := request{op: "read", method: r.method, path: r.path()}
	_, err := fetch(ctx, c, req, func(body io.Reader) (any, error) {
		var said map[string]any
		return said, json.NewDecoder(body).Decode(&said)
	})
	return "not asked for", err
}

// rerun requests a rerun of a call unknown to the server, which omits it from its response.
func (r recording) rerun(ctx context.Context, c *Client, id uuid.UUID) (string, error) {
	got, err := c.RerunCalls(ctx, id, calls.RerunEvalOnly, []uuid.UUID{{0x11}})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d accepted, %d left out, dispatch error %q", len(got.Accepted), len(got.Rejected), got.DispatchError.Raw()), nil
}

// metrics requests the metrics of an execution.
func (r recording) metrics(ctx context.Context, c *Client) (string, error) {
	target, err := url.Parse(r.target)
	if err != nil {
		return "", err
	}
	id, err := uuid.Parse(target.Query().Get("execution_id"))
	if err != nil {
		id = answers.Execution
	}
	got, err := c.pollMetrics(ctx, id)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, %d calls, %d completed, %d failed, ended %t", got.Status, *got.Total, *got.Completed, *got.Failed, got.CompletedAt != nil), nil
}

// saidOfTranscript describes who spoke when, to the second.
func saidOfTranscript(t calls.Transcript) string {
	var all []string
	for _, turn := range t.Turns {
		when := ""
		if turn.StartSeconds != nil {
			when = fmt.Sprintf(" %.0f", *turn.StartSeconds)
		}
		all = append(all, string(turn.Role)+when)
	}
	return "turns: " + strings.Join(all, ", ")
}

// saidOfRunTest describes a run test.
func saidOfRunTest(t calls.RunTest) string {
	var scenarios, evals []string
	for _, s := range t.Scenarios {
		scenarios = append(scenarios, fmt.Sprintf("%s %s %d", s.Name, s.Status, *s.DatasetRows))
	}
	for _, e := range t.EvalConfigs {
		evals = append(evals, e.Name.Raw())
	}
	return fmt.Sprintf("%s %s: %s %s (%s), scenarios %s, evals %s",
		t.Name, shortID(t.ID), t.AgentType, t.AgentName, t.SourceType, strings.Join(scenarios, ", "), strings.Join(evals, ", "))
}

// shortID returns the start of an id.
func shortID(id uuid.UUID) string { return id.String()[:8] }

// saidOfExecutions describes the executions in a list.
func saidOfExecutions(list []calls.ExecutionSummary) []string {
	all := []string{}
	for _, e := range list {
		all = append(all, fmt.Sprintf("%s %s %s of %s", shortID(e.ID), e.Status, e.StartedAt.Format("15:04:05"), e.Scenarios))
	}
	return all
}

// saidOfExecution describes an execution: its calls by status and ended reason, which numbers
// they have, and their results by state.
func saidOfExecution(e calls.Execution) string {
	ended, results, types := map[string]int{}, map[string]int{}, []string{}
	var numbers [4][]string
	for _, c := range e.Calls.All() {
		kind := string(c.Status)
		if c.ProcessingSkipped {
			kind += " skipped"
		}
		if !c.EndedReason.IsEmpty() {
			kind += ": " + c.EndedReason.Raw()
		}
		if c.First != nil {
			kind += fmt.Sprintf(" (%d reruns, first %s: %s, lost %t %t)", c.Reruns, c.First.Status, c.First.EndedReason.Raw(), c.LostFirst, c.First.Lost())
		}
		ended[kind]++
		for i, v := range []*float64{c.OverallScore, c.DurationSeconds, c.ResponseSeconds, c.CostCents} {
			if v != nil {
				numbers[i] = append(numbers[i], strconv.FormatFloat(*v, 'g', -1, 64))
			}
		}
		for _, result := range c.Evals {
			value := string(result.State())
			if v := result.Value(); result.State() == calls.EvalScored {
				value = fmt.Sprint(v.Kind, v.Passed, v.Number, v.Labels)
			}
			results[result.Name().Raw()+" "+value]++
		}
	}
	for _, eval := range e.Evals {
		types = append(types, eval.Name.Raw()+": "+eval.Type.Raw())
	}
	for i := range numbers {
		slices.Sort(numbers[i])
	}
	return fmt.Sprintf("%s %s, %d calls of %d\ncalls: %s\nscores %v, seconds %v, response %v, cents %v\nevals: %s\nresults: %s",
		e.AgentType, e.Status, e.Calls.Len(), *e.Total, counted(ended), numbers[0], numbers[1], numbers[2], numbers[3], strings.Join(types, ", "), counted(results))
}

// counted formats counts by key.
func counted(m map[string]int) string {
	var all []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		all = append(all, fmt.Sprintf("%d %s", m[k], k))
	}
	return strings.Join(all, "; ")
}

// wantKind returns the failure kind expected for a response outside 2xx.
func (r recording) wantKind() Kind {
	switch {
	case r.status == 401:
		return KindUnauthorized
	case r.status == 404, r.status == 500 && r.file != "sdk-runs-out-of-range.json":
		return KindNotFound // the server answers 500 for most things it does not have
	case r.status == 500:
		return KindUnavailable
	}
	return KindRejected
}

// wantMessage returns the server's message in a response outside 2xx.
func (r recording) wantMessage(t *testing.T) string {
	t.Helper()
	if strings.HasSuffix(r.file, ".html") {
		return "Not Found"
	}
	var said struct{ Detail string }
	if err := json.Unmarshal([]byte(r.body), &said); err != nil || said.Detail == "" {
		t.Fatalf("%s says nothing: %v", r.file, err)
	}
	return text.New(said.Detail).Beginning(300).Raw()
}

func TestEveryRecordedAnswerIsReadAsWhatItIs(t *testing.T) {
	t.Parallel()
	all := recordings(t)
	var listed []string
	for _, r := range all {
		listed = append(listed, r.file)
		t.Run(r.file, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got, err := r.ask(t.Context(), newClient(t, r))
				want, isAnswer := recordedWants[r.file]
				if isAnswer {
					if err != nil || got != want {
						t.Errorf("%v\ngot  %s\nwant %s", err, got, want)
					}
					return
				}
				failure, ok := errors.AsType[*Error](err)
				if !ok || r.status < 400 {
					t.Fatalf("got %s, %v, and nothing is expected of it", got, err)
				}
				if failure.Kind != r.wantKind() || failure.Status != r.status || failure.Message != text.New(r.wantMessage(t)) {
					t.Errorf("got %s %d %q, want %s %d %q", failure.Kind, failure.Status, failure.Message.Raw(), r.wantKind(), r.status, r.wantMessage(t))
				}
				if hint := recordedHints[r.file]; !strings.Contains(failure.Hint, hint) {
					t.Errorf("got hint %q, want %q in it", failure.Hint, hint)
				}
			})
		})
	}
	files, err := filepath.Glob(filepath.Join(recordedAnswers, "*"))
	if err != nil || len(files) < 115 {
		t.Fatalf("got %d recorded answers, %v", len(files), err)
	}
	for _, file := range files {
		if name := filepath.Base(file); name != "README.md" && !slices.Contains(listed, name) {
			t.Errorf("the README does not say to what %s is the answer", name)
		}
	}
}
