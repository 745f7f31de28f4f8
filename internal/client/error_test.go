package client

import (
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/answers"
)

func TestErrorSaysWhatWasTriedWhatCameBackAndWhatToDo(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		err  Error
		want string
	}{
		{
			"an answer",
			Error{Op: "create run test", Method: "POST", Path: "/x/", Status: 400, Kind: KindRejected, Message: text.New("name: blank"), Attempts: 1},
			"create run test: POST /x/ answered 400 Bad Request: name: blank",
		},
		{
			"several attempts and a hint",
			Error{Op: "read run test", Method: "GET", Path: "/x/", Status: 503, Attempts: 6, Hint: "try again later"},
			"read run test: GET /x/ answered 503 Service Unavailable (6 attempts); try again later",
		},
		{
			"the network",
			Error{Op: "read run test", Method: "GET", Path: "/x/", Kind: KindUnavailable, Err: errors.New("connection reset")},
			"read run test: GET /x/ got no answer: connection reset",
		},
		{
			"the context",
			Error{Op: "read run test", Method: "GET", Path: "/x/", Kind: KindCancelled, Err: errors.New("interrupted")},
			"read run test: GET /x/ was aborted: interrupted",
		},
		{
			"never sent",
			Error{Op: "rerun calls", Method: "POST", Path: "/x/", Kind: KindRejected, Err: errors.New("there are no calls")},
			"rerun calls: POST /x/ was not sent: there are no calls",
		},
		{
			"the server's name of the request",
			Error{Op: "read run test", Method: "GET", Path: "/x/", Status: 500, Attempts: 2, RequestID: text.New("f00d\n\x1b[1m"), Message: text.New("broken."), Hint: "try again later"},
			"read run test: GET /x/ answered 500 Internal Server Error (2 attempts, request id f00d): broken; try again later",
		},
		{"a status without a name", Error{Method: "GET", Path: "/x/", Status: 599}, "request: GET /x/ answered 599"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := c.err.Error(); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestMessageIsCut(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{"GET " + runTestPath: always(400, strings.Repeat("é", 5000))})
	_, err := newClient(t, w).RunTest(t.Context(), answers.RunTest)
	failure, _ := errors.AsType[*Error](err)
	if got, want := failure.Message.Raw(), strings.Repeat("é", 300/2)+"…"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestNoSecretComesOut checks that a key echoed by the server or the network, in any common
// encoding, never appears in what the client returns or logs.
func TestNoSecretComesOut(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) // any seed will do
	const alphabet = `abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=-_.~ &<>"'%\:é`
	key := func() string {
		var b strings.Builder
		for range 8 + random.IntN(30) {
			runes := []rune(alphabet)
			b.WriteRune(runes[random.IntN(len(runes))])
		}
		return b.String()
	}
	for range 8 {
		api, secret := key(), key()
		if random.IntN(4) == 0 {
			secret = api + secret // one is the beginning of the other
		}
		forms := map[string]bool{}
		for _, s := range []string{api, secret} {
			for _, f := range []string{
				s, url.QueryEscape(s), url.PathEscape(s), strings.ToLower(url.QueryEscape(s)), html.EscapeString(s),
				base64.StdEncoding.EncodeToString([]byte(s)), base64.RawStdEncoding.EncodeToString([]byte(s)),
				base64.URLEncoding.EncodeToString([]byte(s)), base64.RawURLEncoding.EncodeToString([]byte(s)),
				base64.StdEncoding.EncodeToString([]byte(api + ":" + secret)),
			} {
				forms[f] = true
			}
		}
		delete(forms, strings.ToLower(url.QueryEscape(api)))
		delete(forms, strings.ToLower(url.QueryEscape(secret)))
		for form := range forms {
			for name, answer := range echoes(form) {
				var said []string
				w := &wire{answer: func(w http.ResponseWriter, _ *http.Request, _ int) error { return answer(w) }}
				c := newClient(t, w, func(o *Options) {
					o.APIKey, o.SecretKey, o.Retries = api, secret, -1
					o.OnRequest = func(tr Trace) { said = append(said, tr.Error, tr.Path) }
				})
				got, err := c.CreateRunTest(t.Context(), CreateRunTest{Name: "x"})
				said = append(said, got.Name.Raw())
				for _, e := range got.EvalConfigs {
					said = append(said, string(e.Definition), e.Name.Raw())
				}
				if err != nil {
					failure, _ := errors.AsType[*Error](err)
					said = append(said, err.Error(), fmt.Sprintf("%+v", failure), failure.Message.Raw())
				}
				for _, s := range said {
					for secret := range forms {
						if strings.Contains(s, secret) {
							t.Fatalf("%s of %q: %q holds %q", name, form, s, secret)
						}
					}
				}
			}
		}
	}
}

// echoes are the forms in which a key may be echoed.
func echoes(form string) map[string]func(w http.ResponseWriter) error {
	body := func(status int, b string) func(w http.ResponseWriter) error {
		return func(w http.ResponseWriter) error { reply(w, status, b); return nil }
	}
	quoted := fmt.Sprintf("%q", strings.ToValidUTF8(form, ""))
	return map[string]func(w http.ResponseWriter) error{
		"JSON error":   body(400, `{"detail": `+quoted+`}`),
		"error object": body(429, `{"result": {"message": `+quoted+`}}`),
		"plain text":   body(500, "keys: "+form+"!"),
		"HTML":         body(502, "<html><title>"+form+"</title></html>"),
		"redirect": func(w http.ResponseWriter) error {
			w.Header().Set("Location", "https://example.com/"+form+"?k="+form)
			reply(w, 302, "")
			return nil
		},
		"network error": func(http.ResponseWriter) error {
			return &url.Error{Op: "Post", URL: "https://example.com/?k=" + form, Err: errors.New("malformed response " + quoted + form)}
		},
		"success": body(201, `{"id": "a758ede8-419d-4f12-9270-be81e46f4896", "name": `+quoted+`,
			"simulate_eval_configs_detail": [{"id": "cee593dd-84b8-422f-9105-674222e6052f", "name": `+quoted+`}]}`),
	}
}

func TestTheRequestIDIsThatOfTheLastAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		id, want string
		status   int
		body     string
	}{
		"of an error":          {"4f1121eb", "4f1121eb", 400, `{"detail": "no"}`},
		"of a useless answer":  {"4f1121eb", "4f1121eb", 200, `{}`},
		"with a key in it":     {"x " + testAPIKey, "x ***", 400, `{}`},
		"of absurd length":     {strings.Repeat("x", 5000), strings.Repeat("x", maxRequestID) + "…", 400, `{}`},
		"there is none":        {"", "", 400, `{}`},
		"of a page of a proxy": {"ray-17", "ray-17", 404, `<html>`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"POST " + createPath: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("x-request-id", c.id)
				reply(w, c.status, c.body)
			}})
			_, err := newClient(t, w).CreateRunTest(t.Context(), CreateRunTest{Name: "n"})
			failure, ok := errors.AsType[*Error](err)
			if !ok || failure.RequestID.Raw() != c.want || strings.Contains(err.Error(), "request id "+c.want) != (c.want != "") {
				t.Errorf("got %q: %v", failure.RequestID.Raw(), err)
			}
		})
	}
}

