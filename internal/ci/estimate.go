package ci

import (
	"fmt"
	"strings"
	"time"
)

// statusLimit is the longest status that a progress line shows, in characters.
const statusLimit = 40

// rate is how fast calls end, as far as it was seen: an execution that is attached to
// may have ended most of its calls before.
type rate struct {
	first, last     int
	firstAt, lastAt time.Time
	total           int // 0: not known
}

// observe notes how many calls had ended at a time. Fewer than before mean that some
// run again, and that the rate is to be learned anew.
func (r *rate) observe(s Standing, at time.Time) {
	r.total = 0
	if s.Total != nil {
		r.total = *s.Total
	}
	switch {
	case s.Done == nil:
	case r.firstAt.IsZero() || *s.Done < r.last:
		r.first, r.firstAt, r.last, r.lastAt = *s.Done, at, *s.Done, at
	case *s.Done > r.last:
		r.last, r.lastAt = *s.Done, at
	}
}

// left estimates the time until all calls have ended; 0 when that is not known.
func (r *rate) left(now time.Time) time.Duration {
	ended := r.last - r.first
	if ended <= 0 || r.last >= r.total {
		return 0
	}
	perCall := r.lastAt.Sub(r.firstAt) / time.Duration(ended)
	return max(0, perCall*time.Duration(r.total-r.last)-now.Sub(r.lastAt))
}

// describe says in one line where an execution stands.
func describe(s Standing, elapsed, left time.Duration) string {
	var parts []string
	switch {
	case s.Done != nil && s.Total != nil:
		parts = append(parts, fmt.Sprintf("%d of %d calls done", *s.Done, *s.Total))
	case s.Done != nil:
		parts = append(parts, fmt.Sprintf("%d calls done", *s.Done))
	case s.Total != nil:
		parts = append(parts, fmt.Sprintf("%d calls", *s.Total))
	}
	if s.Failed != nil && *s.Failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", *s.Failed))
	}
	parts = append(parts, clock(elapsed)+" elapsed")
	if left >= time.Second {
		parts = append(parts, "about "+clock(left)+" left")
	}
	status := s.Status.LineMax(statusLimit)
	if status == "" {
		status = "unknown"
	}
	return status + ": " + strings.Join(parts, ", ")
}

// clock writes a duration to the second: 45s, 3m05s, 1h02m05s.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	}
	return fmt.Sprintf("%dh%02dm%02ds", s/3600, s/60%60, s%60)
}

// fit cuts a line so that it does not wrap: a wrapped line cannot be drawn anew. The
// last column stays free, since some terminals wrap when it is filled. A width that is
// not known is taken for 80.
func fit(line string, width int) string {
	if width <= 0 {
		width = 80
	}
	columns := 0
	for i, r := range line {
		columns += columnsOf(r)
		if columns > width-1 {
			return line[:i]
		}
	}
	return line
}

// columnsOf is how many columns a character takes at most. Hangul and what follows
// may be wide; to count a narrow one twice only cuts the line early.
func columnsOf(r rune) int {
	if r >= 0x1100 {
		return 2
	}
	return 1
}
