package jsonstream

import (
	"encoding/json"
	"unicode/utf8"
)

// String returns the JSON string in raw, unescaped; empty if raw is not a string.
func String(raw json.RawMessage) string {
	if plain, ok := Plain(raw); ok {
		return string(plain)
	}
	if !IsString(raw) {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// Plain returns the bytes between the quotes of a JSON string; false if raw is not a string, or
// has escapes or invalid UTF-8.
func Plain(raw json.RawMessage) ([]byte, bool) {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return nil, false
	}
	inner := raw[1 : len(raw)-1]
	return inner, plainRun(inner) == len(inner) && utf8.Valid(inner)
}

// IsString reports whether raw is a JSON string.
func IsString(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '"' }

// IsObject reports whether raw is a JSON object.
func IsObject(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '{' }

// IsNull reports whether raw is empty or JSON null.
func IsNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }
