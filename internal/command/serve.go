package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/simulator"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// shutdownTime is how long serve waits for requests in progress.
const shutdownTime = 3 * time.Second

// serve serves the simulated API until the context ends. Its URL is the first line on
// standard output, so that a script can wait for it.
func (s *session) serve(ctx context.Context) int {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.config.Listen)
	if err != nil {
		s.log.Error("Cannot listen on %s: %s", s.config.Listen, text.New(err.Error()))
		return verdict.ExitConfig
	}
	server := &http.Server{
		Handler:           simulator.New(s.simulation()),
		ReadHeaderTimeout: 10 * time.Second,
	}
	fmt.Fprintf(s.Stdout, "http://%s\n", listener.Addr())
	s.log.Info("Simulated Future AGI API: any keys, any UUIDs, no cost. Stop it with SIGTERM or Ctrl-C.")

	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	select {
	case err = <-stopped:
	case <-ctx.Done():
		// ctx is done, so waiting needs its own context.
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
		defer cancel()
		if err = server.Shutdown(wait); errors.Is(err, context.DeadlineExceeded) {
			err = server.Close()
		}
	}
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		s.log.Error("The server stopped: %s", text.New(err.Error()))
		return verdict.ExitOperational
	}
	if cause := context.Cause(ctx); errors.Is(cause, gate.ErrInterrupted) || errors.Is(cause, gate.ErrTerminated) {
		s.log.Info("Stopped: %s.", text.New(cause.Error()))
	}
	return verdict.ExitOK
}
