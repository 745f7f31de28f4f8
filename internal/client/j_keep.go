package client

import (
	"errors"
	"fmt"
	"io"
)

// raw reads a value and returns it as it stands there, up to limit bytes; whole is false
// when it has more. A number that is not finite is null, unless it stands inside the value:
// see [finite]. The bytes are overwritten by the next read.
func (s *scanner) raw(limit int) (value []byte, whole bool, err error) {
	if _, err := s.peek(); err != nil {
		return nil, false, err
	}
	s.hold(limit)
	began := s.offset()
	if err := s.skip(); err != nil {
		return nil, false, err
	}
	length := s.offset() - began
	value = s.held(length)
	if s.taken += int64(len(value)); s.taken > maxKept {
		return nil, false, tooLargeError{maxKept}
	}
	if isNotFinite(value) {
		return finite(value), true, nil
	}
	return value, int64(len(value)) == length, nil
}

// tooLargeError says that more is wanted of an answer than is kept.
type tooLargeError struct{ limit int64 }

// Error implements error.
func (e tooLargeError) Error() string {
	return fmt.Sprintf("more than %d bytes of it are wanted", e.limit)
}

// offset is how many bytes of the answer have been read.
func (s *scanner) offset() int64 { return s.before + int64(s.pos) }

// hold makes s keep what it reads from here on, up to limit bytes.
func (s *scanner) hold(limit int) { s.from, s.kept, s.limit = s.pos, s.kept[:0], limit }

// held ends a hold and returns the first n bytes since, at most the limit.
func (s *scanner) held(n int64) []byte {
	all := s.buf[s.from:s.pos]
	if len(s.kept) > 0 {
		s.keep(s.pos)
		all = s.kept
	}
	s.from = -1
	return all[:min(n, int64(len(all)), int64(s.limit))]
}

// object reads an object, and hands each key to member, which has to read the value.
// The key is as JSON writes it, in quotes, and overwritten by that.
func (s *scanner) object(member func(key []byte) error) error {
	return s.all('}', func() error {
		c, err := s.peek()
		if err != nil {
			return err
		}
		if c != '"' {
			return s.bad(c)
		}
		s.hold(maxString)
		began := s.offset()
		if err := s.text(); err != nil {
			return err
		}
		length := s.offset() - began
		if err := s.expect(':'); err != nil {
			return err
		}
		if length > maxString {
			return errors.New("the JSON has a key that is too long")
		}
		return member(s.held(length))
	})
}

// list reads a list, and calls element for each of its values, which has to read it.
func (s *scanner) list(element func() error) error { return s.all(']', element) }

// all reads an object or a list from its bracket, which peek has shown, to the closing one.
func (s *scanner) all(closing byte, item func() error) error {
	if err := s.open(closing == '}'); err != nil {
		return err
	}
	c, err := s.peek()
	for more := c != closing; more && err == nil; {
		if err = item(); err != nil {
			return err
		}
		if c, err = s.peek(); err == nil && c != ',' && c != closing {
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

// finish reports whether nothing but white space follows.
func (s *scanner) finish() error {
	switch _, err := s.peek(); {
	case err == nil:
		return errors.New("there is something after the end of the JSON")
	case !errors.Is(err, io.EOF):
		return err
	}
	return nil
}
