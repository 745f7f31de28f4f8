package dialect

import (
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
)

// document reads a JSON object as a stream: the elements of its lists one by one, without ever
// holding a page of a thousand calls in memory. Unlisted keys are skipped.
type document struct {
	fields map[string]any          // what to decode into, by key; types that reject nothing
	lists  map[string]func() error // reads an element from the scanner, by key
}

// maxWord fits null, true, false and -Infinity.
const maxWord = 16

// plainList is the pseudo-key of a document that is a bare list.
const plainList = ""

// read reads one document, which must be all there is. It returns which of the wanted keys were
// present.
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
		return err // not JSON at all, such as a proxy's HTML page
	}
	if err := s.Finish(); err != nil {
		return err
	}
	if c == '[' {
		return Nonsense("a JSON list instead of an object")
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
		seen[key] = true // null is an empty list
	}
	return err
}

// readInto reads a list element into v, whose type must reject nothing.
func readInto(s *jsonstream.Scanner, v any) error {
	raw, _, err := s.Raw(jsonstream.MaxKept)
	if err != nil {
		return err
	}
	return json.Unmarshal(jsonstream.Finite(raw), v)
}

// truncated turns an EOF inside a document into io.ErrUnexpectedEOF.
func truncated(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readAnswer reads a small JSON object into T. Some endpoints wrap it as {"status": true,
// "result": {...}} (contract, section 1); both forms are read.
func readAnswer[T any](r io.Reader) (T, error) {
	var v T
	s := jsonstream.New(r)
	raw, _, err := s.Raw(jsonstream.MaxKept)
	if err != nil {
		return v, truncated(err)
	}
	raw = jsonstream.Finite(slices.Clone(raw)) // Finish reads on and overwrites raw
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
