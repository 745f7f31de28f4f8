package calls

import (
	"strings"

	"github.com/agent-gate/agent-gate/internal/text"
)

// A reason costs reasonCost bytes more than its text. If one would have to be cut below a
// minimum, it is dropped instead; the minimum is higher for results that need no attention.
const (
	reasonCost = 20
	minReason  = 120
	minBad     = 40
)

// minEnded is how many bytes of why a call ended are always kept, because that is read first.
const minEnded = 100

// Shorten cuts the eval reasons and text values of each call to at most share bytes together,
// and why the call ended to about as much. Reasons of failed or missing results come first,
// because those are the ones people read. It returns how many texts were cut or dropped. None
// of them are judged.
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
		s.first, s.others = first, others // reuse their memory
	}
	s.keep()
	return s.n
}

// shortener cuts texts. The cut ones share one string: as many small strings would take a third
// more memory.
type shortener struct {
	n    int // texts that were cut or dropped
	all  strings.Builder
	cut  []*text.Untrusted
	ends []int // where each text ends in all

	first, others []*text.Untrusted // of the current call
}

// ended cuts why a call ended.
func (s *shortener) ended(t *text.Untrusted, share int) {
	if limit := max(share, minEnded); len(t.Raw()) > limit {
		s.shorten(t, limit)
	}
}

// shorten cuts a text to at most limit bytes.
func (s *shortener) shorten(t *text.Untrusted, limit int) {
	s.n++
	s.all.WriteString(t.Beginning(limit).Raw())
	s.cut, s.ends = append(s.cut, t), append(s.ends, s.all.Len())
}

// fit shortens texts to cost at most room bytes, and returns what they cost. A text that would
// be cut below least bytes is dropped.
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
		limit := (room-cost)/n - reasonCost // what earlier texts did not use goes to later ones
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

// keep writes the cut texts back.
func (s *shortener) keep() {
	kept, from := strings.Clone(s.all.String()), 0
	for i, t := range s.cut {
		*t = text.New(kept[from:s.ends[i]])
		from = s.ends[i]
	}
}

// saysNo reports whether a result is negative or missing.
func saysNo(e Eval) bool {
	return e.State() != EvalScored || e.Kind() == ValuePass && !e.Passed()
}
