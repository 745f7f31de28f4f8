package dialect

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
)

// The types in this file decode JSON without ever returning an error: a value of the wrong type
// counts as absent. A surprise in one field must not lose the result of a paid run; required
// fields are checked where they are used.

// words is a JSON string; empty for anything else.
type words string

// UnmarshalJSON implements json.Unmarshaler.
func (w *words) UnmarshalJSON(b []byte) error {
	*w = words(jsonstream.String(b))
	return nil
}

// id returns the UUID in w; uuid.Nil if it is not one.
func (w words) id() uuid.UUID { return parseID([]byte(w)) }

// parseID returns the UUID in b; uuid.Nil if it is not one. It takes only the usual form with
// dashes; uuid.Parse takes a dozen others.
func parseID(b []byte) uuid.UUID {
	b = bytes.TrimSpace(b)
	if len(b) != 36 {
		return uuid.Nil
	}
	id, err := uuid.ParseBytes(b)
	if err != nil {
		return uuid.Nil
	}
	return id
}

// idOf returns the UUID in a JSON string; uuid.Nil if there is none.
func idOf(raw json.RawMessage) uuid.UUID {
	if plain, ok := jsonstream.Plain(raw); ok {
		return parseID(plain)
	}
	return words(jsonstream.String(raw)).id()
}

// number is a JSON number, or one in a string, as some servers write decimals; nil for anything
// else.
type number struct{ v *float64 }

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(b []byte) error {
	n.v = numberOf(b)
	return nil
}

// numberOf returns the number in raw, which is JSON; nil if there is none. Numbers too large
// for a float64 are absent, like NaN and the infinities, which are null by now.
func numberOf(raw json.RawMessage) *float64 {
	if v, ok := parseNumber(raw); ok {
		return &v
	}
	return nil
}

// parseNumber returns the number in raw, which is JSON.
func parseNumber(raw json.RawMessage) (v float64, ok bool) {
	if jsonstream.IsString(raw) {
		raw = json.RawMessage(strings.TrimSpace(jsonstream.String(raw)))
		if !json.Valid(raw) {
			return 0, false // strconv takes more than JSON does: 0x10, 1_000, +1, NaN
		}
	}
	if len(raw) == 0 || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return 0, false
	}
	v, err := strconv.ParseFloat(string(raw), 64)
	return v, err == nil
}

// count is a whole number, not negative; nil for anything else.
type count struct{ v *int }

// UnmarshalJSON implements json.Unmarshaler.
func (n *count) UnmarshalJSON(b []byte) error {
	n.v = nil
	if f := numberOf(b); f != nil && *f >= 0 && *f <= 1<<31 && *f == float64(int(*f)) {
		n.v = new(int(*f))
	}
	return nil
}

// total is the number of all calls, which decides whether a run is complete. So it must be a
// JSON number, and an unusable value is not the same as an absent one.
type total struct {
	count
	unusable bool // present and not null, but not a number of calls
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *total) UnmarshalJSON(b []byte) error {
	*n = total{}
	if !jsonstream.IsString(b) {
		_ = n.count.UnmarshalJSON(b) // never fails
	}
	n.unusable = !jsonstream.IsNull(b) && (n.v == nil || *n.v > MaxTotal)
	return nil
}

// isMarked reports whether a flag says that a call was not judged. Anything but false, null or
// absent counts as true: what may have been skipped must not count as a success.
func isMarked(raw json.RawMessage) bool { return string(raw) != "false" && !jsonstream.IsNull(raw) }

// flag is true for JSON true and the string "true".
type flag bool

// UnmarshalJSON implements json.Unmarshaler.
func (f *flag) UnmarshalJSON(b []byte) error {
	*f = flag(string(b) == "true" || strings.EqualFold(jsonstream.String(b), "true"))
	return nil
}

// instant is a time in RFC 3339, or without a zone, meaning UTC (contract, section 1); nil for
// anything else.
type instant struct{ v *time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (t *instant) UnmarshalJSON(b []byte) error {
	t.v = instantOf(b)
	return nil
}

// instantOf returns the time in a JSON string, in UTC; nil if there is none.
func instantOf(raw json.RawMessage) *time.Time {
	s := strings.TrimSpace(jsonstream.String(raw))
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00"} {
		if at, err := time.Parse(layout, s); err == nil {
			return new(at.UTC())
		}
		if s == "" {
			break
		}
	}
	return nil
}

// list is a JSON list of values of one type; nil for anything else.
type list[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	var raw []json.RawMessage
	*l = nil
	if json.Unmarshal(b, &raw) != nil || raw == nil {
		return nil
	}
	*l = list[T]{} // an empty list is not the same as none
	for _, r := range raw {
		var v T
		if json.Unmarshal(r, &v) == nil {
			*l = append(*l, v)
		}
	}
	return nil
}

// object is a JSON object read into T; anything else leaves T zero.
type object[T any] struct{ v T }

// UnmarshalJSON implements json.Unmarshaler.
func (o *object[T]) UnmarshalJSON(b []byte) error {
	o.v = *new(T)
	if jsonstream.IsObject(bytes.TrimSpace(b)) {
		return exactly(b, &o.v)
	}
	return nil
}

// exactly reads a JSON object into the struct that into points to, matching the tags by case.
// encoding/json ignores case, so a stray "STATUS" would override the status.
func exactly(b []byte, into any) error {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(b, &keys); err != nil {
		return err
	}
	v := reflect.ValueOf(into).Elem()
	for field, value := range v.Fields() {
		raw, ok := keys[field.Tag.Get("json")]
		if !ok {
			continue
		}
		if err := json.Unmarshal(raw, value.Addr().Interface()); err != nil {
			return err
		}
	}
	return nil
}

// ids returns the UUIDs in a list and drops other values.
func ids(l list[words]) []uuid.UUID {
	var out []uuid.UUID
	for _, w := range l {
		if id := w.id(); id != uuid.Nil {
			out = append(out, id)
		}
	}
	return out
}
