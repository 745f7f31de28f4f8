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

// mostCreates is how often a create is sent at most that the server refuses. It costs nothing.
const mostCreates = 6

// lostCreates is how often a create is sent at most whose answers are lost.
const lostCreates = 3

// isNameTaken reports whether the server's words refuse a name that another run test has.
func isNameTaken(words string) bool {
	words = strings.ToLower(words)
	return strings.Contains(words, "already exists") || strings.Contains(words, "unique") ||
		slices.Contains(strings.FieldsFunc(words, func(r rune) bool { return !unicode.IsLetter(r) && r != '_' }), "name")
}

// Create makes the run test. fresh is true when nobody can have executed it before.
//
// A create costs nothing, but a second one would leave a twin behind; so when it is not
// certain what became of it the name is looked up, and only when nothing has come into being
// since it is sent again. Older run tests of the name belong to starts that are over, or to
// other gates: servers that take a name twice get a new one. Those that do not are answered by
// using the one that is there, which is then not this run's alone.
func (r *Run) Create(ctx context.Context, body client.CreateRunTest) (_ calls.RunTest, fresh bool, _ error) {
	r.keep(func(rec *Record) { *rec = Record{Step: StepCreating, RunTestName: body.Name} })
	asked := time.Now()
	r.hasCompany() // whoever lives now may be gone when the answer comes
	for sends := 1; ; sends++ {
		t, err := r.given.API.CreateRunTest(ctx, body)
		if err == nil {
			r.alone = true
			return t, true, nil
		}
		failure, ok := errors.AsType[*client.Error](err)
		if !ok || failure.Kind == client.KindCancelled || failure.Unsent && failure.Kind != client.KindRejected {
			return calls.RunTest{}, false, err
		}
		// Lost or refused, or rejected: the documented server rejects a name that is taken.
		lost := !failure.Unsent
		taken := failure.Status == http.StatusConflict ||
			failure.Status == http.StatusBadRequest && isNameTaken(failure.Message.Raw())
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

// findRunTest looks a run test up by name, several times when it is patient: until one will
// do, since the server may still be at work, and lists lag.
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
