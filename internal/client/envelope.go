package client

import (
	"bytes"
	"encoding/json"
	"html"
	"maps"
	"slices"
	"strings"
)

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

// WantsOtherCasing reports whether the answer to a rerun, whose fields were in camelCase or
// not, names an unknown or missing field, in the words of either dialect.
func (f fieldFault) WantsOtherCasing(camel bool) bool {
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

// firstString is the first JSON string of a list.
func firstString(list []json.RawMessage) string {
	for _, raw := range list {
		if s := stringOf(raw); s != "" {
			return s
		}
	}
	return ""
}
