package dialect

import (
	"encoding/json"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/text/redact"
)

// maxText is the most bytes kept of one text. The longest the server documents is 10,000
// characters (contract, section 4.5). The scanner keeps enough of a string for it.
const maxText = 64 << 10

// maxMessage is the most bytes kept of the server's message in an error.
const maxMessage = 300

// Redactor removes secrets from everything kept of a response: a server or proxy may echo what
// it was sent.
type Redactor struct{ *redact.Redactor }

// NewRedactor returns a redactor of both keys, of the two joined as for basic authentication,
// and of other secrets.
func NewRedactor(apiKey, secretKey string, others ...string) *Redactor {
	return &Redactor{redact.New(append([]string{apiKey, secretKey, apiKey + ":" + secretKey}, others...)...)}
}

// Keep returns a text of the server without secrets, cut if it is absurdly long.
func (r *Redactor) Keep(s string) text.Untrusted {
	return r.Redactor.Text(text.New(s)).Beginning(maxText)
}

// Message returns the message of an error without secrets, on one line and not too long.
// Secrets are removed first, because folding white space could hide one.
func (r *Redactor) Message(s string) text.Untrusted {
	s = strings.ToValidUTF8(r.Redactor.Text(text.New(s)).Raw(), "\ufffd")
	return text.New(strings.Join(strings.Fields(s), " ")).Beginning(maxMessage)
}

// json returns a JSON value without secrets; nil if removing them breaks it.
func (r *Redactor) json(raw json.RawMessage) json.RawMessage {
	clean := []byte(r.String(string(raw)))
	if !json.Valid(clean) {
		return nil
	}
	return clean
}
