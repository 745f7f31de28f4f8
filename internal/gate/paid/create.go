package paid

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/gate/patience"
	"github.com/agent-gate/agent-gate/internal/text"
)

// mostCreates limits how many times a create is sent that the server refuses. It costs nothing.
const mostCreates = 6

// lostCreates limits how many times a create is sent whose response is lost.
const lostCreates = 3

// isNameTaken reports whether the server rejects a name that is taken.
func isNameTaken(failure *client.Error) bool {
	words := strings.ToLower(failure.Message.Raw())
	return failure.Status == http.StatusConflict || failure.Status == http.StatusBadRequest && (strings.Contains(words, "already exists") || strings.Contains(words, "unique") ||
		slices.Contains(strings.FieldsFunc(words, func(r rune) bool { return !unicode.IsLetter(r) && r != '_' }), "name"))
}

// Create creates the run test. fresh is true if nobody can have executed it before.
//
// A create costs nothing, but a second one would leave a duplicate. So after an uncertain outcome
// Create looks up the name, and sends again only if nothing new has that name. Older run tests of
// the name belong to earlier starts or to other gates. Servers that accept a name twice get a new
// run test; on the others the existing one is used, which is then shared.
func (r *Run) Create(ctx context.Context, body client.CreateRunTest) (_ calls.RunTest, fresh bool, _ error) {
	r.keep(func(rec *Record) { *rec = Record{Step: StepCreating, RunTestName: body.Name} })
	asked := time.Now()
	r.hasCompany() // a gate running now may be gone when the response arrives
	for sends := 1; ; sends++ {
		t, err := r.given.API.CreateRunTest(ctx, body)
		if err == nil {
			r.alone = true
			r.stake(t.ID)
			return t, true, nil
		}
		failure, ok := errors.AsType[*client.Error](err)
		if !ok || failure.Kind == client.KindCancelled || failure.Unsent && failure.Kind != client.KindRejected {
			return calls.RunTest{}, false, err
		}
		// Lost, refused, or rejected: the documented server rejects a name that is taken.
		lost := !failure.Unsent
		taken := isNameTaken(failure)
		t, found, lookErr := r.findRunTest(ctx, body.Name, func(t calls.RunTest) bool {
			return t.CreatedAt == nil || r.isNew(t, asked) || taken && sends == 1
		}, lost || taken)
		known := t.CreatedAt != nil
		switch {
		case lookErr != nil && ctx.Err() != nil:
			return calls.RunTest{}, false, context.Cause(ctx)
		case lookErr != nil:
			return calls.RunTest{}, false, fmt.Errorf("%w; looking up the run test by name failed too: %w", err, lookErr)
		case found && known && (lost || sends > 1) && r.isNew(t, asked) && !r.hasCompany():
			r.alone = true
			r.adopted++
			r.given.Log.Warn(text.Sprintf("The request to create the run test got no usable response, but run test %s of that name has appeared since: this run uses it.", t.ID))
			return t, false, nil
		case found && (taken || !known):
			r.adopted++
			r.given.Log.Warn(text.Sprintf("The name of the run test is already taken. This run executes run test %s, which an earlier start or another gate of this job created.", t.ID))
			return t, false, nil
		case !lost, !failure.Refused && sends >= lostCreates, sends >= mostCreates:
			return calls.RunTest{}, false, err
		}
		if err := patience.Pause(ctx, patience.RetryAfter(failure)); err != nil {
			return calls.RunTest{}, false, err
		}
	}
}

// findRunTest looks up a run test by name. If patient, it retries until one will do, because the
// server may still be working, and lists lag.
func (r *Run) findRunTest(ctx context.Context, name string, willDo func(calls.RunTest) bool, patient bool) (t calls.RunTest, found bool, _ error) {
	for look := 0; ; look++ {
		id, named, err := r.given.API.FindRunTest(ctx, name)
		if err != nil {
			r.given.Patience.Failed(err)
			return t, false, err
		}
		if named && (!found || id != t.ID) {
			if t, err = r.given.API.RunTest(ctx, id); err != nil {
				r.given.Patience.Failed(err)
				return t, false, err
			}
			found = true
		}
		if found && willDo(t) || !patient || look >= 3 {
			return t, found, nil
		}
		if err := patience.Pause(ctx, patience.LookPauses[look]); err != nil {
			return t, false, err
		}
	}
}
