package patience

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/agent-gate/agent-gate/internal/client"
)

// Patience remembers the last failure. The zero Patience has none.
type Patience struct {
	trouble  error // why the last request failed; nil if it succeeded
	nonsense nonsense
}

// Trouble returns why the last request failed; nil if it succeeded.
func (p *Patience) Trouble() error { return p.trouble }

// Failed records why a request failed.
func (p *Patience) Failed(err error) { p.trouble = err }

// Answered records a response, which may still be nonsense.
func (p *Patience) Answered() { p.trouble = nil }

// Understood records a response that makes sense.
func (p *Patience) Understood() { *p = Patience{} }

// Keep records a failure for the reason of a run that has to stop: not the end of the context itself,
// but the failure before it, if any.
func (p *Patience) Keep(err error) {
	if failure, ok := errors.AsType[*client.Error](err); ok {
		switch {
		case failure.Before != nil:
			p.trouble = failure.Before
		case failure.Kind != client.KindCancelled:
			p.trouble = failure
		}
	}
}

// CauseOf returns why the context ended, and records the failure before that for the reason.
func (p *Patience) CauseOf(ctx context.Context, err error) error {
	p.Keep(err)
	return context.Cause(ctx)
}

// Last returns the last failure before a run had to end with err; nil if there was none.
func (p *Patience) Last(err error) error {
	if failure, ok := errors.AsType[*client.Error](err); ok {
		if failure.Kind != client.KindCancelled {
			return failure
		}
		if failure.Before != nil {
			return failure.Before
		}
	}
	return p.trouble
}

// Outlasts reports whether to retry a failed read. The client has already retried temporary failures
// several times; the gate goes on until the timeout, because the run is paid for. The same invalid
// response maxNonsense times in a row is not temporary.
func (p *Patience) Outlasts(err error) bool {
	failure, ok := errors.AsType[*client.Error](err)
	if !ok {
		return false
	}
	switch failure.Kind {
	case client.KindUnavailable, client.KindRateLimited:
		return true
	case client.KindNonsense:
		return p.nonsense.add(failure) < maxNonsense
	}
	return false
}

// maxNonsense is how many identical invalid responses in a row end the retries.
const maxNonsense = 3

// nonsense counts identical invalid responses in a row.
type nonsense struct {
	what string
	n    int
}

// add counts one more and returns how many are in a row.
func (c *nonsense) add(failure *client.Error) int {
	what := failure.Op + ": " + fmt.Sprint(failure.Err) // without what differs each time, such as a request id
	if what != c.what {
		*c = nonsense{what: what}
	}
	c.n++
	return c.n
}

// IsMissing reports whether the server does not know an id.
func IsMissing(err error) bool {
	failure, ok := errors.AsType[*client.Error](err)
	return ok && failure.Kind == client.KindNotFound
}

// IsMistake reports whether the server refused a request because of what it asked for, and not because of
// what else goes on there.
func IsMistake(err error) bool {
	failure, ok := errors.AsType[*client.Error](err)
	return ok && (failure.Kind == client.KindNotFound || failure.Kind == client.KindRejected && !failure.Refused)
}

// IsLost reports whether a failed request may have taken effect anyway.
func IsLost(err error) bool {
	failure, ok := errors.AsType[*client.Error](err)
	return ok && !failure.Unsent
}

// TooLarge reports whether a response was larger than the client reads. Retrying does not help.
func TooLarge(err error) bool {
	_, ok := errors.AsType[*http.MaxBytesError](err)
	return ok
}
