package client

import (
	"encoding/json"
	"unicode/utf8"
)

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

// isString reports whether raw is a JSON string.
func isString(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '"' }

// isObject reports whether raw is a JSON object.
func isObject(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '{' }

// isNull reports whether raw is absent or JSON null.
func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }
