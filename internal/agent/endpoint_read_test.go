package agent_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/agent"
)

func TestEndpoint_answers(t *testing.T) {
	t.Parallel()
	openAI := func(message string) string { return `{"choices":[{"message":` + message + `}]}` }
	cases := []struct {
		name   string
		format string
		status int
		body   string
		want   string // the content, or the reason of the failure
	}{
		{"an answer", "", 200, `{"conversation":"c","turn":1,"content":"hello"}`, "hello"},
		{"any success", "", 201, `{"content":"hello"}`, "hello"},
		{"with a byte order mark", "", 200, "\ufeff\r\n{\"content\":\"hello\"}\r\n", "hello"},
		{"of another conversation", "", 200, `{"conversation":"d","content":"hello"}`, "agent: broken answer: it is for conversation d"},
		{"of another turn", "", 200, `{"turn":2,"content":"hello"}`, "agent: broken answer: it is for turn 2, and turn 1 was asked"},
		{"an error", "", 200, `{"conversation":"c","error":"no model"}`, "agent: it reported an error: no model"},
		{"no body", "", 200, ``, "agent: empty answer"},
		{"no content", "", 204, ``, "agent: empty answer"},
		{"nothing in it", "", 200, `{}`, "agent: empty answer"},
		{"a page", "", 200, "<html>Hello</html>", "agent: broken answer: no JSON object but: <html>Hello</html>"},
		{"a list", "", 200, `[1]`, "agent: broken answer: no JSON object but: [1]"},
		{"a wrong type", "", 200, `{"content":["hello"]}`, `agent: broken answer: "content" is a JSON array, not a text`},
		{"too long", "", 200, `{"content":"` + strings.Repeat("x", 16<<20) + `"}`, "agent: broken answer: longer than 16 MB"},
		{"an HTTP error", "", 500, "it crashed", "agent: HTTP 500 Internal Server Error: it crashed"},
		{"an HTTP error without words", "", 500, "", "agent: HTTP 500 Internal Server Error"},
		{"of FastAPI", "", 422, `{"detail":[{"msg":"field required"}]}`, `agent: HTTP 422 Unprocessable Entity: [{"msg":"field required"}]`},
		{"of OpenAI", "openai", 401, `{"error":{"message":"wrong key","type":"x"}}`, "agent: HTTP 401 Unauthorized: wrong key"},
		{"of an unknown number", "", 599, `{"message":"what"}`, "agent: HTTP 599: what"},
		{"of many words", "", 500, strings.Repeat("äx ", 100_000), "agent: HTTP 500 Internal Server Error: " + strings.Repeat("äx ", 99) + "äx…"},
		{"chat completions", "openai", 200, openAI(`{"role":"assistant","content":"hello"}`), "hello"},
		{"in parts", "openai", 200, openAI(`{"content":[{"type":"text","text":"hel"},{"type":"image_url","image_url":{}},{"type":"text","text":"lo"}]}`), "hello"},
		{"a refusal", "openai", 200, openAI(`{"content":null,"refusal":"I can't."}`), "I can't."},
		{"no choices", "openai", 200, `{"choices":[]}`, "agent: broken answer: it has no choices"},
		{"an error in a success", "openai", 200, `{"error":{"message":"no model"}}`, "agent: it reported an error: no model"},
		{"null", "openai", 200, openAI(`{"content":null}`), "agent: empty answer"},
		{"empty parts", "openai", 200, openAI(`{"content":[]}`), "agent: empty answer"},
		{"a part of another type", "openai", 200, openAI(`{"content":[{"text":5}]}`), `agent: broken answer: "choices.message.content.text" is a JSON number, not a text`},
		{"a content of another type", "openai", 200, openAI(`{"content":5}`), `agent: broken answer: "choices.message.content" is a JSON number, not a text`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sent := 0
			url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				sent++
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			r := endpoint(t, url, func(o *agent.EndpointOptions) { o.Format = c.format })
			answer, err := r.Ask(t.Context(), ask("c", 1, "hello"))
			got := answer.Content.Raw()
			if err != nil {
				got = failure(t, err).Reason().Raw()
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if sent != 1 {
				t.Errorf("it was sent %d times", sent)
			}
		})
	}
}
