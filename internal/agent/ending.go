package agent

import "time"

// patience is how long to wait for a program after closing its stdin, and after SIGTERM; and
// how long to wait for what normally happens at once: that a killed process is gone, and that
// the rest of the output is read.
type patience struct{ afterInput, afterAsking, last time.Duration }

// endGroup ends what is left of the process group, with SIGTERM first.
func (p *Process) endGroup() {
	if p.group.Gone() {
		return
	}
	p.group.Terminate()
	if !p.gone(p.patience.afterAsking) {
		p.group.Kill()
		p.gone(p.patience.last / 10)
	}
}

// gone waits for the group to be gone and reports whether it is.
func (p *Process) gone(limit time.Duration) bool {
	end, look := time.NewTimer(limit), time.NewTicker(groupPoll)
	defer end.Stop()
	defer look.Stop()
	for !p.group.Gone() {
		select {
		case <-end.C:
			return false
		case <-look.C:
		}
	}
	return true
}

// within waits for c to be closed and reports whether that happened in time.
func within(limit time.Duration, c <-chan struct{}) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-c:
		return true
	case <-timer.C:
		return isClosed(c)
	}
}

// positive is v if that is positive, else otherwise.
func positive(v, otherwise time.Duration) time.Duration {
	if v > 0 {
		return v
	}
	return otherwise
}
