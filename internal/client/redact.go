package client

import (
	"encoding/json"
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/text/redact"
)

// maxText is the most bytes that are kept of one text of the server. The longest that
// it documents is 10 000 characters (contract, section 4.5).
const maxText = 64 << 10

// redactor takes secrets out of whatever is kept of an answer: a server or a proxy may
// echo what it was sent.
type redactor struct{ *redact.Redactor }

// newRedactor makes a redactor of the keys, also of the two joined as for basic
// authentication, and of other secrets.
func newRedactor(apiKey, secretKey string, others ...string) *redactor {
	return &redactor{redact.New(append([]string{apiKey, secretKey, apiKey + ":" + secretKey}, others...)...)}
}

// text keeps a text of the server: secrets removed, and cut when it is absurdly long.
func (r *redactor) text(s string) text.Untrusted {
	return text.New(cut(r.Text(text.New(s)).Raw(), maxText))
}

// json keeps a JSON value of the server. It is nil when taking a secret out breaks it.
func (r *redactor) json(raw json.RawMessage) json.RawMessage {
	clean := []byte(r.String(string(raw)))
	if !json.Valid(clean) {
		return nil
	}
	return clean
}

// cut shortens s to at most n bytes, at the boundary of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
