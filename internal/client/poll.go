package client

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/url"
	"strconv"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/dialect"
)

// pollOp names reads of an execution in errors.
const pollOp = "read test execution"

// Poll reads the state of an execution in one small request: in the deployed dialect from the
// metrics endpoint, which has live counts (contract, section 3.16), otherwise as the first page
// with one call.
func (c *Client) Poll(ctx context.Context, executionID uuid.UUID) (calls.Progress, error) {
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
		return calls.Progress{}, err
	case failure.RetryAfter > 0:
		// A server that says when to send the next request wants none before, on any path. The
		// next poll uses the other endpoint, in case the limit is for this one only.
		c.memory.skipMetrics()
		return calls.Progress{}, err
	}
	p, pageErr := c.pollPage(ctx, executionID)
	if pageErr == nil && failure.Status != 0 && failure.Kind != KindRateLimited {
		// The server works, but not this endpoint.
		c.memory.dropMetrics()
	}
	return p, pageErr
}

// pollPage reads the state from the execution itself.
func (c *Client) pollPage(ctx context.Context, executionID uuid.UUID) (calls.Progress, error) {
	p, err := c.page(ctx, executionID, ask{read: c.answers.Status(executionID).Read, size: 1}, 0)
	if err != nil {
		return calls.Progress{}, err
	}
	return c.explain(ctx, executionID, c.memory.complete(executionID, p.Progress)), nil
}

// explain looks up why an execution failed if its own responses do not say: in the deployed
// dialect only the run test's list of executions does (contract, section 3.5). It costs one
// request for a failed execution; not finding a reason is not an error.
func (c *Client) explain(ctx context.Context, executionID uuid.UUID, p calls.Progress) calls.Progress {
	if p.Status != calls.ExecutionFailed || !p.ErrorReason.IsEmpty() || p.RunTestID == uuid.Nil || c.Dialect() != calls.DialectDeployed {
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

// metricsTries is small, because pollPage is the fallback.
const metricsTries = 2

// pollMetrics reads the status and the live counts.
func (c *Client) pollMetrics(ctx context.Context, executionID uuid.UUID) (calls.Progress, error) {
	r := get("read execution metrics", "/sdk/api/v1/simulation/metrics/", executionInputs)
	r.query = url.Values{"execution_id": {executionID.String()}}
	r.tries = min(metricsTries, c.tries)
	return fetch(ctx, c, r, c.answers.Metrics(executionID))
}

// page reads page n of an execution; 0 leaves out the page number, which means the first page.
func (c *Client) page(ctx context.Context, executionID uuid.UUID, a ask, n int) (dialect.Page, error) {
	r := get(pollOp, "/simulate/test-executions/"+executionID.String()+"/", executionInputs)
	if n > 0 {
		r.query = url.Values{"page": {strconv.Itoa(n)}}
	}
	r.maxBody, r.tries = c.maxPage, a.tries
	p, err := fetchLimited(ctx, c, r, a.size, a.read)
	if err == nil && p.Dialect != calls.DialectUnknown {
		c.memory.learn(p.Dialect)
	}
	return p, err
}

// fetchLimited is fetch with the query parameter limit. No document mentions it for the
// execution, so it is dropped for good if the server rejects it by name with a 400 (contract,
// "Two dialects", rule 2).
func fetchLimited[T any](ctx context.Context, c *Client, r request, limit int, read func(io.Reader) (T, error)) (T, error) {
	if !c.memory.takesLimit(r.op) {
		return fetch(ctx, c, r, read)
	}
	limited := r
	limited.query = url.Values{"limit": {strconv.Itoa(limit)}}
	maps.Copy(limited.query, r.query)
	v, err := fetch(ctx, c, limited, read)
	if failure, ok := errors.AsType[*Error](err); ok && failure.Kind == KindRejected && failure.fields.Limit {
		c.memory.dropLimit(r.op)
		return fetch(ctx, c, r, read)
	}
	return v, err
}
