package dialect

import (
	"cmp"
	"time"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/text"
)

// earlierTries summarises the tries of a call before its last one, where the deployed server
// keeps snapshots of them (contract, section 9).
type earlierTries struct {
	reruns  int
	oldest  snapshot // of all tries
	counted snapshot // the oldest that the platform did not lose
	took    calls.Took
}

// snapshot is a try and when it was recorded.
type snapshot struct {
	try   *calls.Try // nil if there is none
	taken *time.Time // nil if unknown
}

// orOlder returns the older of two snapshots; if times do not tell, a, which came first.
func (a snapshot) orOlder(b snapshot) snapshot {
	if a.try == nil || a.taken != nil && b.taken != nil && b.taken.Before(*a.taken) {
		return b
	}
	return a
}

// first returns the try that counts as the first: see [calls.Call.First].
func (e earlierTries) first() *calls.Try { return cmp.Or(e.counted.try, e.oldest.try) }

// lostFirst reports whether the platform lost the oldest try.
func (e earlierTries) lostFirst() bool { return e.oldest.try != nil && e.oldest.try.Lost() }

// earlier reads the snapshots of a call.
func (r *rowReader) earlier() (earlierTries, error) {
	var e earlierTries
	if c, err := r.scan.Peek(); err != nil || c != '[' {
		return e, cmp.Or(err, r.scan.Skip())
	}
	err := r.scan.List(func() error {
		if c, err := r.scan.Peek(); err != nil || c != '{' {
			return cmp.Or(err, r.scan.Skip())
		}
		var (
			try            calls.Try
			taken, started *time.Time
			cents          *float64
			length         *float64
			rerun          text.Untrusted
		)
		err := r.scan.Object(func(key []byte) (err error) {
			switch string(field(key)) {
			case "status":
				try.Status, err = r.status()
			case "processing_skipped":
				try.ProcessingSkipped, err = r.mark()
			case "ended_reason":
				try.EndedReason, err = r.text()
			case "cost_cents":
				cents, err = r.amount()
			case "duration_seconds":
				length, err = r.amount()
			case "started_at":
				started, err = r.instant()
			case "snapshot_timestamp":
				taken, err = r.instant()
			case "rerun_type":
				rerun, err = r.text()
			default:
				err = r.scan.Skip()
			}
			return err
		})
		if try.Status == "" || rerun.Raw() == string(calls.RerunEvalOnly) {
			return err // not a call, or only evaluated again
		}
		e.reruns++
		if cents != nil {
			e.took.Cents, e.took.Priced = e.took.Cents+*cents, e.took.Priced+1
		}
		if length != nil {
			e.took.Seconds, e.took.Timed = e.took.Seconds+*length, e.took.Timed+1
		}
		if length == nil && cents == nil && started == nil && (try.Status == calls.Failed || try.Status == calls.Cancelled) {
			e.took.Idle++
		}
		s := snapshot{try: &try, taken: taken}
		e.oldest = e.oldest.orOlder(s)
		if !try.Lost() {
			e.counted = e.counted.orOlder(s)
		}
		return err
	})
	return e, err
}
