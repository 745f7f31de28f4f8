package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// stateName is the value handed to GitHub's post step, where it is STATE_record.
const stateName = "record"

// stateLimit bounds what is read of a state file, in bytes; a record has a few hundred.
const stateLimit = 1 << 20

// stateSpace is the name space of the names of state files.
var stateSpace = uuid.MustParse("b3b1f0b4-7a1e-5d0c-8f1d-2f6f0c7f1a52")

// journal keeps the record of a run in the state file, and where GitHub's post step
// gets it.
type journal struct {
	path   string
	files  ci.CommandFiles
	redact func(string) string
}

// journal is where the run notes what it started.
func (s *session) journal() gate.Journal {
	return journal{path: s.statePath(), files: s.files, redact: s.redactor.String}
}

// Write implements gate.Journal.
func (j journal) Write(record gate.Record) error {
	encoded, err := json.Marshal(record)
	if err != nil {
		return err
	}
	line := j.redact(string(encoded)) // a name is the user's, and may be anything
	err = j.files.SaveState(stateName, line)
	if j.path == "" {
		return err
	}
	return errors.Join(err, ci.WriteStateFile(j.path, func(w io.Writer) error {
		_, err := io.WriteString(w, line+"\n")
		return err
	}))
}

// statePath is the state file: the input, or in a CI system a file of its own for each
// job attempt and step, which cleanup finds again. Elsewhere there is none, since two
// runs on one machine would share it.
func (s *session) statePath() string {
	if s.config.StateFile != "" {
		return s.config.StateFile
	}
	c := s.context
	if c.RunID == "" || c.TempDir == "" {
		return ""
	}
	job := strings.Join([]string{string(c.Provider), c.Repository.Raw(), c.RunID, c.Attempt, c.Job.Raw(), c.Step, c.Runner}, "\x00")
	return filepath.Join(c.TempDir, "agent-gate-"+uuid.NewSHA1(stateSpace, []byte(job)).String()+".json")
}

// record reads what a run noted; found is false when there is nothing.
func (s *session) record() (record gate.Record, found bool, _ error) {
	var damaged error
	if path := s.statePath(); path != "" {
		encoded, err := readFile(path, stateLimit)
		if err == nil {
			if record, err = decodeRecord(encoded); err == nil {
				return record, true, nil
			}
		}
		if !errors.Is(err, fs.ErrNotExist) {
			damaged = err
		}
	}
	if saved := s.getenv("STATE_" + stateName); saved != "" {
		record, err := decodeRecord([]byte(saved))
		if err != nil {
			return gate.Record{}, false, errors.Join(damaged, err)
		}
		return record, true, nil
	}
	return gate.Record{}, false, damaged
}

// decodeRecord reads a record. What has no known step is none.
func decodeRecord(encoded []byte) (gate.Record, error) {
	var record gate.Record
	if err := json.Unmarshal(encoded, &record); err != nil {
		return gate.Record{}, err
	}
	if !record.Step.Known() {
		return gate.Record{}, fmt.Errorf("it has no step that is known: %q", text.New(string(record.Step)))
	}
	return record, nil
}

// cleanupTime bounds the command cleanup. GitLab gives after_script five minutes.
const cleanupTime = 2 * time.Minute

// cleanup cancels what a killed run left behind. It says nothing when there is nothing
// to do, whatever the inputs are, which the run has complained of already. It never fails
// a job, neither over a state file that it cannot read nor over inputs; only flags given
// by hand have to be right.
func (s *session) cleanup(ctx context.Context, flags []string, misconfigured error) int {
	if misconfigured != nil && len(flags) > 0 {
		for _, m := range mistakesOf(misconfigured) {
			s.log.Error("%s", m)
		}
		return verdict.ExitConfig
	}
	record, found, err := s.record()
	switch {
	case err != nil:
		s.log.Warn("The state file is damaged, so nothing can be cleaned up; look in the dashboard for what the job may have left running: %s", text.New(err.Error()))
		return verdict.ExitOK
	case !found || !record.LeftBehind():
		s.log.Debug("Nothing to clean up.")
		return verdict.ExitOK
	}
	s.begin()
	if why := s.cannotClean(record, misconfigured); !why.IsEmpty() {
		s.log.Warn("Cleanup: nothing can be cancelled: %s; look in the dashboard for what the job may have left running (run test %s, execution %s)",
			why, orUnknown(record.RunTestID), orUnknown(record.ExecutionID))
		return verdict.ExitOK
	}
	api, err := s.client(nil)
	if err != nil {
		s.log.Error("%s", text.New(err.Error()))
		return verdict.ExitConfig
	}
	ctx, cancel := context.WithTimeout(ctx, cleanupTime)
	defer cancel()
	done := gate.Gate{API: api, Config: s.config, Journal: s.journal()}.Cleanup(ctx, record)
	if !done.IsEmpty() {
		s.log.Info("Cleanup: %s.", done)
	}
	return verdict.ExitOK
}

// cannotClean says why cleanup cannot cancel anything; empty when it can.
func (s *session) cannotClean(record gate.Record, misconfigured error) text.Untrusted {
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

// orUnknown is a UUID for a sentence.
func orUnknown(u uuid.UUID) string {
	if u == uuid.Nil {
		return "not known"
	}
	return u.String()
}
