package jsonreport

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Bounds of what is held of a report while it is read. A report that this program wrote is
// far below them: texts of the server are cut at 64 KiB, a call has 1000 evals at most, and
// a rerun lists each of 100,000 calls in two values.
const (
	maxString   = 1 << 20  // of a text, in bytes as it stands in the file
	maxElement  = 32 << 20 // of an object in the report or in one of its lists, in bytes
	maxValues   = 500_000  // of values in such an object
	maxCalls    = 1_000_000
	maxElements = 200_000 // of a list of anything else
)

// elementDepth is how deep the objects of the report's lists are.
const elementDepth = 2

var (
	errLongString = fmt.Errorf("a string is larger than %d MiB", maxString>>20)
	errElement    = fmt.Errorf("an object is larger than %d MiB or has more than %d values", maxElement>>20, maxValues)
	errDepth      = errors.New("nested too deeply")
)

// guard is a reader that fails once what it has read would take much memory to decode: the
// decoder holds a value as a whole, and a small value in the file can be a large one in
// memory. It knows no more of JSON than where texts, objects and lists begin and end.
type guard struct {
	r io.Reader
	// depth counts the open objects and lists.
	depth            int
	inString, escape bool
	// inList is true in a list of the report, whose elements are measured one by one.
	inList bool
	// text, bytes and values measure the text and the element that are being read.
	text, bytes, values int
}

// maxDepth bounds the nesting, as the decoder does.
const maxDepth = 10_000

// Read implements io.Reader.
func (g *guard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	for i, c := range p[:n] {
		if failure := g.next(c); failure != nil {
			return i, failure
		}
	}
	return n, err
}

// next takes one byte into account.
func (g *guard) next(c byte) error {
	if g.bytes++; g.depth >= elementDepth && (g.bytes > maxElement || g.values > maxValues) {
		return errElement
	}
	if g.inString {
		g.text++
		switch {
		case g.text > maxString:
			return errLongString
		case g.escape:
			g.escape = false
		case c == '\\':
			g.escape = true
		case c == '"':
			g.inString = false
		}
		return nil
	}
	switch c {
	case '"':
		g.inString, g.text = true, 0
	case '{', '[':
		g.values++
		if g.depth++; g.depth > maxDepth {
			return errDepth
		}
		if g.depth == elementDepth {
			g.inList = c == '['
		}
	case '}', ']':
		g.depth--
	case ',':
		g.values++
	}
	if g.depth < elementDepth || g.depth == elementDepth && g.inList && c == ',' {
		g.bytes, g.values = 0, 0
	}
	return nil
}

// skip passes over a value, of which it holds an element at a time.
func (in *reading) skip(key string) error {
	token, err := in.dec.Token()
	opened, _ := token.(json.Delim)
	for err == nil && opened != 0 && in.dec.More() {
		if opened == '{' {
			if _, err = in.dec.Token(); err != nil {
				break
			}
		}
		var element json.RawMessage
		err = in.dec.Decode(&element)
	}
	if err == nil && opened != 0 {
		_, err = in.dec.Token()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", text.New(key), decodeError(err))
	}
	return nil
}
