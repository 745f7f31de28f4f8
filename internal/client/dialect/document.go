package dialect

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
)

// document reads a JSON object as a stream: the elements of its lists one by one, so
// that a page of a thousand calls is never in memory as a whole, and every key that
// nobody asked for is skipped.
type document struct {
	fields  map[string]any          // what to decode, by key; of types that refuse nothing
	lists   map[string]func() error // what reads an element from the scanner, by key
	objects map[string]document     // objects in it that are read as it is, by key
}

// maxWord is enough for null, true, false and -Infinity.
const maxWord = 16

// plainList is the key under which a document that is a bare list is read.
const plainList = ""

// read reads one document and nothing after it. It returns which of the wanted keys
// were there, also those of the objects in it.
func (d document) read(s *jsonstream.Scanner) (map[string]bool, error) {
	seen := map[string]bool{}
	if err := d.top(s, seen); err != nil {
		return nil, truncated(err)
	}
	if err := s.Finish(); err != nil {
		return nil, err
	}
	return seen, nil
}

// top reads the outermost value.
func (d document) top(s *jsonstream.Scanner, seen map[string]bool) error {
	c, err := s.Peek()
	switch {
	case err != nil:
		return err
	case c == '[' && d.lists[plainList] != nil:
		seen[plainList] = true
		return s.List(d.lists[plainList])
	case c == '{':
		return s.Object(func(key []byte) error { return d.value(s, jsonstream.String(key), seen) })
	}
	if err := s.Skip(); err != nil {
		return err // no JSON at all, such as a page of a proxy
	}
	if err := s.Finish(); err != nil {
		return err
	}
	if c == '[' {
		return Nonsense("a JSON list where an object should be")
	}
	return errNoObject
}

// value reads the value of one key.
func (d document) value(s *jsonstream.Scanner, key string, seen map[string]bool) error {
	if into, ok := d.fields[key]; ok {
		seen[key] = true
		raw, _, err := s.Raw(jsonstream.MaxKept)
		if err != nil {
			return err
		}
		return json.Unmarshal(jsonstream.Finite(raw), into)
	}
	if inner, ok := d.objects[key]; ok {
		if c, err := s.Peek(); err != nil || c != '{' {
			return cmp.Or(err, s.Skip())
		}
		return s.Object(func(key []byte) error { return inner.value(s, jsonstream.String(key), seen) })
	}
	element, ok := d.lists[key]
	if !ok || key == plainList {
		return s.Skip()
	}
	c, err := s.Peek()
	switch {
	case err != nil:
		return err
	case c == '[':
		seen[key] = true
		return s.List(element)
	}
	raw, _, err := s.Raw(maxWord)
	if jsonstream.IsNull(raw) {
		seen[key] = true // null is a list without elements
	}
	return err
}

// readInto reads a value of a list into v, which is of a type that refuses nothing.
func readInto(s *jsonstream.Scanner, v any) error {
	raw, _, err := s.Raw(jsonstream.MaxKept)
	if err != nil {
		return err
	}
	return json.Unmarshal(jsonstream.Finite(raw), v)
}

// truncated names the end of the input in the middle of a document for what it is.
func truncated(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readAnswer reads a small JSON object into T. Some endpoints wrap it as
// {"status": true, "result": {...}} (contract, section 1); both forms are read.
func readAnswer[T any](r io.Reader) (T, error) {
	var v T
	s := jsonstream.New(r)
	raw, _, err := s.Raw(jsonstream.MaxKept)
	if err != nil {
		return v, truncated(err)
	}
	raw = jsonstream.Finite(slices.Clone(raw)) // finish reads on
	if err := s.Finish(); err != nil {
		return v, err
	}
	if !jsonstream.IsObject(raw) {
		return v, errNoObject
	}
	var wrapped struct {
		Status json.RawMessage `json:"status"`
		Result json.RawMessage `json:"result"`
	}
	if err := exactly(raw, &wrapped); err != nil {
		return v, err
	}
	if string(wrapped.Status) == "true" && jsonstream.IsObject(wrapped.Result) {
		raw = []byte(wrapped.Result)
	}
	return v, exactly(raw, &v)
}
