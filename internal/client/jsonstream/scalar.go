package jsonstream

import (
	"encoding/binary"
	"math/bits"
)

// text reads a string, starting at its opening quote.
func (s *Scanner) text() error {
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

// plainRun returns how many bytes at the start of b stand for themselves in a JSON string. It
// checks eight bytes at a time, because most of an answer is strings.
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
		// The high bit of a byte is set if it is below a space or equals a quote or backslash.
		// A borrow can only set bits above the lowest correct one.
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

// escape reads an escape, starting at its backslash.
func (s *Scanner) escape() error {
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
func (s *Scanner) next() (byte, error) {
	if s.pos == s.end {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	c := s.buf[s.pos]
	s.pos++
	return c, nil
}

// scalar reads a number, true, false, null, or a non-finite number as written by Python's json;
// c is its first byte.
func (s *Scanner) scalar(c byte) error {
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

// literal reads the rest of a word such as true.
func (s *Scanner) literal(word string) error {
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
func (s *Scanner) number() error {
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

// current returns the next byte without reading it.
func (s *Scanner) current() (byte, error) {
	if s.pos == s.end {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	return s.buf[s.pos], nil
}

// digits reads one or more digits.
func (s *Scanner) digits() error {
	for n := 0; ; n++ {
		c, err := s.current()
		if n > 0 && (err != nil || !isDigit(c)) {
			return nil // an error recurs on the next read
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
