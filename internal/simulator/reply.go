package simulator

import (
	"bytes"
	"io"
	"net/http"
	"strings"
)

// reply is what goes back to the client: a response, or a broken connection.
type reply struct {
	broken FaultKind // if set, there is no response
	status int
	header http.Header
	body   []byte
	cut    bool  // the connection breaks halfway through the body
	pad    int64 // padding bytes in the body; a JSON object stays valid
}

const (
	padHead     = `{"padding":"`
	padTail     = `",`
	defaultSize = 1 << 30 // of FaultHuge
)

// reader returns the body, padded or cut.
func (p *reply) reader() io.Reader {
	switch {
	case p.cut:
		return io.MultiReader(bytes.NewReader(p.body[:len(p.body)/2]), cutReader{})
	case p.pad > 0 && len(p.body) > 1 && p.body[0] == '{':
		return io.MultiReader(strings.NewReader(padHead), io.LimitReader(xReader{}, p.pad), strings.NewReader(padTail), bytes.NewReader(p.body[1:]))
	case p.pad > 0:
		return io.MultiReader(bytes.NewReader(p.body), io.LimitReader(xReader{}, p.pad))
	}
	return bytes.NewReader(p.body)
}

// length returns the Content-Length, -1 if there is none.
func (p *reply) length() int64 {
	if p.pad > 0 {
		return -1
	}
	return int64(len(p.body))
}

// cutReader fails like a connection that breaks.
type cutReader struct{}

func (cutReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// xReader reads an endless row of x.
type xReader struct{}

func (xReader) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}
