package patience

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/agent-gate/agent-gate/internal/client"
)

// Patience remembers what went wrong last. The zero Patience has met no trouble.
type Patience struct {
	trouble  error // why the last answer could not be used; nil when it could
	nonsense nonsense
}

// Trouble is why the last answer could not be used; nil when it could.
func (p *Patience) Trouble() error { return p.trouble }

// Failed keeps why an answer could not be used.
func (p *Patience) Failed(err error) { p.trouble = err }

// Answered notes that there was an answer. It may still be nonsense.
func (p *Patience) Answered() { p.trouble = nil }

// Understood notes that there was an answer that makes sense.
func (p *Patience) Understood() { *p = Patience{} }

// Keep keeps a failure for the reason of a run that has to stop. That the context has
// ended is none, and what failed before that is.
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

// CauseOf is why the context has ended. What failed before is kept for the reason.
func (p *Patience) CauseOf(ctx context.Context, err error) error {
	p.Keep(err)
	return context.Cause(ctx)
}

// Last is the last failure before a run had to end with an error; nil when all went well.
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

// Outlasts tells whether a failed read may be followed by another. The client has
// tried the passing faults several times already; they are outlasted until the
// timeout, since the run is paid for. The same nonsense several times is no passing fault.
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

// maxNonsense is how many answers that are the same nonsense, one after the other, are
// enough to believe that the next ones will be too.
const maxNonsense = 3

// nonsense counts answers in a row that are the same nonsense.
type nonsense struct {
	what string
	n    int
}

// add counts one more, and returns how many there are in a row.
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

// IsLost reports whether a request that failed may have been carried out all the same.
func IsLost(err error) bool {
	failure, ok := errors.AsType[*client.Error](err)
	return ok && !failure.Unsent
}

// TooLarge reports whether an answer was larger than the client reads: a page of calls
// that is will be so again.
func TooLarge(err error) bool {
	_, ok := errors.AsType[*http.MaxBytesError](err)
	return ok
}
