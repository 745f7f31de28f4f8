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

// Envelope is what an error body says.
type Envelope struct {
	Message  string     // the server's words as they came; empty when there are none
	HTML     bool       // the body is a page for people: a proxy, or no such route
	Deployed bool       // only the deployed server writes such a body
	Fields   FieldFault // what it says about fields of the request
}

// FieldFault says which way of writing the request the server asked for.
type FieldFault struct {
	unknownOrMissing bool // in the words of the deployed server's framework
	camel            bool // a camelCase field of a rerun is missing or unknown
	snake            bool // a snake_case field of a rerun is missing or unknown
	Limit            bool // the query key limit is named
}

// WantsOtherCasing reports whether the answer to a rerun, whose fields were in camelCase or
// not, names an unknown or missing field, in the words of either dialect.
func (f FieldFault) WantsOtherCasing(camel bool) bool {
	return f.unknownOrMissing || camel && f.snake || !camel && f.camel
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

// ReadEnvelope reads an error body of any of the shapes in the contract's section 2:
// the one envelope of the deployed server, older ones, an object where a text should
// be, a page of HTML, or nothing.
func ReadEnvelope(body []byte) Envelope {
	body = jsonstream.Finite(bytes.TrimSpace(body))
	e := Envelope{Fields: readFieldFault(string(body))}
	switch {
	case len(body) == 0:
	case body[0] == '<':
		e.HTML = true
		if m := titleTag().FindSubmatch(body); m != nil {
			e.Message = html.UnescapeString(anyTag().ReplaceAllString(string(m[1]), " "))
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

// messageOf finds the server's words in an error object: the four keys in their
// order when they are texts, then the texts inside an object, then field errors as
// the framework writes them.
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

// readFieldFault looks for the names of fields in an error body.
func readFieldFault(body string) FieldFault {
	words := fieldWords().MatchString(body)
	return FieldFault{
		unknownOrMissing: drfFault().MatchString(body),
		camel:            words && camelFields().MatchString(body),
		snake:            words && snakeFields().MatchString(body),
		Limit:            limitField().MatchString(body),
	}
}

// firstString is the first JSON string of a list.
func firstString(list []json.RawMessage) string {
	for _, raw := range list {
		if s := jsonstream.String(raw); s != "" {
			return s
		}
	}
	return ""
}
