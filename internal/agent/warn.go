package agent

import (
	"sync"

	"github.com/agent-gate/agent-gate/internal/text"
)

// maxWarnings is how many warnings an agent can cause. A program that logs to stdout would
// otherwise fill every report.
const maxWarnings = 20

// warner passes on the first [maxWarnings] warnings and does not build any others, because a
// program may write garbage endlessly. hear may be nil.
type warner struct {
	hear func(text.Untrusted)
	mu   sync.Mutex
	said int
}

func (w *warner) warn(warning func() text.Untrusted) {
	if w.hear == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch w.said++; {
	case w.said < maxWarnings:
		w.hear(warning())
	case w.said == maxWarnings:
		w.hear(text.Sprintf("%s; there may be more such warnings, they are left out", warning()))
	}
}
