package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// body is a decoded JSON object.
type body map[string]json.RawMessage

// decodeBody decodes a JSON object. Its errors go into the answer.
func decodeBody(b []byte) (body, error) {
	var m body
	dec := json.NewDecoder(bytes.NewReader(b))
	if err := dec.Decode(&m); err != nil {
		if other, is := errors.AsType[*json.UnmarshalTypeError](err); is {
			return nil, fmt.Errorf("expected an object, got %s", other.Value)
		}
		return nil, err
	}
	if dec.More() {
		return nil, errors.New("extra data after the object")
	}
	return m, nil
}

// form reads the fields of a body as Django REST framework's serializers do, and collects
// the errors.
type form struct {
	body  body
	known []string
	errs  fieldErrors
}

// field returns the value of a key and whether it has one. A required key must not be
// absent. null is an error unless nullable, in which case it counts as absent.
func (f *form) field(key string, required, nullable bool) (json.RawMessage, bool) {
	f.known = append(f.known, key)
	raw, ok := f.body[key]
	if !ok {
		if required {
			f.errs.add(key, "required", requiredField)
		}
		return nil, false
	}
	if string(raw) == "null" {
		if !nullable {
			f.errs.add(key, "null", "This field may not be null.")
		}
		return nil, false
	}
	return raw, true
}

// text reads a string and trims it. limit is in characters; 0 is none.
func (f *form) text(key string, required, blank bool, limit int) string {
	raw, ok := f.field(key, required, false)
	if !ok {
		return ""
	}
	var v string
	if json.Unmarshal(raw, &v) != nil {
		f.errs.add(key, "invalid", "Not a valid string.")
		return ""
	}
	v = strings.TrimSpace(v)
	switch {
	case v == "" && !blank:
		f.errs.add(key, "blank", "This field may not be blank.")
	case strings.ContainsRune(v, 0):
		f.errs.add(key, "null_characters_not_allowed", "Null characters are not allowed.")
	case limit > 0 && utf8.RuneCountInString(v) > limit:
		f.errs.add(key, "max_length", fmt.Sprintf("Ensure this field has no more than %d characters.", limit))
	}
	return v
}

// id reads a UUID, or returns uuid.Nil if there is none.
func (f *form) id(key string, required bool) uuid.UUID {
	raw, ok := f.field(key, required, !required)
	if !ok {
		return uuid.Nil
	}
	id, valid := parseID(raw)
	if !valid {
		f.errs.add(key, "invalid", "Must be a valid UUID.")
	}
	return id
}

func parseID(raw json.RawMessage) (uuid.UUID, bool) {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(text)
	return id, err == nil
}

// ids reads a list of UUIDs.
func (f *form) ids(key string, required, empty bool) []uuid.UUID {
	items, ok := f.list(key, required, empty)
	if !ok {
		return nil
	}
	ids := make([]uuid.UUID, 0, len(items))
	for i, raw := range items {
		id, valid := parseID(raw)
		if !valid {
			f.errs.add(key, "invalid", fmt.Sprintf("%d: Must be a valid UUID.", i))
			continue
		}
		ids = append(ids, id)
	}
	return ids
}

// list reads a list, and reports whether there is one.
func (f *form) list(key string, required, empty bool) ([]json.RawMessage, bool) {
	raw, ok := f.field(key, required, false)
	if !ok {
		return nil, false
	}
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		f.errs.add(key, "not_a_list", "Expected a list of items but got another type.")
		return nil, false
	}
	if len(items) == 0 && !empty {
		f.errs.add(key, "empty", "This list may not be empty.")
		return nil, false
	}
	return items, true
}

// boolean reads a boolean and reports whether it was given.
func (f *form) boolean(key string) (value, given bool) {
	raw, ok := f.field(key, false, false)
	if !ok {
		return false, false
	}
	if json.Unmarshal(raw, &value) != nil {
		f.errs.add(key, "invalid", "Must be a valid boolean.")
		return false, false
	}
	return value, true
}

// choice reads a required string that must be one of the given words.
func (f *form) choice(key string, words ...string) string {
	raw, ok := f.field(key, true, false)
	if !ok {
		return ""
	}
	var v string
	if json.Unmarshal(raw, &v) != nil || !slices.Contains(words, v) {
		f.errs.add(key, "invalid_choice", fmt.Sprintf("\"%s\" is not a valid choice.", strings.Trim(string(raw), `"`)))
	}
	return v
}

// unknown returns an error for each key of the body that was not read, sorted.
func (f *form) unknown() fieldErrors {
	var keys []string
	for k := range f.body {
		if !slices.Contains(f.known, k) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	var errs fieldErrors
	for _, k := range keys {
		errs.add(k, "invalid", unknownField)
	}
	return errs
}

// check reports the errors of a body. In the deployed dialect unknown keys are errors too:
// a strict serializer reports only them, if there are any, another one reports them last
// (contract, section 2).
func (h *Handler) check(f *form, strict bool) (Answer, bool) {
	errs := f.errs
	if h.deployed() {
		unknown := f.unknown()
		if strict && len(unknown) > 0 {
			errs = unknown
		} else {
			errs = append(errs, unknown...)
		}
	}
	if len(errs) == 0 {
		return Answer{}, false
	}
	return h.invalid(errs), true
}

// checkQuery returns the errors of a strict query: bad page numbers and unknown keys.
func checkQuery(q url.Values, known ...string) fieldErrors {
	var errs fieldErrors
	for _, key := range []string{"page", "limit"} {
		v := q.Get(key)
		if !q.Has(key) || !slices.Contains(known, key) {
			continue
		}
		switch n, err := strconv.Atoi(v); {
		case err != nil:
			errs.add(key, "invalid", "A valid integer is required.")
		case n < 1:
			errs.add(key, "min_value", "Ensure this value is greater than or equal to 1.")
		}
	}
	var unknown []string
	for k := range q {
		if !slices.Contains(known, k) {
			unknown = append(unknown, k)
		}
	}
	slices.Sort(unknown)
	for _, k := range unknown {
		errs.add(k, "invalid", unknownField)
	}
	return errs
}

// number reads a positive integer from a query, or returns def.
func number(q url.Values, key string, def int) int {
	n, err := strconv.Atoi(q.Get(key))
	if err != nil || n < 1 {
		return def
	}
	return n
}
