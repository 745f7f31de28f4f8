package client

import (
	"context"
	"errors"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
)

// TranscriptResult is the transcript of one call, or why it could not be read.
type TranscriptResult struct {
	CallID     uuid.UUID
	Transcript Transcript
	Err        error // an *Error; the Transcript is empty then
}

const (
	// transcriptTries is small: a report without a transcript is better than a late one.
	transcriptTries = 3
	// transcriptFailures is how many calls in a row may be unreadable before the others
	// are given up.
	transcriptFailures = 3
)

// errTranscriptsGivenUp is why a call was not read after several others could not be.
var errTranscriptsGivenUp = errors.New("not tried, since several others could not be read")

// Transcripts reads what was said in calls of an execution, several at a time, and
// returns a result for each call in their order. Lists of calls have no transcripts on
// the deployed server, so each call is read by itself (contract, section 3.8). A server
// of the documented dialect may lack that read, which is in none of its documents, and
// has the turns in its list of calls: then that is read, and of it only these calls'
// turns are kept.
func (c *Client) Transcripts(ctx context.Context, executionID uuid.UUID, ids []uuid.UUID) []TranscriptResult {
	results := make([]TranscriptResult, len(ids))
	if len(ids) == 0 {
		return results
	}
	first, err := c.transcript(ctx, ids[0])
	if isNotFound(err) && c.Dialect() == DialectDocumented {
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
			failures = transcriptFailures // the same for all
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
			var t Transcript
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
	_ = group.Wait() // the results hold the errors
	return results
}

// transcript reads one call.
func (c *Client) transcript(ctx context.Context, callID uuid.UUID) (Transcript, error) {
	r := get("read call execution", "/simulate/call-executions/"+callID.String()+"/", executionInputs)
	r.tries = min(transcriptTries, c.tries)
	return fetch(ctx, c, r, c.answers.Transcript(callID))
}

// listedTranscripts reads the turns that stand in the list of calls itself.
func (c *Client) listedTranscripts(ctx context.Context, executionID uuid.UUID, ids []uuid.UUID) []TranscriptResult {
	g, err := c.readPages(ctx, executionID, c.answers.Transcripts(executionID, ids))
	results := make([]TranscriptResult, len(ids))
	for i, id := range ids {
		var t Transcript
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
