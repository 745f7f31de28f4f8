// Package jsonstream reads JSON as a stream, in little memory however long it is: of most of an
// answer only that it is JSON is looked at. It knows nothing of the API.
//
// Read in this order: the scanner, and how it skips a value; keep.go, in which it keeps one
// or goes through an object or a list; scalar.go, the strings and numbers; kinds.go and
// finite.go, which look at a value that was kept. There is nothing here that says what a value
// means, and nothing of HTTP.
package client

import (
	"errors"
	"fmt"
	"io"
)

const (
	// scanBuffer is how much of an answer is in memory at a time.
	scanBuffer = 64 << 10
	// maxDepth is how deep JSON may be nested, as in encoding/json.
	maxDepth = 10_000
	// maxKept is the most bytes of one answer that are copied out of it. Nearly all of a
	// page is skipped: of 13 KB a call about 2 KB are kept.
	maxKept = 64 << 20
	// maxString is the most bytes that are kept of one string as JSON writes it, where a
	// character may take six: enough for 64 KiB of text.
	maxString = 6*64<<10 + 64
)

// scanner reads JSON as a stream through one buffer. What is skipped is checked, but
// never in memory as a whole, however long it is: of 13 KB that a call takes on the wire
// most are graphs and repeated evals that nobody reads. That is also why it is not
// encoding/json, which copies a value to skip it (docs/benchmarks.md has the figures).
//
// It takes the JSON that encoding/json takes, and the NaN, Infinity and -Infinity that
// Python's json writes beside it: they count as null. Any error is final.
type scanner struct {
	src      io.Reader
	srcErr   error // that came along with the last bytes
	buf      []byte
	pos, end int   // what is not yet read of buf
	before   int64 // bytes of the answer before buf

	depth   int
	objects [maxDepth/64 + 1]uint64 // a bit for each open bracket: 1 for an object

	from  int    // where in buf the value that is kept begins; -1 for none
	kept  []byte // of it, what is no longer in buf
	limit int    // bytes of it that are kept
	taken int64  // bytes kept so far
}

// newScanner makes a scanner of one answer.
func newScanner(r io.Reader) *scanner {
	var s scanner
	s.start(r)
	return &s
}

// scanBytes makes a scanner of JSON in memory, whose values are parts of b.
func scanBytes(b []byte) scanner {
	return scanner{buf: b, end: len(b), srcErr: io.EOF, from: -1}
}

// start makes s read src from its beginning. The buffers are used again.
func (s *scanner) start(src io.Reader) {
	if s.buf == nil {
		s.buf = make([]byte, scanBuffer)
	}
	if cap(s.kept) > maxString {
		s.kept = nil
	}
	*s = scanner{src: src, buf: s.buf, kept: s.kept[:0], from: -1}
}

// fill reads more. The error is io.EOF only at the end of the answer.
func (s *scanner) fill() error {
	if s.from >= 0 {
		s.keep(s.end)
		s.from = 0
	}
	s.before += int64(s.end)
	s.pos, s.end = 0, 0
	for range 100 {
		if s.srcErr != nil {
			return s.srcErr
		}
		s.end, s.srcErr = s.src.Read(s.buf)
		if s.end > 0 {
			return nil
		}
	}
	return io.ErrNoProgress
}

// keep adds the bytes of buf from s.from to end to what is kept, as far as the limit
// goes.
func (s *scanner) keep(end int) {
	part := s.buf[s.from:end]
	s.kept = append(s.kept, part[:min(len(part), max(s.limit-len(s.kept), 0))]...)
}

// peek skips white space and returns the byte after it, which is still to be read.
func (s *scanner) peek() (byte, error) {
	for {
		for s.pos < s.end {
			switch c := s.buf[s.pos]; c {
			case ' ', '\t', '\r', '\n':
				s.pos++
			default:
				return c, nil
			}
		}
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
}

// bad is the error of a byte that JSON does not have where c stands.
func (s *scanner) bad(c byte) error {
	return fmt.Errorf("no JSON: unexpected %q at byte %d", c, s.before+int64(s.pos))
}

// open reads the bracket of an object or a list.
func (s *scanner) open(object bool) error {
	if s.depth == maxDepth {
		return errors.New("the JSON is nested too deeply")
	}
	word, bit := s.depth/64, uint64(1)<<(s.depth%64)
	s.objects[word] &^= bit
	if object {
		s.objects[word] |= bit
	}
	s.depth++
	s.pos++
	return nil
}

// inObject reports whether the innermost open bracket is that of an object.
func (s *scanner) inObject() bool {
	return s.objects[(s.depth-1)/64]>>((s.depth-1)%64)&1 == 1
}

// skip reads a value and drops it.
func (s *scanner) skip() error {
	base := s.depth
	key := false // a key is due, not a value
	for {
		c, err := s.peek()
		if err != nil {
			return err
		}
		switch {
		case key:
			if c != '"' {
				return s.bad(c)
			}
			if err := s.text(); err != nil {
				return err
			}
			if err := s.expect(':'); err != nil {
				return err
			}
			key = false
			continue
		case c == '"':
			err = s.text()
		case c == '{' || c == '[':
			if err := s.open(c == '{'); err != nil {
				return err
			}
			next, err := s.peek()
			if err != nil {
				return err
			}
			if next != c+2 { // the brackets are two apart in ASCII
				key = c == '{'
				continue
			}
			s.pos++
			s.depth--
		default:
			err = s.scalar(c)
		}
		if err != nil {
			return err
		}
		// A value has ended, and with it perhaps what it stands in.
		for s.depth > base {
			c, err := s.peek()
			if err != nil {
				return err
			}
			object := s.inObject()
			if c == ',' {
				s.pos++
				key = object
				break
			}
			if object && c != '}' || !object && c != ']' {
				return s.bad(c)
			}
			s.pos++
			s.depth--
		}
		if s.depth == base {
			return nil
		}
	}
}

// expect reads one byte.
func (s *scanner) expect(want byte) error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c != want {
		return s.bad(c)
	}
	s.pos++
	return nil
}
