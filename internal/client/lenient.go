package client

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// The types in this file read JSON without ever refusing a value: what is not of the
// wanted type counts as absent. A surprise in one field must not cost the judgement of
// a paid run; what a run cannot do without is checked where it is used.

// words is a JSON string; anything else is empty.
type words string

// UnmarshalJSON implements json.Unmarshaler.
func (w *words) UnmarshalJSON(b []byte) error {
	*w = words(stringOf(b))
	return nil
}

// id is the UUID in w; uuid.Nil when it is none.
func (w words) id() uuid.UUID { return parseID([]byte(w)) }

// parseID is the UUID in b; uuid.Nil when it is none. Only the usual form with dashes is
// one: uuid.Parse takes a dozen others.
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

// idOf is the UUID in a JSON string; uuid.Nil when it is none.
func idOf(raw json.RawMessage) uuid.UUID {
	if plain, ok := plainString(raw); ok {
		return parseID(plain)
	}
	return words(stringOf(raw)).id()
}

// number is a JSON number, or one in a string as some servers write decimals.
type number struct{ v *float64 }

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(b []byte) error {
	n.v = numberOf(b)
	return nil
}

// numberOf is the number in raw, which is JSON; nil when there is none. What is too large
// for a float64 is absent, as are NaN and the infinities, which have become null before.
func numberOf(raw json.RawMessage) *float64 {
	if v, ok := parseNumber(raw); ok {
		return &v
	}
	return nil
}

// parseNumber is the number in raw, which is JSON; ok is false when there is none.
func parseNumber(raw json.RawMessage) (v float64, ok bool) {
	if isString(raw) {
		raw = json.RawMessage(strings.TrimSpace(stringOf(raw)))
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

// count is a number of things: a whole number from 0.
type count struct{ v *int }

// UnmarshalJSON implements json.Unmarshaler.
func (n *count) UnmarshalJSON(b []byte) error {
	n.v = nil
	if f := numberOf(b); f != nil && *f >= 0 && *f <= 1<<31 && *f == float64(int(*f)) {
		n.v = new(int(*f))
	}
	return nil
}

// total is the number of all calls. Whether a run is complete depends on it, so only a
// JSON number will do, and one that cannot be used is told from none at all.
type total struct {
	count
	unusable bool // there, not null, and no number of calls
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *total) UnmarshalJSON(b []byte) error {
	*n = total{}
	if !isString(b) {
		_ = n.count.UnmarshalJSON(b) // it refuses nothing
	}
	n.unusable = !isNull(b) && (n.v == nil || *n.v > maxTotal)
	return nil
}

// isMarked reads a mark that something was not judged. Anything but false, null and
// nothing counts as one: what may have been skipped must not count as a success.
func isMarked(raw json.RawMessage) bool { return string(raw) != "false" && !isNull(raw) }

// flag is true for JSON true and for the string "true".
type flag bool

// UnmarshalJSON implements json.Unmarshaler.
func (f *flag) UnmarshalJSON(b []byte) error {
	*f = flag(string(b) == "true" || strings.EqualFold(stringOf(b), "true"))
	return nil
}

// instant is a time in RFC 3339, or without a zone, which means UTC (contract,
// section 1).
type instant struct{ v *time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (t *instant) UnmarshalJSON(b []byte) error {
	t.v = instantOf(b)
	return nil
}

// instantOf is the time in a JSON string, in UTC; nil when there is none.
func instantOf(raw json.RawMessage) *time.Time {
	s := strings.TrimSpace(stringOf(raw))
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

// list is a JSON list of values of one type; values that are not lists are empty.
type list[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	var raw []json.RawMessage
	*l = nil
	if json.Unmarshal(b, &raw) != nil || raw == nil {
		return nil
	}
	*l = list[T]{} // an empty list says that there is nothing
	for _, r := range raw {
		var v T
		if json.Unmarshal(r, &v) == nil {
			*l = append(*l, v)
		}
	}
	return nil
}

// object is a JSON object that is read into T; anything else leaves T empty.
type object[T any] struct{ v T }

// UnmarshalJSON implements json.Unmarshaler.
func (o *object[T]) UnmarshalJSON(b []byte) error {
	o.v = *new(T)
	if isObject(bytes.TrimSpace(b)) {
		return exactly(b, &o.v)
	}
	return nil
}

// exactly reads a JSON object into the struct that into points to, by the exact names
// of its tags. encoding/json takes names that differ in case, so that a stray "STATUS"
// would overrule the status.
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

// ids are the UUIDs in a list, without the values that are none.
func ids(l list[words]) []uuid.UUID {
	var out []uuid.UUID
	for _, w := range l {
		if id := w.id(); id != uuid.Nil {
			out = append(out, id)
		}
	}
	return out
}
