package simulator

import (
	"bytes"
	"io"
	"net/http"
	"strings"
)

// reply is what goes back to the client: a response, or an end of the connection.
type reply struct {
	broken FaultKind // no response at all
	status int
	header http.Header
	body   []byte
	cut    bool  // the connection ends in the middle of the body
	pad    int64 // bytes put into the body, after its first byte
}

const (
	padHead     = `{"padding":"`
	padTail     = `",`
	defaultSize = 1 << 30
)

// reader gives the body, with its padding and its early end.
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

// length is the announced length of the body, -1 when it is not announced.
func (p *reply) length() int64 {
	if p.pad > 0 {
		return -1
	}
	return int64(len(p.body))
}

// cutReader ends like a connection that ends too early.
type cutReader struct{}

func (cutReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// xReader gives x without end.
type xReader struct{}

func (xReader) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}
