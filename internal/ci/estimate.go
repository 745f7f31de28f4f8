package ci

import (
	"fmt"
	"strings"
	"time"
)

// statusLimit is the longest status in a progress line, in characters.
const statusLimit = 40

// rate is how fast calls end, from what was observed: an execution that we attached to
// may have finished most of its calls before.
type rate struct {
	first, last     int
	firstAt, lastAt time.Time
	total           int // 0: unknown
}

// observe records how many calls had ended at a time. A lower number than before means
// that some are being rerun, and the rate starts over.
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

// left estimates the time until all calls have ended; 0 when unknown.
func (r *rate) left(now time.Time) time.Duration {
	ended := r.last - r.first
	if ended <= 0 || r.last >= r.total {
		return 0
	}
	perCall := r.lastAt.Sub(r.firstAt) / time.Duration(ended)
	return max(0, perCall*time.Duration(r.total-r.last)-now.Sub(r.lastAt))
}

// describe sums up an execution in one line.
func describe(s Standing, elapsed, left time.Duration) string {
	var parts []string
	switch {
	case s.Done != nil && s.Total != nil && *s.Total > 0:
		parts = append(parts, fmt.Sprintf("%d of %d calls done", *s.Done, *s.Total))
	case s.Done != nil && s.Total == nil:
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
	line := status + ": " + strings.Join(parts, ", ")
	if s.Trial > 0 {
		line = fmt.Sprintf("trial %d, %s", s.Trial, line)
	}
	return line
}

// clock formats a duration to the second: 45s, 3m05s, 1h02m05s.
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

// fit cuts a line so that it does not wrap, because a wrapped line cannot be redrawn. The
// last column stays free: some terminals wrap when it is filled. An unknown width counts
// as 80.
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

// columnsOf returns an upper bound of the columns that a character takes. Hangul and
// everything after it may be wide; counting a narrow one twice only cuts the line early.
func columnsOf(r rune) int {
	if r >= 0x1100 {
		return 2
	}
	return 1
}
