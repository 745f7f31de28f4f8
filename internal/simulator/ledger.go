package simulator

import (
	"bytes"
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// Ledger is what was asked of the server and what it cost, in order. It holds what the
// server knows, not what clients were told: an execute whose answer was lost stands in
// it.
type Ledger struct {
	Counts   map[api.Endpoint]int // requests, also those that a fault swallowed
	Requests []Request            // the newest 10,000
	Hosts    []string             // in the order of their first request
	Leaks    []Leak
	world.Paid
}

// Request is one request as it arrived.
type Request struct {
	Endpoint api.Endpoint
	Method   string
	Path     string
	Query    string
	Body     string
	Header   http.Header // without the two keys
	Status   int         // of the answer; 0 when a fault left none
	Fault    FaultKind   // empty when all went well
	At       time.Time
}

// Leak is a key in a wrong place: the query, the path, the body, a header other than
// the two, an Authorization header, or a request to another host than the first.
type Leak struct {
	Where string
	Host  string
	Path  string
}

const (
	keptLog  = 10_000
	keptBody = 64 << 10
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
	l.Paid = s.world.Paid(time.Now())
	return l
}

// Total is the number of requests, of all endpoints.
func (l Ledger) Total() int {
	n := 0
	for _, c := range l.Counts {
		n += c
	}
	return n
}

// Paths are the distinct method and path pairs asked for, sorted; of use in messages
// of tests that fail.
func (l Ledger) Paths() []string {
	seen := map[string]bool{}
	for _, r := range l.Requests {
		seen[r.Method+" "+r.Path] = true
	}
	return slices.SortedFunc(maps.Keys(seen), cmp.Compare[string])
}

// note writes a request down. The caller holds the lock.
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

// watch looks for keys where they do not belong. The caller holds the lock.
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
