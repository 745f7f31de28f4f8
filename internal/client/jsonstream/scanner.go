// Package jsonstream reads JSON as a stream in little memory, however long the input: most of
// an answer is only validated and skipped. It knows nothing of HTTP, the API or the meaning of
// a value.
//
// Read in this order: scanner.go, the [Scanner] and how it skips a value; keep.go, which keeps
// values and iterates over objects and lists; scalar.go, strings and numbers; kinds.go and
// finite.go, which inspect a kept value.
package jsonstream

import (
	"errors"
	"fmt"
	"io"
)

const (
	// scanBuffer is how many bytes of an answer are in memory at a time.
	scanBuffer = 64 << 10
	// maxDepth is the maximum nesting, as in encoding/json.
	maxDepth = 10_000
	// MaxKept is the most bytes of one answer that are copied out of it. Nearly all of a page
	// is skipped: about 2 KB are kept of the 13 KB of a call.
	MaxKept = 64 << 20
	// MaxString is the most bytes kept of one string as encoded in JSON, where a character may
	// take six: enough for 64 KiB of text.
	MaxString = 6*64<<10 + 64
)

// Scanner reads JSON as a stream through one buffer. Skipped values are validated but never in
// memory as a whole: most of the 13 KB of a call are graphs and repeated evals that nobody
// reads. encoding/json copies a value even to skip it (figures in docs/benchmarks.md).
//
// It accepts the JSON that encoding/json accepts, and NaN, Infinity and -Infinity as null,
// because Python's json writes them. Errors are final.
type Scanner struct {
	src      io.Reader
	srcErr   error // returned with the last bytes
	buf      []byte
	pos, end int   // the unread part of buf
	before   int64 // bytes of the answer before buf

	depth   int
	objects [maxDepth/64 + 1]uint64 // a bit for each open bracket: 1 for an object

	from  int    // where in buf the kept value begins; -1 if none
	kept  []byte // the part of it no longer in buf
	limit int    // bytes of it to keep
	taken int64  // bytes kept so far
}

// New returns a scanner of one answer.
func New(r io.Reader) *Scanner {
	var s Scanner
	s.Start(r)
	return &s
}

// OfBytes returns a scanner of JSON in memory. The values it returns are parts of b.
func OfBytes(b []byte) Scanner {
	return Scanner{buf: b, end: len(b), srcErr: io.EOF, from: -1}
}

// Start makes s read src from its beginning, and reuses the buffers.
func (s *Scanner) Start(src io.Reader) {
	if s.buf == nil {
		s.buf = make([]byte, scanBuffer)
	}
	if cap(s.kept) > MaxString {
		s.kept = nil
	}
	*s = Scanner{src: src, buf: s.buf, kept: s.kept[:0], from: -1}
}

// fill refills the buffer. It returns io.EOF only at the end of the answer.
func (s *Scanner) fill() error {
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

// keep appends buf[s.from:end] to the kept bytes, up to the limit.
func (s *Scanner) keep(end int) {
	part := s.buf[s.from:end]
	s.kept = append(s.kept, part[:min(len(part), max(s.limit-len(s.kept), 0))]...)
}

// Peek skips white space and returns the next byte without reading it.
func (s *Scanner) Peek() (byte, error) {
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

// bad returns the error for an unexpected byte c.
func (s *Scanner) bad(c byte) error {
	return fmt.Errorf("not JSON: unexpected %q at byte %d", c, s.before+int64(s.pos))
}

// open reads an opening bracket.
func (s *Scanner) open(object bool) error {
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

// inObject reports whether the innermost open bracket is an object's.
func (s *Scanner) inObject() bool {
	return s.objects[(s.depth-1)/64]>>((s.depth-1)%64)&1 == 1
}

// Skip reads a value and discards it.
func (s *Scanner) Skip() error {
	base := s.depth
	key := false // expecting a key, not a value
	for {
		c, err := s.Peek()
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
			next, err := s.Peek()
			if err != nil {
				return err
			}
			if next != c+2 { // closing brackets are two after the opening ones in ASCII
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
		// A value has ended, and perhaps the objects and lists around it.
		for s.depth > base {
			c, err := s.Peek()
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

// expect reads the byte want, after white space.
func (s *Scanner) expect(want byte) error {
	c, err := s.Peek()
	if err != nil {
		return err
	}
	if c != want {
		return s.bad(c)
	}
	s.pos++
	return nil
}
