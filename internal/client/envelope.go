package client

import (
	"bytes"
	"encoding/json"
	"html"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/agent-gate/agent-gate/internal/text"
)

// maxErrorBody is the most bytes that are read of an answer that is an error. The
// envelopes have a few hundred (contract, section 2).
const maxErrorBody = 64 << 10

// maxMessage is the most bytes that an Error keeps of the server's words.
const maxMessage = 300

// envelope is what an error body says.
type envelope struct {
	message  string     // the server's words as they came; empty when there are none
	html     bool       // the body is a page for people: a proxy, or no such route
	deployed bool       // only the deployed server writes such a body
	fields   fieldFault // what it says about fields of the request
}

// fieldFault says which way of writing the request the server asked for.
type fieldFault struct {
	unknownOrMissing bool // in the words of the deployed server's framework
	camel            bool // a camelCase field of a rerun is missing or unknown
	snake            bool // a snake_case field of a rerun is missing or unknown
	limit            bool // the query key limit is named
}

var (
	titleTag    = pattern(`(?is)<(?:title|h1)[^>]*>(.*?)</(?:title|h1)>`)
	anyTag      = pattern(`(?s)<[^>]*>`)
	drfFault    = pattern(`(?i)unknown field|this field is required`)
	fieldWords  = pattern(`(?i)\b(required|missing|unknown|invalid|must be|provided|unexpected|allowed)\b`)
	camelFields = pattern(`\b(rerunType|callExecutionIds|selectAll)\b`)
	snakeFields = pattern(`\b(rerun_type|call_execution_ids|select_all)\b`)
	limitField  = pattern(`\blimit\b`)
)

// readEnvelope reads an error body of any of the shapes in the contract's section 2:
// the one envelope of the deployed server, older ones, an object where a text should
// be, a page of HTML, or nothing.
func readEnvelope(body []byte) envelope {
	body = finite(bytes.TrimSpace(body))
	e := envelope{fields: readFieldFault(string(body))}
	switch {
	case len(body) == 0:
	case body[0] == '<':
		e.html = true
		if m := titleTag().FindSubmatch(body); m != nil {
			e.message = html.UnescapeString(anyTag().ReplaceAllString(string(m[1]), " "))
		}
	default:
		var object map[string]json.RawMessage
		var list []json.RawMessage
		var words string
		switch {
		case json.Unmarshal(body, &object) == nil:
			e.message = messageOf(object)
			e.deployed = isString(object["type"]) && isString(object["code"]) && isObject(object["details"])
		case json.Unmarshal(body, &list) == nil:
			e.message = firstString(list)
		case json.Unmarshal(body, &words) == nil:
			e.message = words
		default:
			e.message = string(body)
		}
	}
	return e
}

// message keeps the words of an error: secrets removed, on one line, and not too long.
// The secrets come first, since folding blanks could hide one from the redactor.
func (r *redactor) message(s string) text.Untrusted {
	s = strings.ToValidUTF8(r.Text(text.New(s)).Raw(), "\ufffd")
	return text.New(strings.Join(strings.Fields(s), " ")).Beginning(maxMessage)
}

// messageOf finds the server's words in an error object: the four keys in their
// order when they are texts, then the texts inside an object, then field errors as
// the framework writes them.
func messageOf(object map[string]json.RawMessage) string {
	for _, key := range []string{"detail", "message", "error", "result"} {
		if s := stringOf(object[key]); s != "" {
			return s
		}
	}
	for _, key := range []string{"result", "error", "detail", "message"} {
		var inner map[string]json.RawMessage
		if json.Unmarshal(object[key], &inner) != nil {
			continue
		}
		for _, key := range []string{"message", "detail", "error"} {
			if s := stringOf(inner[key]); s != "" {
				return s
			}
		}
	}
	var faults []string
	for _, key := range slices.Sorted(maps.Keys(object)) {
		var list []json.RawMessage
		if json.Unmarshal(object[key], &list) == nil && firstString(list) != "" {
			faults = append(faults, key+": "+firstString(list))
		}
	}
	return strings.Join(faults, "; ")
}

// readFieldFault looks for the names of fields in an error body.
func readFieldFault(body string) fieldFault {
	words := fieldWords().MatchString(body)
	return fieldFault{
		unknownOrMissing: drfFault().MatchString(body),
		camel:            words && camelFields().MatchString(body),
		snake:            words && snakeFields().MatchString(body),
		limit:            limitField().MatchString(body),
	}
}

// stringOf is the JSON string in raw; empty when it is something else.
func stringOf(raw json.RawMessage) string {
	if plain, ok := plainString(raw); ok {
		return string(plain)
	}
	if !isString(raw) {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// plainString is what stands between the quotes of a JSON string; false when it is
// something else, or a string in which something stands for something else.
func plainString(raw json.RawMessage) ([]byte, bool) {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return nil, false
	}
	inner := raw[1 : len(raw)-1]
	return inner, plainRun(inner) == len(inner) && utf8.Valid(inner)
}

// firstString is the first JSON string of a list.
func firstString(list []json.RawMessage) string {
	for _, raw := range list {
		if s := stringOf(raw); s != "" {
			return s
		}
	}
	return ""
}

// isString reports whether raw is a JSON string.
func isString(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '"' }

// isObject reports whether raw is a JSON object.
func isObject(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '{' }
