package jsonreport

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Limits of what is held while reading a report. Reports by this program stay far below: server
// texts are cut at 64 KiB, a call has at most 1000 evals, and a rerun lists each of 100,000
// calls with two values.
const (
	maxString   = 1 << 20  // bytes of a string as encoded in the file
	maxElement  = 32 << 20 // bytes of an object in the report or in one of its lists
	maxValues   = 500_000  // values in such an object
	maxCalls    = 1_000_000
	maxElements = 200_000 // elements of any other list
)

// elementDepth is the depth of the objects in the report's lists. In a report of a suite it is that of the
// objects in the lists of the gates' reports; what stands above is measured as a whole.
const (
	elementDepth      = 2
	suiteElementDepth = elementDepth + 3
)

var (
	errLongString = fmt.Errorf("a string is larger than %d MiB", maxString>>20)
	errElement    = fmt.Errorf("an object is larger than %d MiB or has more than %d values", maxElement>>20, maxValues)
	errDepth      = errors.New("nested too deeply")
)

// guard is a reader that fails as soon as decoding what it has read would take much memory: the
// decoder holds values as a whole, and a value that is small in the file can be large in
// memory. All it knows of JSON is where strings, objects and lists begin and end.
type guard struct {
	r       io.Reader
	element int // the depth of the objects to measure
	// depth counts the open objects and lists.
	depth            int
	inString, escape bool
	// inList is true inside a top-level list, whose elements are measured one by one.
	inList bool
	// text, bytes and values measure the current string and element, above what is not in an element of
	// a suite.
	text, bytes, values, above int
	// failure is why nothing more is read: the decoder asks again.
	failure error
}

// guarded returns the decoder of a report of at most limit bytes, whose objects to measure are at the depth
// element.
func guarded(r io.Reader, limit int64, element int) *json.Decoder {
	return json.NewDecoder(&guard{r: text.UTF8(&limited{r: r, left: limit, limit: limit}), element: element})
}

// maxDepth limits nesting, as the decoder does.
const maxDepth = 10_000

// Read implements io.Reader.
func (g *guard) Read(p []byte) (int, error) {
	if g.failure != nil {
		return 0, g.failure
	}
	n, err := g.r.Read(p)
	for i, c := range p[:n] {
		if g.failure = g.next(c); g.failure != nil {
			return i, g.failure
		}
	}
	return n, err
}

// next processes one byte.
func (g *guard) next(c byte) error {
	if g.bytes++; g.depth >= g.element && (g.bytes > maxElement || g.values > maxValues) {
		return errElement
	}
	if g.depth >= elementDepth && g.depth < g.element {
		if g.above++; g.above > maxElement {
			return errElement
		}
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
		if g.depth == g.element {
			g.inList = c == '['
		}
	case '}', ']':
		g.depth--
	case ',':
		g.values++
	}
	if g.depth < g.element || g.depth == g.element && g.inList && c == ',' {
		g.bytes, g.values = 0, 0
	}
	return nil
}

// skip skips a value, holding one element at a time.
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
