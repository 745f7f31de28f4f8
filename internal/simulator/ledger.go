package simulator

import (
	"bytes"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// Ledger records the requests to the server and, in its embedded part, what they did in
// the world and what that cost.
type Ledger struct {
	Counts   map[api.Endpoint]int // requests, including those that a fault swallowed
	Requests []Request            // at least the newest 5,000
	Hosts    []string             // in the order of their first request
	Leaks    []Leak
	world.Ledger
}

// Request is a request as it arrived.
type Request struct {
	Endpoint api.Endpoint
	Method   string
	Path     string
	Query    string
	Body     string      // its first 64 KiB
	Header   http.Header // without the two keys
	Status   int         // of the answer; 0 if a fault broke the connection
	Fault    FaultKind   // the fault that hit it, if any
	At       time.Time
}

// Leak is a key in the wrong place: the query, the path, the body, a header other than its
// own, or a request to another host than the first. An Authorization header counts too.
type Leak struct {
	Where string
	Host  string
	Path  string
}

const (
	keptLog  = 10_000   // requests; the older half is dropped when there are more
	keptBody = 64 << 10 // bytes
)

// Ledger returns a copy of the ledger as of now.
func (s *Server) Ledger() Ledger {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.ledger
	l.Counts = maps.Clone(l.Counts)
	l.Requests = slices.Clone(l.Requests)
	l.Hosts = slices.Clone(l.Hosts)
	l.Leaks = slices.Clone(l.Leaks)
	l.Ledger = s.world.Ledger(time.Now())
	return l
}

// Total returns the number of requests to all endpoints.
func (l Ledger) Total() int {
	n := 0
	for _, c := range l.Counts {
		n += c
	}
	return n
}

// note records a request. The caller holds the lock.
func (s *Server) note(r *api.Request, to api.Endpoint, status int, f Fault, now time.Time) {
	if f.broken() {
		status = 0
	}
	if len(s.ledger.Requests) >= keptLog {
		s.ledger.Requests = slices.Clone(s.ledger.Requests[keptLog/2:])
	}
	header := r.Header.Clone()
	header.Del("X-Api-Key")
	header.Del("X-Secret-Key")
	s.ledger.Requests = append(s.ledger.Requests, Request{
		Endpoint: to, Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Body: string(r.Body[:min(len(r.Body), keptBody)]),
		Header: header, Status: status, Fault: f.Kind, At: now,
	})
}

// watch records keys that are in the wrong place. The caller holds the lock.
func (s *Server) watch(r *api.Request) {
	if !slices.Contains(s.ledger.Hosts, r.Host) && len(s.ledger.Hosts) < 100 {
		s.ledger.Hosts = append(s.ledger.Hosts, r.Host)
	}
	if s.home == "" {
		s.home = r.Host
	}
	leak := func(where string) {
		if len(s.ledger.Leaks) < 1000 {
			s.ledger.Leaks = append(s.ledger.Leaks, Leak{Where: where, Host: r.Host, Path: r.URL.Path})
		}
	}
	own := []string{r.Header.Get("X-Api-Key"), r.Header.Get("X-Secret-Key")}
	if r.Host != s.home && own[0]+own[1] != "" {
		leak("other host")
	}
	if r.Header.Get("Authorization") != "" {
		leak("Authorization header")
	}
	query, err := url.QueryUnescape(r.URL.RawQuery)
	if err != nil {
		query = r.URL.RawQuery
	}
	for _, key := range append(own, s.opts.APIKey, s.opts.SecretKey) {
		if len(key) < 4 { // too short to tell from other text
			continue
		}
		if strings.Contains(query, key) {
			leak("query")
		}
		if strings.Contains(r.URL.Path, key) {
			leak("path")
		}
		if bytes.Contains(r.Body, []byte(key)) {
			leak("body")
		}
		for name, values := range r.Header {
			if name == "X-Api-Key" || name == "X-Secret-Key" {
				continue
			}
			if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, key) }) {
				leak("header " + name)
			}
		}
	}
}