func TestWhatTheServerDoesNotKnowNamesTheInputAndTheWorkspace(t *testing.T) {
	t.Parallel()
	const workspace = "workspace-id selects the workspace, unless the keys belong to one"
	said := func(words string) string { return fmt.Sprintf(`{"detail": %q}`, words) }
	for name, c := range map[string]struct {
		status int
		body   string
		kind   Kind
		unsent bool
		hint   string // its start
		more   string // contained in it
	}{
		"an agent":         {400, said("agent_definition_id: Agent definition not found."), KindRejected, true, "check agent-definition-id", workspace},
		"a scenario":       {400, said("scenario_ids: Scenarios not found: {UUID('7736454a')}"), KindRejected, true, "check agent-definition-id and scenario-ids", workspace},
		"an agent version": {500, said("Failed to create run test: AgentVersion matching query does not exist."), KindNotFound, true, "check agent-version", ""},
		"something else":   {404, said("Replay session not found"), KindNotFound, true, "check agent-definition-id", workspace},
		"a role":           {403, said("Write access denied to this workspace"), KindForbidden, true, "not allowed by your plan", workspace},
		"another mistake":  {400, said("name: This field may not be blank."), KindRejected, true, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := serving(t, map[string]http.HandlerFunc{"POST " + createPath: always(c.status, c.body)})
			_, err := newClient(t, w).CreateRunTest(t.Context(), CreateRunTest{Name: "n"})
			failure, ok := errors.AsType[*Error](err)
			if !ok || failure.Kind != c.kind || failure.Unsent != c.unsent || w.count() != 1 {
				t.Fatalf("got %v after %d requests", err, w.count())
			}
			if !strings.HasPrefix(failure.Hint, c.hint) || !strings.Contains(failure.Hint, c.more) || (c.hint == "") != (failure.Hint == "") {
				t.Errorf("got hint %q", failure.Hint)
			}
		})
	}
}

func TestLostPostSaysThatItMayHaveBeenCarriedOut(t *testing.T) {
	t.Parallel()
	w := serving(t, map[string]http.HandlerFunc{"POST " + executePath: always(500, answers.Sample(t, "documented/500.json"))})
	_, err := newClient(t, w).Execute(t.Context(), answers.RunTest, Execute{})
	want := "execute run test: POST " + executePath + " answered 500 Internal Server Error: " +
		"Failed to run evaluations: connection to the evaluation service was lost; " +
		"the API failed, not the agent; try again later; the request may still have been carried out"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
