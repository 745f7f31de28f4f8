// Package simulator is a simulated Future AGI API: the server behind `agent-gate demo`,
// `agent-gate serve` and the tests.
//
// It is an independent implementation of the API and must not import any package of this
// project outside its own folder: shared code would hide shared mistakes. It supports two
// dialects, that of the vendor's API documents and that of the open-source backend of
// 2026-08. They share one state machine and differ in casing, shapes, strictness and
// errors.
//
// Nothing runs in the background. An execution is planned when it starts, from the seed
// and a plan, and every answer follows from that plan and the time. So an hour costs
// nothing inside a testing/synctest bubble, and two servers with the same options give the
// same answers.
//
// This package is the front: options, connections, faults and the ledger of requests,
// under one lock. Behind it are three packages, each of which imports only those after
// it: api parses requests and renders answers, world is the state, story decides what
// happens to each call.
//
// Reading order: options and this file; exchange takes a request to its answer; fault is
// what can go wrong on the way; reply, handler and transport send the answer; ledger and
// dashboard are for tests.
package simulator

import (
	"net/http"
	"sync"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// Server is a simulated API with its run tests, executions and ledger. It is an
// [http.Handler]; [Server.Transport] serves it without sockets. It is safe for concurrent
// use. Create it with [New], inside the synctest bubble that uses it, if any.
type Server struct {
	opts  Options
	begin time.Time

	mu     sync.Mutex // guards all below
	world  *world.World
	api    *api.Handler
	faults []*armedFault
	ledger Ledger // without the world's part
	home   string // the host of the first request
}

// New returns a server with the given options.
func New(opts Options) *Server {
	opts = opts.withDefaults()
	now := time.Now()
	w := world.New(opts.world())
	s := &Server{
		opts:   opts,
		begin:  now,
		world:  w,
		api:    api.New(w, opts.api(), now),
		ledger: Ledger{Counts: map[api.Endpoint]int{}},
	}
	s.Inject(opts.Faults...)
	return s
}

// Transport serves the API in memory, without sockets and goroutines. It honors the
// context of a request and returns faults of the connection as the errors that net/http
// would return.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

// Client returns an [http.Client] on [Server.Transport] that follows no redirects.
func (s *Server) Client() *http.Client {
	return &http.Client{
		Transport:     s.Transport(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
