package client

import (
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// A reason costs reasonCost bytes beside its own. Of one that has to be cut to less than some
// bytes nothing is kept: more of a result that nobody has to look into.
const (
	reasonCost = 20
	minReason  = 120
	minBad     = 40
)

// minEnded is how many bytes are left at least of why a call ended: that is read first.
const minEnded = 100

// Shorten cuts the reasons of each call, and the values that are texts, so that they cost no
// more than share bytes, and why it ended about as much. Reasons of results that say no, or
// that are missing, come first: they are the ones that are read. It returns how many were cut
// or left out. Nothing of it is judged.
func Shorten(calls []Call, share int) (n int) {
	var s shortener
	for i := range calls {
		call := &calls[i]
		s.ended(&call.EndedReason, share)
		s.ended(&call.SkipReason, share)
		first, others := s.first[:0], s.others[:0]
		for k := range call.Evals {
			e := &call.Evals[k]
			if saysNo(*e) {
				first = append(first, &e.Reason)
			} else {
				others = append(others, &e.Reason, &e.text)
			}
		}
		cost := s.fit(first, share, minBad)
		s.fit(others, share-cost, minReason)
		s.first, s.others = first, others // their room
	}
	s.keep()
	return s.n
}

// shortener cuts texts. Those that are cut are kept as one string: so many small ones would
// take a third more.
type shortener struct {
	n    int // texts that were cut or left out
	all  strings.Builder
	cut  []*text.Untrusted
	ends []int // where in all the text of each ends

	first, others []*text.Untrusted // of the call at hand
}

// ended cuts why a call ended.
func (s *shortener) ended(t *text.Untrusted, share int) {
	if limit := max(share, minEnded); len(t.Raw()) > limit {
		s.shorten(t, limit)
	}
}

// shorten cuts a text to so many bytes.
func (s *shortener) shorten(t *text.Untrusted, limit int) {
	s.n++
	s.all.WriteString(t.Beginning(limit).Raw())
	s.cut, s.ends = append(s.cut, t), append(s.ends, s.all.Len())
}

// fit makes texts cost no more than room, and returns what they cost. What has to be cut to
// less than least bytes is left out.
func (s *shortener) fit(texts []*text.Untrusted, room, least int) (cost int) {
	n := 0
	for _, t := range texts {
		if !t.IsEmpty() {
			n++
			cost += reasonCost + len(t.Raw())
		}
	}
	if cost <= room {
		return cost
	}
	cost = 0
	for _, t := range texts {
		if t.IsEmpty() {
			continue
		}
		limit := (room-cost)/n - reasonCost // what the ones before left is for those after
		n--
		switch {
		case len(t.Raw()) <= limit:
			cost += reasonCost + len(t.Raw())
		case limit < least:
			s.n++
			*t = text.Untrusted{}
		default:
			s.shorten(t, limit)
			cost += reasonCost + limit
		}
	}
	return cost
}

// keep puts what was cut in its place.
func (s *shortener) keep() {
	kept, from := strings.Clone(s.all.String()), 0
	for i, t := range s.cut {
		*t = text.New(kept[from:s.ends[i]])
		from = s.ends[i]
	}
}

// saysNo reports whether a result is a no, or is missing.
func saysNo(e Eval) bool {
	return e.State() != EvalScored || e.Kind() == ValuePass && !e.Passed()
}
