package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// document reads a JSON object as a stream: the elements of its lists one by one, so
// that a page of a thousand calls is never in memory as a whole, and every key that
// nobody asked for is skipped.
type document struct {
	fields map[string]any                       // what to decode, by key
	lists  map[string]func(*json.Decoder) error // what takes the elements, by key
}

// plainList is the key under which a document that is a bare list is read.
const plainList = ""

// read reads one document and nothing after it. It returns which of the wanted keys
// were there.
func (d document) read(r io.Reader) (map[string]bool, error) {
	seen := map[string]bool{}
	dec := json.NewDecoder(r)
	if err := d.top(dec, seen); err != nil {
		return nil, truncated(err)
	}
	switch _, err := dec.Token(); {
	case err == nil:
		return nil, errors.New("there is something after the end of the JSON")
	case !errors.Is(err, io.EOF):
		return nil, err
	}
	return seen, nil
}

// top reads the outermost value.
func (d document) top(dec *json.Decoder, seen map[string]bool) error {
	open, err := dec.Token()
	if err != nil {
		return err
	}
	switch open {
	case json.Delim('['):
		if d.lists[plainList] == nil {
			return errors.New("a JSON list where an object should be")
		}
		seen[plainList] = true
		return elements(dec, d.lists[plainList])
	case json.Delim('{'):
	default:
		return errors.New("no JSON object")
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		if err := d.value(dec, fmt.Sprint(key), seen); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

// value reads the value of one key.
func (d document) value(dec *json.Decoder, key string, seen map[string]bool) error {
	if into, ok := d.fields[key]; ok {
		seen[key] = true
		return dec.Decode(into)
	}
	element, ok := d.lists[key]
	if !ok || key == plainList {
		return skip(dec)
	}
	open, err := dec.Token()
	if err != nil {
		return err
	}
	switch open {
	case json.Delim('['):
		seen[key] = true
		return elements(dec, element)
	case json.Delim('{'):
		return skipRest(dec)
	case nil:
		seen[key] = true // null is a list without elements
	}
	return nil
}

// elements reads a list whose bracket has been read.
func elements(dec *json.Decoder, element func(*json.Decoder) error) error {
	for dec.More() {
		if err := element(dec); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// skip reads a value and drops it.
func skip(dec *json.Decoder) error {
	open, err := dec.Token()
	if err != nil {
		return err
	}
	if open == json.Delim('{') || open == json.Delim('[') {
		return skipRest(dec)
	}
	return nil
}

// skipRest drops the rest of an object or list whose bracket has been read.
func skipRest(dec *json.Decoder) error {
	for depth := 1; depth > 0; {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
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
	var raw json.RawMessage
	dec := json.NewDecoder(r)
	if err := dec.Decode(&raw); err != nil {
		return v, truncated(err)
	}
	if _, err := dec.Token(); err == nil {
		return v, errors.New("there is something after the end of the JSON")
	} else if !errors.Is(err, io.EOF) {
		return v, err
	}
	if !isObject(raw) {
		return v, errors.New("no JSON object")
	}
	var wrapped struct {
		Status json.RawMessage `json:"status"`
		Result json.RawMessage `json:"result"`
	}
	if err := exactly(raw, &wrapped); err != nil {
		return v, err
	}
	if string(wrapped.Status) == "true" && isObject(wrapped.Result) {
		raw = wrapped.Result
	}
	return v, exactly(raw, &v)
}
