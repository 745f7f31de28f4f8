package api

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Answers are encoded by hand: with MarshalJSON, encoding/json would copy each level of
// nested objects once more, and tests poll thousands of times.

// float is a number that keeps its decimal point, as in Python.
type float float64

// MarshalJSON encodes 8 as 8.0.
func (f float) MarshalJSON() ([]byte, error) { return f.append(nil), nil }

func (f float) append(b []byte) []byte {
	from := len(b)
	b = strconv.AppendFloat(b, float64(f), 'f', -1, 64)
	if !bytes.ContainsRune(b[from:], '.') {
		b = append(b, ".0"...)
	}
	return b
}

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	key   string
	value any
}

// MarshalJSON encodes the members in order.
func (o object) MarshalJSON() ([]byte, error) { return appendJSON(nil, o), nil }

// appendJSON appends a value: by hand for the types that answers are made of, otherwise
// with encoding/json.
func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case float:
		return v.append(b)
	case string:
		return appendString(b, v)
	case story.Status:
		return appendString(b, string(v))
	case uuid.UUID:
		return appendString(b, v.String())
	case json.RawMessage:
		return append(b, v...)
	case *string:
		return appendPointer(b, v)
	case *int:
		return appendPointer(b, v)
	case *float:
		return appendPointer(b, v)
	case *float64:
		return appendPointer(b, (*float)(v))
	case object:
		return appendObject(b, v)
	case []object:
		return appendList(b, v)
	case []string:
		return appendList(b, v)
	case []any:
		return appendList(b, v)
	case shownEval:
		return v.append(b)
	case shownMetric:
		return v.append(b)
	}
	return appendOther(b, v)
}

func appendPointer[T any](b []byte, v *T) []byte {
	if v == nil {
		return append(b, "null"...)
	}
	return appendJSON(b, *v)
}

func appendObject(b []byte, o object) []byte {
	b = append(b, '{')
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, m.key)
		b = append(b, ':')
		b = appendJSON(b, m.value)
	}
	return append(b, '}')
}

func appendList[T any](b []byte, list []T) []byte {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, v)
	}
	return append(b, ']')
}

// appendString quotes a string. One that needs escapes goes through encoding/json.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return appendOther(b, s)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func appendOther(b []byte, v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		// Only a value from a test's plan can fail.
		panic("simulator: answer cannot be encoded: " + err.Error())
	}
	return append(b, bytes.TrimRight(buf.Bytes(), "\n")...)
}

// pythonic converts the floats in an eval value to ones that keep their decimal point.
func pythonic(v any) any {
	switch v := v.(type) {
	case story.ChoiceScore:
		if v.Choices != nil {
			return object{{"score", float(v.Score)}, {"choices", v.Choices}}
		}
		return object{{"score", float(v.Score)}, {"choice", v.Choice}}
	case float64:
		return float(v)
	case float32:
		return float(v)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = pythonic(v[i])
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for k := range v {
			m[k] = pythonic(v[k])
		}
		return m
	}
	return v
}
