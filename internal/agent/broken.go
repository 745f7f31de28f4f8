package agent

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/text/redact"
)

// Limits of what errors and warnings quote.
const (
	maxDetail = 300      // characters
	maxRead   = 64 << 10 // bytes that are looked at for a quote
)

// maxAnswer is the longest line or body of an agent, in bytes. 10 MB have to fit.
const maxAnswer = 16 << 20

// screen removes secrets from what an agent said, before it is shortened: a part of a secret
// might not be found.
type screen struct{ redactor *redact.Redactor }

// excerpt is the beginning of what an agent said, without secrets.
func (s screen) excerpt(said string) text.Untrusted {
	if len(said) > maxRead {
		said = strings.ToValidUTF8(said[:maxRead], "")
	}
	said = s.redactor.Text(text.New(strings.TrimSpace(said))).Raw()
	if utf8.RuneCountInString(said) > maxDetail {
		said = string([]rune(said)[:maxDetail-1]) + "…"
	}
	return text.New(said)
}

// notJSON is the error for anything but a JSON object.
func (s screen) notJSON(said []byte) *Error {
	return &Error{Kind: KindBroken, Detail: text.Sprintf("no JSON object but: %s", s.excerpt(string(said[:min(len(said), maxRead+utf8.UTFMax)])))}
}

// tooLong is the error for an answer of more than [maxAnswer] bytes.
func tooLong() *Error {
	return &Error{Kind: KindBroken, Detail: text.Sprintf("longer than %d MB", maxAnswer>>20)}
}

// wrongType is the error for a JSON value of the wrong type; nil if err is about something else.
func wrongType(err error) *Error {
	mistake, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return nil
	}
	return &Error{Kind: KindBroken, Detail: text.Sprintf("%q is a JSON %s, not %s", mistake.Field, valueKind(mistake.Value), wanted(mistake.Type))}
}

// valueKind cuts the value off a description such as "number 5".
func valueKind(value string) string {
	kind, _, _ := strings.Cut(value, " ")
	return kind
}

// wanted names the JSON type that a Go type decodes.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Slice:
		return "a list"
	case reflect.Float64:
		return "a number"
	default:
		return "an object"
	}
}
