package jsonstream

import (
	"errors"
	"fmt"
	"io"
)

// Raw reads a value and returns its bytes, at most limit of them; whole is false if there are
// more. A value that is a non-finite number becomes null, but not one nested inside the value:
// see [Finite]. The bytes are valid until the next read.
func (s *Scanner) Raw(limit int) (value []byte, whole bool, err error) {
	if _, err := s.Peek(); err != nil {
		return nil, false, err
	}
	s.hold(limit)
	began := s.offset()
	if err := s.Skip(); err != nil {
		return nil, false, err
	}
	length := s.offset() - began
	value = s.held(length)
	if s.taken += int64(len(value)); s.taken > MaxKept {
		return nil, false, TooLargeError{MaxKept}
	}
	if isNotFinite(value) {
		return Finite(value), true, nil
	}
	return value, int64(len(value)) == length, nil
}

// TooLargeError says that reading an answer would keep more than Limit bytes of it.
type TooLargeError struct{ Limit int64 }

// Error implements error.
func (e TooLargeError) Error() string {
	return fmt.Sprintf("more than %d bytes of it would be kept", e.Limit)
}

// offset is how many bytes of the answer have been read.
func (s *Scanner) offset() int64 { return s.before + int64(s.pos) }

// hold makes s keep what it reads from here on, up to limit bytes.
func (s *Scanner) hold(limit int) { s.from, s.kept, s.limit = s.pos, s.kept[:0], limit }

// held ends a hold and returns the first n bytes since then, up to the limit.
func (s *Scanner) held(n int64) []byte {
	all := s.buf[s.from:s.pos]
	if len(s.kept) > 0 {
		s.keep(s.pos)
		all = s.kept
	}
	s.from = -1
	return all[:min(n, int64(len(all)), int64(s.limit))]
}

// Object reads an object and calls member for each key; member must read the value. The key is
// quoted and escaped as in the JSON, and valid until the next read.
func (s *Scanner) Object(member func(key []byte) error) error {
	return s.all('}', func() error {
		c, err := s.Peek()
		if err != nil {
			return err
		}
		if c != '"' {
			return s.bad(c)
		}
		s.hold(MaxString)
		began := s.offset()
		if err := s.text(); err != nil {
			return err
		}
		length := s.offset() - began
		if err := s.expect(':'); err != nil {
			return err
		}
		if length > MaxString {
			return errors.New("the JSON has a key that is too long")
		}
		return member(s.held(length))
	})
}

// List reads a list and calls element for each value, which element must read.
func (s *Scanner) List(element func() error) error { return s.all(']', element) }

// all reads an object or a list from its opening bracket, which Peek has returned, to the
// closing one.
func (s *Scanner) all(closing byte, item func() error) error {
	if err := s.open(closing == '}'); err != nil {
		return err
	}
	c, err := s.Peek()
	for more := c != closing; more && err == nil; {
		if err = item(); err != nil {
			return err
		}
		if c, err = s.Peek(); err == nil && c != ',' && c != closing {
			return s.bad(c)
		}
		if more = c == ','; more {
			s.pos++
		}
	}
	if err != nil {
		return err
	}
	s.pos++
	s.depth--
	return nil
}

// Finish returns an error unless only white space follows.
func (s *Scanner) Finish() error {
	switch _, err := s.Peek(); {
	case err == nil:
		return errors.New("unexpected data after the end of the JSON")
	case !errors.Is(err, io.EOF):
		return err
	}
	return nil
}
