package client

import (
	"encoding/binary"
	"math/bits"
)

// text reads a string from its opening quote.
func (s *scanner) text() error {
	s.pos++
	for {
		s.pos += plainRun(s.buf[s.pos:s.end])
		if s.pos == s.end {
			if err := s.fill(); err != nil {
				return err
			}
			continue
		}
		switch c := s.buf[s.pos]; c {
		case '"':
			s.pos++
			return nil
		case '\\':
			if err := s.escape(); err != nil {
				return err
			}
		default:
			return s.bad(c) // a control character
		}
	}
}

// plainRun is the number of bytes at the start of b that stand for themselves in a
// string. It looks at eight bytes at a time: strings are most of an answer.
func plainRun(b []byte) int {
	const (
		ones      = 0x0101010101010101
		high      = 0x80 * ones
		quote     = '"' * ones
		backslash = '\\' * ones
		space     = ' ' * ones
	)
	n := 0
	for ; len(b)-n >= 8; n += 8 {
		w := binary.LittleEndian.Uint64(b[n:])
		// The high bit of a byte is set where it is below a blank, or equal to one of the
		// two. A borrow can only set bits above the first that is right.
		q, s := w^quote, w^backslash
		if special := ((w-space)&^w | (q-ones)&^q | (s-ones)&^s) & high; special != 0 {
			return n + bits.TrailingZeros64(special)/8
		}
	}
	for ; n < len(b); n++ {
		if c := b[n]; c < ' ' || c == '"' || c == '\\' {
			break
		}
	}
	return n
}

// escape reads an escape from its backslash.
func (s *scanner) escape() error {
	s.pos++
	c, err := s.next()
	if err != nil {
		return err
	}
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return nil
	case 'u':
		for range 4 {
			c, err := s.next()
			if err != nil {
				return err
			}
			if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
				return s.bad(c)
			}
		}
		return nil
	}
	return s.bad(c)
}

// next reads one byte.
func (s *scanner) next() (byte, error) {
	if s.pos == s.end {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	c := s.buf[s.pos]
	s.pos++
	return c, nil
}

// scalar reads a number, true, false or null, of which c is the first byte, or what
// Python's json writes where a number is not finite.
func (s *scanner) scalar(c byte) error {
	switch c {
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	case 'N':
		return s.literal("NaN")
	case 'I':
		return s.literal("Infinity")
	}
	return s.number()
}

// literal reads a word.
func (s *scanner) literal(word string) error {
	for i := range len(word) {
		c, err := s.next()
		if err != nil {
			return err
		}
		if c != word[i] {
			return s.bad(c)
		}
	}
	return nil
}

// number reads a number: -? (0 | 1-9 digits) (. digits)? (e +-? digits)?
func (s *scanner) number() error {
	c, err := s.current()
	negative := c == '-'
	if negative {
		s.pos++
		c, err = s.current()
	}
	switch {
	case c == '0':
		s.pos++
	case c == 'I' && negative:
		return s.literal("Infinity")
	case isDigit(c):
		err = s.digits()
	case err == nil:
		err = s.bad(c)
	}
	if err != nil {
		return err
	}
	if c, _ = s.current(); c == '.' {
		s.pos++
		if err := s.digits(); err != nil {
			return err
		}
	}
	if c, _ = s.current(); c|0x20 == 'e' {
		s.pos++
		if c, _ = s.current(); c == '+' || c == '-' {
			s.pos++
		}
		return s.digits()
	}
	return nil
}

// current is the byte that comes next, still to be read; 0 with an error at the end.
func (s *scanner) current() (byte, error) {
	if s.pos == s.end {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	return s.buf[s.pos], nil
}

// digits reads one digit or more.
func (s *scanner) digits() error {
	for n := 0; ; n++ {
		c, err := s.current()
		if n > 0 && (err != nil || !isDigit(c)) {
			return nil // an error shows again
		}
		if err != nil {
			return err
		}
		if !isDigit(c) {
			return s.bad(c)
		}
		s.pos++
	}
}

// isDigit reports whether c is a digit.
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
