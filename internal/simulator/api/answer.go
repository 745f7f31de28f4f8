package api

import (
	"cmp"
	"net/http"
	"strings"
	"time"
)

// Answer is a response whose body is still a value, to be encoded outside the server's
// lock.
type Answer struct {
	Status int
	Header http.Header
	body   any           // to be encoded as JSON; nil for text
	text   string        // the body as it is sent
	kind   string        // content type of text
	Takes  time.Duration // how long the server takes to answer, on the clock
	size   int           // estimated bytes of the encoded body; 0 is small
}

const (
	jsonType = "application/json"
	htmlType = "text/html; charset=utf-8"
)

func ok(body any) Answer      { return Answer{Status: http.StatusOK, body: body} }
func created(body any) Answer { return Answer{Status: http.StatusCreated, body: body} }

// HTML returns an answer with a web page.
func HTML(status int, page string) Answer { return Raw(status, htmlType, page) }

// Raw returns an answer with the given body. kind is its content type, JSON if empty.
func Raw(status int, kind, text string) Answer {
	return Answer{Status: status, text: text, kind: cmp.Or(kind, jsonType)}
}

// WithHeader returns the answer with one more header.
func (a Answer) WithHeader(key, value string) Answer {
	if a.Header == nil {
		a.Header = http.Header{}
	}
	a.Header.Set(key, value)
	return a
}

// Encode returns the body and its content type.
func (a Answer) Encode() ([]byte, string) {
	if a.body == nil {
		return []byte(a.text), a.kind
	}
	return appendJSON(make([]byte, 0, max(a.size, 2<<10)), a.body), jsonType
}

// stamp formats a time, with the options' skew, as Django REST framework does: UTC with
// microseconds and Z, without the fraction if it is zero. The documented dialect has whole
// seconds.
func (h *Handler) stamp(t time.Time) string {
	t = t.Add(h.opts.Skew)
	if !h.deployed() {
		return t.UTC().Format("2006-01-02T15:04:05Z")
	}
	return strings.TrimSuffix(t.UTC().Format("2006-01-02T15:04:05.000000"), ".000000") + "Z"
}

// stampOrNil is stamp, but nil for the zero time.
func (h *Handler) stampOrNil(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return new(h.stamp(t))
}

// isoformat formats a time as Python's isoformat does, with an offset.
func isoformat(t time.Time) string {
	return strings.TrimSuffix(t.UTC().Format("2006-01-02T15:04:05.000000"), ".000000") + "+00:00"
}
