package agent

import (
	"encoding/json"
	"strings"
)

// completionRequest is a chat-completions request.
// https://platform.openai.com/docs/api-reference/chat/create
type completionRequest struct {
	Model    string        `json:"model"`
	Messages []wireMessage `json:"messages"`
}

// completion is the part of the response that matters.
type completion struct {
	Choices []struct {
		Message struct {
			Content   parts          `json:"content"`
			Refusal   *string        `json:"refusal"`
			ToolCalls []wireToolCall `json:"tool_calls"`
		} `json:"message"`
	} `json:"choices"`
	Error json.RawMessage `json:"error"`
}

// noText stands in for the missing result of a tool call.
const noText = "(no text)"

// encodeCompletion returns a question as a chat-completions request.
func (q Question) encodeCompletion(model string) ([]byte, error) {
	return encodeLine(completionRequest{Model: model, Messages: completionMessages(q.Messages)})
}

// completionMessages converts messages for chat completions: the content of a message that
// only calls tools is null, tool messages have no name, and every tool call has a result,
// because servers reject a conversation in which one is missing.
func completionMessages(all []Message) []wireMessage {
	told := map[string]bool{}
	for _, m := range all {
		if m.Role == RoleTool {
			told[m.ToolCallID.Raw()] = true
		}
	}
	var out []wireMessage
	for _, m := range wireMessages(all) {
		m.Name = ""
		if len(m.ToolCalls) > 0 && strings.TrimSpace(*m.Content) == "" {
			m.Content = nil
		}
		out = append(out, m)
		for _, c := range m.ToolCalls {
			if !told[c.ID] {
				out = append(out, wireMessage{Role: RoleTool, Content: new(noText), ToolCallID: c.ID})
			}
		}
	}
	return out
}

// answer converts the first choice. ok is false if there is none.
func (c completion) answer() (w wireAnswer, ok bool) {
	w.Error = c.Error
	if len(c.Choices) == 0 {
		return w, errorText(c.Error) != ""
	}
	said := c.Choices[0].Message
	content := string(said.Content)
	if content == "" && said.Refusal != nil {
		content = *said.Refusal // the customer sees it as the answer
	}
	w.Content, w.ToolCalls = &content, said.ToolCalls
	return w, true
}

// parts is a content: a string, null, or a list of parts, of which only text counts.
type parts string

// UnmarshalJSON implements json.Unmarshaler.
func (p *parts) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] != '[' {
		return json.Unmarshal(b, (*string)(p))
	}
	var list []struct {
		Text    string `json:"text"`
		Refusal string `json:"refusal"`
	}
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	var all strings.Builder
	for _, part := range list {
		all.WriteString(part.Text)
		all.WriteString(part.Refusal)
	}
	*p = parts(all.String())
	return nil
}
