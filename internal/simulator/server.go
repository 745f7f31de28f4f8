// Package simulator is a simulated Future AGI API, embedded in the program: the
// server of `agent-gate demo`, of `agent-gate serve` and of the tests.
//
// It is an independent reading of the facts about the API and imports nothing of the
// client, so that the two cannot drift together. It speaks both dialects: the one of
// the vendor's API documents and the one of the open-source backend of 2026-08. The
// two share one state machine and differ in casing, shapes, strictness and errors.
//
// Nothing runs in the background. The course of an execution is planned when it
// starts, from the seed and a plan, and every answer is derived from the plan and the
// time that has passed. So a test inside a testing/synctest bubble can let an hour go by
// at no cost, and two servers with the same options tell the same story.
//
// This package is the front: options, connections, the faults on them, and the ledger of
// requests, under one lock. Behind it stand rooms of which each knows only those after it:
// talk answers the chat protocol, api reads all other requests and shows the world, world is
// the state, chat that of conversations that a client holds, and story decides what happens
// to which call. Read options and server, then exchange for the way of a
// request, with fault and instead for what goes wrong on it, reply, serve and transport
// for the way back, and dashboard and ledger for what tests do and see beside.
package simulator

import (
	"net/http"
	"sync"
	"time"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/talk"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// Server is one simulated API with its run tests, executions and ledger. It is an
// [http.Handler]; [Server.Transport] serves it without sockets. It is safe for
// concurrent use. Create it with [New], within the synctest bubble that uses it.
type Server struct {
	opts  Options
	begin time.Time

	mu     sync.Mutex // one request, or one look, at a time
	world  *world.World
	api    *talk.Handler
	faults []*armedFault
	ledger Ledger // without what the world knows
	home   string // the host of the first request
}

// New makes a server with the given options; see [Options] for what the zero value
// means.
func New(opts Options) *Server {
	opts = opts.withDefaults()
	now := time.Now()
	w := world.New(opts.world())
	s := &Server{
		opts:   opts,
		begin:  now,
		world:  w,
		api:    talk.New(api.New(w, opts.api(), now), w),
		ledger: Ledger{Counts: map[api.Endpoint]int{}},
	}
	s.Inject(opts.Faults...)
	return s
}

// Transport serves the server in memory: no sockets, no goroutines, no copies of the
// response. It honours the context of a request, and faults come back as the errors
// that net/http would give.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

// Client is an [http.Client] over [Server.Transport] that follows no redirects.
func (s *Server) Client() *http.Client {
	return &http.Client{
		Transport:     s.Transport(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
