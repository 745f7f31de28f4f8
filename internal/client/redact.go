package client

import (
	"encoding/json"
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/text/redact"
)

// maxText is the most bytes that are kept of one text of the server. The longest that
// it documents is 10 000 characters (contract, section 4.5). The scanner keeps enough of a
// string for it.
const maxText = 64 << 10

// maxMessage is the most bytes that are kept of the server's words in an error.
const maxMessage = 300

// redactor takes secrets out of whatever is kept of an answer: a server or a proxy may
// echo what it was sent.
type redactor struct{ *redact.Redactor }

// newRedactor makes a redactor of the keys, also of the two joined as for basic
// authentication, and of other secrets.
func newRedactor(apiKey, secretKey string, others ...string) *redactor {
	return &redactor{redact.New(append([]string{apiKey, secretKey, apiKey + ":" + secretKey}, others...)...)}
}

// Keep keeps a text of the server: secrets removed, and cut when it is absurdly long.
func (r *redactor) Keep(s string) text.Untrusted {
	return r.Redactor.Text(text.New(s)).Beginning(maxText)
}

// Message keeps the words of an error: secrets removed, on one line, and not too long.
// The secrets come first, since folding blanks could hide one from the redactor.
func (r *redactor) Message(s string) text.Untrusted {
	s = strings.ToValidUTF8(r.Redactor.Text(text.New(s)).Raw(), "\ufffd")
	return text.New(strings.Join(strings.Fields(s), " ")).Beginning(maxMessage)
}

// json keeps a JSON value of the server. It is nil when taking a secret out breaks it.
func (r *redactor) json(raw json.RawMessage) json.RawMessage {
	clean := []byte(r.String(string(raw)))
	if !json.Valid(clean) {
		return nil
	}
	return clean
}
