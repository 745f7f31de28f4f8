package command

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/journal"
	"github.com/agent-gate/agent-gate/internal/state"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// cleanupTime bounds the command cleanup. GitLab allows after_script five minutes.
const cleanupTime = 2 * time.Minute

// leftover is what a process left behind.
type leftover struct {
	record paid.Record
	file   *state.File // nil when GitHub passed on the record
}

// cleanup cancels what killed runs left behind, according to their state files, and
// removes the files of finished ones. It never fails a job over an unreadable state file
// or bad inputs from the environment; only flags have to be valid, and only if there is
// something to do.
func (s *session) cleanup(ctx context.Context, flags []string, misconfigured error) int {
	left := s.leftovers()
	defer func() {
		for _, l := range left {
			if l.file != nil {
				_ = l.file.Close() // no effect on one that was removed
			}
		}
	}()
	if len(left) == 0 {
		s.log.Debug("Nothing to clean up.")
		return verdict.ExitOK
	}
	if misconfigured != nil && len(flags) > 0 {
		return s.mistaken(misconfigured)
	}
	s.begin()
	ctx, cancel := context.WithTimeout(ctx, cleanupTime)
	defer cancel()
	for _, l := range left {
		if code := s.cleanOne(ctx, l, misconfigured); code != verdict.ExitOK {
			return code
		}
	}
	return verdict.ExitOK
}

// leftovers returns the records of processes that are gone and may have left something
// running. It removes the files of finished ones.
func (s *session) leftovers() []leftover {
	var left []leftover
	if folder := s.stateFolder(); !folder.IsZero() {
		found, err := folder.All()
		if err != nil {
			s.log.Warn("Cleanup: the state files in %s cannot be used: %s; check the dashboard for anything the job left running", text.New(folder.String()), text.New(err.Error()))
		}
		for _, f := range found {
			record, err := journal.Read(f)
			switch {
			case state.Lives(err):
				s.log.Info("Cleanup: leaving a run alone that is still in progress (its process is alive).")
			case errors.Is(err, state.ErrForeign):
				s.log.Warn("Cleanup: leaving a state file alone that is not ours: %s", text.New(err.Error()))
			case journal.IsGone(err):
				_ = f.Remove()
			case err != nil:
				s.log.Warn("Cleanup: a state file is damaged; check the dashboard for anything the job left running: %s", text.New(err.Error()))
				_ = f.Close()
			case !record.LeftBehind():
				_ = f.Remove()
			default:
				left = append(left, leftover{record, f.File})
			}
		}
	}
	saved, damaged := journal.Saved(s.Environ)
	for _, err := range damaged {
		s.log.Warn("Cleanup: the state saved by the step is damaged; check the dashboard for anything the job left running: %s", text.New(err.Error()))
	}
	for _, record := range saved {
		if record.LeftBehind() && !covered(record, left) {
			left = append(left, leftover{record: record})
		}
	}
	return left
}

// covered reports whether a file already has what a record says.
func covered(record paid.Record, left []leftover) bool {
	for _, l := range left {
		if l.record.RunTestID == record.RunTestID && l.record.ExecutionID == record.ExecutionID {
			return true
		}
	}
	return false
}

// cleanOne cancels what one process left behind.
func (s *session) cleanOne(ctx context.Context, l leftover, misconfigured error) int {
	record := l.record
	if why := s.cannotClean(record, misconfigured); !why.IsEmpty() {
		s.log.Warn("Cleanup: cannot cancel anything: %s; check the dashboard for anything the job left running (run test %s, execution %s)",
			why, orUnknown(record.RunTestID), orUnknown(record.ExecutionID))
		return verdict.ExitOK
	}
	api, err := s.client(nil)
	if err != nil {
		return s.mistaken(err)
	}
	j := journal.Of(record, l.file, journal.Options{Folder: s.stateFolder(), Files: s.files, Redact: s.redactor.String})
	done := gate.Gate{API: api, Config: s.config, Journal: j, Others: j.Others}.Cleanup(ctx, record)
	if !done.IsEmpty() {
		s.log.Info("Cleanup: %s.", done)
	}
	if l.file != nil && !j.Last().LeftBehind() {
		_ = l.file.Remove()
	}
	return verdict.ExitOK
}

// cannotClean returns why cleanup cannot cancel anything; empty when it can.
func (s *session) cannotClean(record paid.Record, misconfigured error) text.Untrusted {
	if misconfigured != nil {
		return text.Join("; ", mistakesOf(misconfigured)...)
	}
	if !s.config.Credentials {
		return s.missingCredentials()
	}
	if base := s.config.API.BaseURL.String(); record.BaseURL != base {
		return text.Sprintf("the run was on %s, but base-url is %s", text.New(record.BaseURL), base)
	}
	return text.Untrusted{}
}

// orUnknown formats a UUID for a message.
func orUnknown(u uuid.UUID) string {
	if u == uuid.Nil {
		return "unknown"
	}
	return u.String()
}
