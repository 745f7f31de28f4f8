package redact

import (
	"io"
	"strings"
	"sync"
)

// Writer replaces secrets in what is written to it. It holds back only a tail that may be
// the beginning of a secret; [Writer.Flush] writes that too. It is safe for concurrent
// use.
type Writer struct {
	redactor *Redactor
	w        io.Writer

	mu   sync.Mutex
	held string
	// covered is how many bytes of held belong to a secret whose stars are already
	// written: the next secret may begin inside the previous one.
	covered int
}

// Write redacts p. When the underlying writer fails, what was held back is lost.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.redactor == nil {
		return w.w.Write(p)
	}
	s := w.held + string(p)
	limit := w.redactor.held(s)
	if limit == 0 && w.covered == 0 {
		w.held = s
		return len(p), nil
	}
	var err error
	if spans := w.redactor.spans(s, w.covered); len(spans) == 0 && w.held == "" {
		// The usual case, without copying.
		w.held = s[limit:]
		_, err = w.w.Write(p[:limit])
	} else {
		err = w.emit(s, limit, spans)
	}
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush writes what was held back. Call it when nothing follows.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.held == "" {
		return nil
	}
	return w.emit(w.held, len(w.held), w.redactor.spans(w.held, w.covered))
}

// emit writes s up to limit, with stars for the spans, and holds back the rest.
func (w *Writer) emit(s string, limit int, spans []span) error {
	var b strings.Builder
	end, covered := 0, 0
	for _, span := range spans {
		if span.start >= limit {
			break
		}
		b.WriteString(s[end:span.start])
		if span.start > 0 || w.covered == 0 {
			b.WriteString(stars)
		}
		end = span.end
	}
	switch {
	case limit == 0:
		covered = w.covered
	case end > limit:
		covered = end - limit
	default:
		b.WriteString(s[end:limit])
	}
	w.held, w.covered = s[limit:], covered
	if b.Len() == 0 {
		return nil
	}
	_, err := io.WriteString(w.w, b.String())
	return err
}

// spans is find for a text whose first covered bytes are already replaced.
func (r *Redactor) spans(s string, covered int) []span {
	spans := r.find(s)
	if covered > 0 {
		spans = merge(append(spans, span{0, covered}))
	}
	return spans
}
