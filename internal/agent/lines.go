package agent

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

const (
	// keptEnds is how many bytes of each end of a line above the limit are kept, to find its
	// conversation.
	keptEnds = 64 << 10
	// keptBuffer is the capacity in bytes above which a buffer is not reused.
	keptBuffer = 1 << 20
)

// line is one line, trimmed.
type line struct {
	text []byte // valid until the next line is read
	// long is true of a line above the limit, of which text has only both ends.
	long bool
	// open is true of a last line without a newline. It may be incomplete.
	open bool
}

// lineReader reads lines of any length in bounded memory.
type lineReader struct {
	r     *bufio.Reader
	limit int
	buf   []byte
}

func newLineReader(r io.Reader, limit int) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, keptEnds), limit: limit}
}

// next returns the next line that is not blank, or the error of the underlying reader.
func (l *lineReader) next() (line, error) {
	for {
		read, err := l.read()
		read.text = bytes.TrimSpace(bytes.TrimPrefix(read.text, []byte("\ufeff")))
		if len(read.text) > 0 || err != nil {
			return read, err
		}
	}
}

// read returns the next line or an error, never both.
func (l *lineReader) read() (line, error) {
	if cap(l.buf) > keptBuffer {
		l.buf = nil
	}
	l.buf = l.buf[:0]
	long := false
	for {
		part, err := l.r.ReadSlice('\n')
		if err == nil && len(l.buf) == 0 && len(part) <= l.limit {
			return line{text: part}, nil // the common case: no copy
		}
		l.buf = append(l.buf, part...)
		if !long && len(bytes.TrimRight(l.buf, "\r\n")) > l.limit {
			long = true
			l.buf = append([]byte(nil), ends(l.buf)...)
		} else if long && len(l.buf) > 4*keptEnds {
			l.buf = ends(l.buf)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == nil:
			return line{text: l.buf, long: long}, nil
		case len(l.buf) > 0:
			return line{text: l.buf, long: long, open: true}, nil
		}
		return line{}, err
	}
}

// ends cuts out the middle of b, in place.
func ends(b []byte) []byte {
	if len(b) <= 2*keptEnds {
		return b
	}
	return append(b[:keptEnds], b[len(b)-keptEnds:]...)
}
