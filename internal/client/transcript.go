package client

import (
	"context"
	"errors"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// TranscriptResult is the transcript of one call, or why it could not be read.
type TranscriptResult struct {
	CallID     uuid.UUID
	Transcript calls.Transcript
	Err        error // usually an *Error; the Transcript is then empty
}

const (
	// transcriptTries is small: a report without a transcript is better than a late one.
	transcriptTries = 3
	// transcriptFailures is how many reads may fail in a row before the rest are skipped.
	transcriptFailures = 3
)

// errTranscriptsGivenUp is why a call was not read after several others failed.
var errTranscriptsGivenUp = errors.New("not read, because several others could not be read")

// Transcripts reads the transcripts of calls of an execution concurrently, and returns one
// result per call, in order. Each call is read on its own, because lists on the deployed server
// have no transcripts (contract, section 3.8). A documented server may lack that endpoint,
// which its documents do not mention, but has the turns in its list of calls: then the list is
// read, and only the turns of these calls are kept.
func (c *Client) Transcripts(ctx context.Context, executionID uuid.UUID, ids []uuid.UUID) []TranscriptResult {
	results := make([]TranscriptResult, len(ids))
	if len(ids) == 0 {
		return results
	}
	first, err := c.transcript(ctx, ids[0])
	if isNotFound(err) && c.Dialect() == calls.DialectDocumented {
		return c.listedTranscripts(ctx, executionID, ids)
	}
	results[0] = TranscriptResult{CallID: ids[0], Transcript: first, Err: err}
	var (
		mu       sync.Mutex
		failures int
		group    errgroup.Group
	)
	note := func(err error) {
		failure, ok := errors.AsType[*Error](err)
		switch {
		case err == nil:
			failures = 0
		case ok && (failure.Kind == KindUnauthorized || failure.Kind == KindForbidden):
			failures = transcriptFailures // will fail for all calls
		case !isNotFound(err):
			failures++
		}
	}
	note(err)
	group.SetLimit(pagesInFlight)
	for i, id := range ids[1:] {
		group.Go(func() error {
			mu.Lock()
			givenUp := failures >= transcriptFailures
			mu.Unlock()
			var t calls.Transcript
			err := errTranscriptsGivenUp
			if !givenUp {
				t, err = c.transcript(ctx, id)
			}
			mu.Lock()
			defer mu.Unlock()
			if !givenUp {
				note(err)
			}
			results[i+1] = TranscriptResult{CallID: id, Transcript: t, Err: err}
			return nil
		})
	}
	_ = group.Wait() // errors are in the results
	return results
}

// transcript reads one call.
func (c *Client) transcript(ctx context.Context, callID uuid.UUID) (calls.Transcript, error) {
	r := get("read call execution", "/simulate/call-executions/"+callID.String()+"/", executionInputs)
	r.tries = min(transcriptTries, c.tries)
	return fetch(ctx, c, r, c.answers.Transcript(callID))
}

// listedTranscripts reads the turns from the list of calls.
func (c *Client) listedTranscripts(ctx context.Context, executionID uuid.UUID, ids []uuid.UUID) []TranscriptResult {
	g, err := c.readPages(ctx, executionID, c.answers.Transcripts(executionID, ids))
	results := make([]TranscriptResult, len(ids))
	for i, id := range ids {
		var t calls.Transcript
		ok := false
		if g != nil {
			t, ok = g.said[id]
		}
		results[i] = TranscriptResult{CallID: id, Transcript: t}
		switch {
		case ok:
		case err != nil:
			results[i].Err = err
		default:
			results[i].Err = errors.New("the server lists no turns for it")
		}
	}
	return results
}
