package client

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/url"
	"strconv"

	"github.com/google/uuid"
)

// pollOp names the read of an execution, for errors.
const pollOp = "read test execution"

// Poll reads where an execution stands, in one small request: in the deployed dialect
// the metrics read, which has live counts (contract, section 3.16), and otherwise the
// first page with one call.
func (c *Client) Poll(ctx context.Context, executionID uuid.UUID) (Progress, error) {
	c.polls.Add(1)
	if !c.memory.useMetrics() {
		return c.pollPage(ctx, executionID)
	}
	p, err := c.pollMetrics(ctx, executionID)
	if err == nil {
		return c.explain(ctx, executionID, c.memory.complete(executionID, p)), nil
	}
	failure, ok := errors.AsType[*Error](err)
	switch {
	case !ok || failure.Kind == KindCancelled:
		return Progress{}, err
	case failure.RetryAfter > 0:
		// A server that names the time of the next request wants none before, on no path.
		// The next poll takes the other one, in case the wish is about this path alone.
		c.memory.skipMetrics()
		return Progress{}, err
	}
	p, pageErr := c.pollPage(ctx, executionID)
	if pageErr == nil && failure.Status != 0 && failure.Kind != KindRateLimited {
		// The server answers, but not to this.
		c.memory.dropMetrics()
	}
	return p, pageErr
}

// pollPage reads the status from the execution itself.
func (c *Client) pollPage(ctx context.Context, executionID uuid.UUID) (Progress, error) {
	p, err := c.page(ctx, executionID, ask{read: c.answers.Status(executionID).Read, size: 1}, 0)
	if err != nil {
		return Progress{}, err
	}
	return c.explain(ctx, executionID, c.memory.complete(executionID, p.progress)), nil
}

// explain looks up why an execution failed where its own reads do not say so: in the
// deployed dialect only the run test's list of executions does (contract, section 3.5).
// It is one request for a failed execution, and no reason is no fault.
func (c *Client) explain(ctx context.Context, executionID uuid.UUID, p Progress) Progress {
	if p.Status != ExecutionFailed || !p.ErrorReason.IsEmpty() || p.RunTestID == uuid.Nil || c.Dialect() != DialectDeployed {
		return p
	}
	r := c.listExecutions(p.RunTestID)
	r.tries = 1
	items, err := fetchLimited(ctx, c, r, executionsLimit, c.answers.Executions)
	if err != nil {
		return p
	}
	for _, item := range items {
		if item.ID == executionID {
			p.ErrorReason = item.Reason
		}
	}
	return c.memory.complete(executionID, p)
}

// metricsTries is small, since there is another read to go to.
const metricsTries = 2

// pollMetrics reads the status and the live counts.
func (c *Client) pollMetrics(ctx context.Context, executionID uuid.UUID) (Progress, error) {
	r := get("read execution metrics", "/sdk/api/v1/simulation/metrics/", executionInputs)
	r.query = url.Values{"execution_id": {executionID.String()}}
	r.tries = min(metricsTries, c.tries)
	return fetch(ctx, c, r, c.answers.Metrics(executionID))
}

// page reads page n of an execution; 0 names no page, which is the first one.
func (c *Client) page(ctx context.Context, executionID uuid.UUID, a ask, n int) (page, error) {
	r := get(pollOp, "/simulate/test-executions/"+executionID.String()+"/", executionInputs)
	if n > 0 {
		r.query = url.Values{"page": {strconv.Itoa(n)}}
	}
	r.maxBody, r.tries = c.maxPage, a.tries
	p, err := fetchLimited(ctx, c, r, a.size, a.read)
	if err == nil && p.dialect != DialectUnknown {
		c.memory.learn(p.dialect)
	}
	return p, err
}

// fetchLimited is fetch with the query key limit. No document names it for the
// execution, so it is dropped for good when the server refuses it with a 400 that
// names it (contract, "Two dialects", rule 2).
func fetchLimited[T any](ctx context.Context, c *Client, r request, limit int, read func(io.Reader) (T, error)) (T, error) {
	if !c.memory.takesLimit(r.op) {
		return fetch(ctx, c, r, read)
	}
	limited := r
	limited.query = url.Values{"limit": {strconv.Itoa(limit)}}
	maps.Copy(limited.query, r.query)
	v, err := fetch(ctx, c, limited, read)
	if failure, ok := errors.AsType[*Error](err); ok && failure.Kind == KindRejected && failure.fields.limit {
		c.memory.dropLimit(r.op)
		return fetch(ctx, c, r, read)
	}
	return v, err
}
