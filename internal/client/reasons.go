package client

import (
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// maxReasons is about how many bytes are spent on the reasons of an execution. They
// explain, and are never judged; of ten thousand calls and more nobody reads them all.
const maxReasons = 8 << 20

// A reason costs reasonCost bytes beside its own. Of one that has to be cut to less than some
// bytes nothing is kept: more of a result that nobody has to look into.
const (
	reasonCost = 20
	minReason  = 120
	minBad     = 40
)

// minEnded is how many bytes are left at least of why a call ended: that is read first.
const minEnded = 100

// shorten cuts the reasons of each call so that those of its evals cost no more than share
// bytes, and why it ended about as much. Those of results that say no, or that are missing,
// come first: they are the ones that are read.
func shorten(calls []Call, share int) {
	var s shortener
	for i := range calls {
		call, left := &calls[i], share
		call.EndedReason = shortText(call.EndedReason, max(share, minEnded))
		call.SkipReason = shortText(call.SkipReason, max(share, minEnded))
		left -= s.fit(call.Evals, true, left, minBad)
		s.fit(call.Evals, false, left, minReason)
	}
	s.keep()
}

// shortText is the beginning of a text.
func shortText(t text.Untrusted, limit int) text.Untrusted {
	if len(t.Raw()) <= limit {
		return t
	}
	return text.New(cut(t.Raw(), limit))
}

// shortener cuts reasons. Those that are cut are kept as one string: so many small ones would
// take a third more.
type shortener struct {
	all  strings.Builder
	cut  []*Eval
	ends []int // where in all the reason of each ends
}

// fit makes the reasons of those evals that are bad, or of those that are not, cost no more
// than room, and returns what they cost. What has to be cut to less than least bytes is left
// out.
func (s *shortener) fit(evals []Eval, bad bool, room, least int) (cost int) {
	n := 0
	for _, e := range evals {
		if saysNo(e) == bad && !e.Reason.IsEmpty() {
			n++
			cost += reasonCost + len(e.Reason.Raw())
		}
	}
	if cost <= room {
		return cost
	}
	cost = 0
	for i := range evals {
		e := &evals[i]
		if saysNo(*e) != bad || e.Reason.IsEmpty() {
			continue
		}
		limit := (room-cost)/n - reasonCost // what the ones before left is for those after
		n--
		switch raw := e.Reason.Raw(); {
		case len(raw) <= limit:
			cost += reasonCost + len(raw)
		case limit < least:
			e.Reason = text.Untrusted{}
		default:
			s.all.WriteString(cut(raw, limit))
			s.cut, s.ends = append(s.cut, e), append(s.ends, s.all.Len())
			cost += reasonCost + limit
		}
	}
	return cost
}

// keep gives the evals what was cut of their reasons.
func (s *shortener) keep() {
	kept, from := strings.Clone(s.all.String()), 0
	for i, e := range s.cut {
		e.Reason = text.New(kept[from:s.ends[i]])
		from = s.ends[i]
	}
}

// saysNo reports whether a result is a no, or is missing.
func saysNo(e Eval) bool {
	return e.State() != EvalScored || e.Kind() == ValuePass && !e.Passed()
}
