package dialect

import (
	"bytes"
	"encoding/json"
	"html"
	"maps"
	"slices"
	"strings"

	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
)

// Envelope is what an error response says.
type Envelope struct {
	Message  string     // the server's message, unredacted; empty if there is none
	HTML     bool       // the body is an HTML page: a proxy, or no such route
	Deployed bool       // the body's form is unique to the deployed server
	Fields   FieldFault // what it says about fields of the request
}

// FieldFault says which fields of the request the server objected to.
type FieldFault struct {
	unknownOrMissing bool // in the wording of the deployed server's framework
	camel            bool // a camelCase field of a rerun is missing or unknown
	snake            bool // a snake_case field of a rerun is missing or unknown
	Limit            bool // the query parameter limit is named
}

// WantsOtherCasing reports whether a response to a rerun, in either dialect, complains about an
// unknown or missing field, so that the other casing may work. camel says whether the request
// was in camelCase.
func (f FieldFault) WantsOtherCasing(camel bool) bool {
	return f.unknownOrMissing || camel && f.snake || !camel && f.camel
}

var (
	titleTag    = pattern{expr: `(?is)<(?:title|h1)[^>]*>(.*?)</(?:title|h1)>`}
	anyTag      = pattern{expr: `(?s)<[^>]*>`}
	drfFault    = pattern{expr: `(?i)unknown field|this field is required`}
	fieldWords  = pattern{expr: `(?i)\b(required|missing|unknown|invalid|must be|provided|unexpected|allowed)\b`}
	camelFields = pattern{expr: `\b(rerunType|callExecutionIds|selectAll)\b`}
	snakeFields = pattern{expr: `\b(rerun_type|call_execution_ids|select_all)\b`}
	limitField  = pattern{expr: `\blimit\b`}
)

// ReadEnvelope reads an error response in any form of the contract's section 2: the deployed
// server's envelope, older ones, an object in place of a text, an HTML page, or nothing.
func ReadEnvelope(body []byte) Envelope {
	body = jsonstream.Finite(bytes.TrimSpace(body))
	e := Envelope{Fields: readFieldFault(string(body))}
	switch {
	case len(body) == 0:
	case body[0] == '<':
		e.HTML = true
		if m := titleTag.compiled().FindSubmatch(body); m != nil {
			e.Message = html.UnescapeString(anyTag.compiled().ReplaceAllString(string(m[1]), " "))
		}
	default:
		var object map[string]json.RawMessage
		var list []json.RawMessage
		var words string
		switch {
		case json.Unmarshal(body, &object) == nil:
			e.Message = messageOf(object)
			e.Deployed = jsonstream.IsString(object["type"]) && jsonstream.IsString(object["code"]) && jsonstream.IsObject(object["details"])
		case json.Unmarshal(body, &list) == nil:
			e.Message = firstString(list)
		case json.Unmarshal(body, &words) == nil:
			e.Message = words
		default:
			e.Message = string(body)
		}
	}
	return e
}

// messageOf finds the server's message in an error object: first the four keys as texts, then
// texts inside objects, then field errors as the framework writes them.
func messageOf(object map[string]json.RawMessage) string {
	for _, key := range []string{"detail", "message", "error", "result"} {
		if s := jsonstream.String(object[key]); s != "" {
			return s
		}
	}
	for _, key := range []string{"result", "error", "detail", "message"} {
		var inner map[string]json.RawMessage
		if json.Unmarshal(object[key], &inner) != nil {
			continue
		}
		for _, key := range []string{"message", "detail", "error"} {
			if s := jsonstream.String(inner[key]); s != "" {
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

// readFieldFault looks for field names in an error response.
func readFieldFault(body string) FieldFault {
	words := fieldWords.compiled().MatchString(body)
	return FieldFault{
		unknownOrMissing: drfFault.compiled().MatchString(body),
		camel:            words && camelFields.compiled().MatchString(body),
		snake:            words && snakeFields.compiled().MatchString(body),
		Limit:            limitField.compiled().MatchString(body),
	}
}

// firstString returns the first non-empty string in a list.
func firstString(list []json.RawMessage) string {
	for _, raw := range list {
		if s := jsonstream.String(raw); s != "" {
			return s
		}
	}
	return ""
}
