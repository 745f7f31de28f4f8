package api

import (
	"net/http"
	"strings"
	"time"
)

// Answer is a response before it is written: its body is still a value, so that it is
// encoded outside the server's lock.
type Answer struct {
	Status int
	Header http.Header
	body   any // encoded as JSON; nil and text leave it out
	Text   string
	Kind   string        // content type of text
	Takes  time.Duration // how long the server works on it, on the clock
	size   int           // about how long the encoded body gets; 0 is small
}

const (
	JsonType = "application/json"
	htmlType = "text/html; charset=utf-8"
)

func ok(body any) Answer      { return Answer{Status: http.StatusOK, body: body} }
func created(body any) Answer { return Answer{Status: http.StatusCreated, body: body} }

// Bare is a good answer that is its body alone.
func Bare(status int, body any) Answer { return Answer{Status: status, body: body} }

// Enveloped is a good answer in the envelope of the deployed server.
func Enveloped(status int, result any) Answer {
	return Bare(status, object{{"status", true}, {"result", result}})
}

// NotRouted is Django's answer to a path that matches nothing.
func NotRouted() Answer { return notRouted() }

// Taking returns the answer as one on which the server works so long.
func (a Answer) Taking(d time.Duration) Answer {
	a.Takes = d
	return a
}

func Page(status int, html string) Answer {
	return Answer{Status: status, Text: html, Kind: htmlType}
}

// With returns the answer with one more header.
func (a Answer) With(key, value string) Answer {
	if a.Header == nil {
		a.Header = http.Header{}
	}
	a.Header.Set(key, value)
	return a
}

// Encode makes the bytes of the body and their content type.
func (a Answer) Encode() ([]byte, string) {
	if a.body == nil {
		return []byte(a.Text), a.Kind
	}
	return appendJSON(make([]byte, 0, max(a.size, 2<<10)), a.body), JsonType
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
