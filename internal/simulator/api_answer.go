package simulator

import (
	"net/http"
	"strings"
	"time"
)

// answer is a response before it is written: its body is still a value, so that it is
// encoded outside the server's lock.
type answer struct {
	status int
	header http.Header
	body   any // encoded as JSON; nil and text leave it out
	text   string
	kind   string        // content type of text
	takes  time.Duration // how long the server works on it, on the clock
	size   int           // about how long the encoded body gets; 0 is small
}

const (
	jsonType = "application/json"
	htmlType = "text/html; charset=utf-8"
)

func ok(body any) answer      { return answer{status: http.StatusOK, body: body} }
func created(body any) answer { return answer{status: http.StatusCreated, body: body} }

func page(status int, html string) answer {
	return answer{status: status, text: html, kind: htmlType}
}

// with returns the answer with one more header.
func (a answer) with(key, value string) answer {
	if a.header == nil {
		a.header = http.Header{}
	}
	a.header.Set(key, value)
	return a
}

// encode makes the bytes of the body and their content type.
func (a answer) encode() ([]byte, string) {
	if a.body == nil {
		return []byte(a.text), a.kind
	}
	return appendJSON(make([]byte, 0, max(a.size, 2<<10)), a.body), jsonType
}

// stamp writes a time as Django REST framework does: UTC with microseconds and Z, the
// fraction left out when it is zero. The documented dialect shows whole seconds.
func (h *Handler) stamp(t time.Time) string {
	t = t.Add(h.opts.Skew)
	if !h.deployed() {
		return t.UTC().Format("2006-01-02T15:04:05Z")
	}
	return strings.TrimSuffix(t.UTC().Format("2006-01-02T15:04:05.000000"), ".000000") + "Z"
}

// stampOrNil is the stamp of a time, or null for the zero time.
func (h *Handler) stampOrNil(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return new(h.stamp(t))
}

// isoformat writes a time as Python's isoformat does, with an offset.
func isoformat(t time.Time) string {
	return strings.TrimSuffix(t.UTC().Format("2006-01-02T15:04:05.000000"), ".000000") + "+00:00"
}
