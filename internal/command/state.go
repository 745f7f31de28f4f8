package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/gate/runname"
	"github.com/agent-gate/agent-gate/internal/state"
	"github.com/agent-gate/agent-gate/internal/text"
)

// stateName is the value passed to GitHub's post step, where it is the variable
// STATE_record.
const stateName = "record"

// stateSpace is the UUID name space of state folder names.
var stateSpace = uuid.MustParse("b3b1f0b4-7a1e-5d0c-8f1d-2f6f0c7f1a52")

// journal writes the record of a run to a state file and to GitHub's post step.
type journal struct {
	file   *state.File // nil without a state folder
	files  ci.CommandFiles
	redact func(string) string
	last   paid.Record
	folder state.Folder // zero without one
	key    string       // of the run
	began  time.Time
	// taken are the files of earlier processes whose run this one continues.
	taken []*state.File
}

// Write implements paid.Journal.
func (j *journal) Write(record paid.Record) error {
	j.last = record
	encoded, err := json.Marshal(record)
	if err != nil {
		return err
	}
	line := j.redact(string(encoded)) // names are the user's and may contain anything
	err = j.files.SaveState(stateName, line)
	if j.file == nil {
		return err
	}
	return errors.Join(err, j.file.Write(line))
}

// close ends the journal once the verdict is reported. A finished record is removed,
// unless another process of the same run is alive and has to know about this one. What
// may still be running is left for cleanup, marked so that no later start continues it.
func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	var err error
	switch {
	case j.last.LeftBehind(), j.last.Step != "" && j.others():
		j.last.Judged = true
		err = errors.Join(j.Write(j.last), j.file.Close())
	default:
		err = errors.Join(j.file.Remove(), j.tidy())
	}
	for _, f := range j.taken {
		err = errors.Join(err, f.Remove())
	}
	return err
}

// tidy removes the finished records of processes that are gone.
func (j *journal) tidy() error {
	found, err := j.folder.All()
	for _, f := range found {
		if f.Err != nil {
			continue
		}
		if record, readErr := recordOf(f); readErr == nil && !record.LeftBehind() {
			err = errors.Join(err, f.Remove())
		} else {
			err = errors.Join(err, f.Close())
		}
	}
	return err
}

// others reports whether another process of the same run is alive, or has been since this
// one began.
func (j *journal) others() bool {
	if j.folder.IsZero() {
		return false
	}
	found, err := j.folder.All()
	if err != nil {
		return false
	}
	other := false
	for _, f := range found {
		if f.Err == nil {
			defer f.Close()
		}
		if j.file != nil && f.String() == j.file.String() || f.Err != nil && !state.Lives(f.Err) {
			continue
		}
		encoded, err := f.Read()
		if err != nil {
			continue
		}
		record, err := decodeRecord(encoded)
		if err == nil && record.Key == j.key && (f.Err != nil || f.WrittenAt().After(j.began)) {
			other = true
		}
	}
	return other
}

// journal returns where the run records what it started, and what an earlier process of
// the same attempt and inputs recorded before it was killed; nil when there is none.
func (s *session) journal(runName string) (_ *journal, earlier *paid.Record) {
	j := &journal{files: s.files, redact: s.redactor.String, folder: s.stateFolder(), key: runname.Key(runName), began: time.Now()}
	if j.folder.IsZero() {
		if s.getenv("CI") != "" {
			s.log.Warn("Unknown CI system: nothing cancels what a killed run leaves running, and a restarted run pays again. Set state-file, and run agent-gate cleanup with it afterwards.")
		}
		return j, nil
	}
	found, err := j.folder.All()
	if err != nil {
		s.warnState(err)
		j.folder = state.Folder{}
		return j, nil
	}
	var newest *state.File
	for _, f := range found {
		record, err := recordOf(f)
		if err == nil && record.Unfinished() && record.Key == j.key && (newest == nil || f.WrittenAt().After(newest.WrittenAt())) {
			earlier, newest = &record, f.File
		}
	}
	for _, f := range found {
		switch {
		case f.Err != nil:
		case f.File == newest:
			j.taken = append(j.taken, f.File) // stays locked, so that nobody else continues it
		default:
			_ = f.Close()
		}
	}
	if j.file, err = j.folder.New(); err != nil {
		j.file = nil
		s.warnState(err)
	}
	return j, earlier
}

// warnState warns that nothing records what the run starts.
func (s *session) warnState(err error) {
	s.log.Warn("Cannot use the state file, so cleanup will not find this run if it is killed: %s", text.New(err.Error()))
}

// stateFolder returns the folder of state files: the input, or in a CI system one per job
// attempt, which the post step finds again. Anywhere else there is none, because nothing
// says which runs on a machine belong together.
func (s *session) stateFolder() state.Folder {
	if s.config.StateFile != "" {
		return state.At(s.config.StateFile)
	}
	c := s.context
	if c.RunID == "" || c.TempDir == "" {
		return state.Folder{}
	}
	job := strings.Join([]string{string(c.Provider), c.Repository.Raw(), c.RunID, c.Attempt, c.Job.Raw()}, "\x00")
	return state.At(filepath.Join(c.TempDir, "agent-gate-"+uuid.NewSHA1(stateSpace, []byte(job)).String()))
}

// recordOf reads the record of a process.
func recordOf(f state.Found) (paid.Record, error) {
	if f.Err != nil {
		return paid.Record{}, f.Err
	}
	encoded, err := f.Read()
	if err != nil {
		return paid.Record{}, err
	}
	return decodeRecord(encoded)
}

// decodeRecord parses a record. One without a known step is invalid.
func decodeRecord(encoded []byte) (paid.Record, error) {
	var record paid.Record
	if err := json.Unmarshal(encoded, &record); err != nil {
		return paid.Record{}, err
	}
	if !record.Step.Known() {
		return paid.Record{}, fmt.Errorf("unknown step %q", text.New(string(record.Step)))
	}
	return record, nil
}

// isGone reports whether a file was removed since it was found.
func isGone(err error) bool { return errors.Is(err, fs.ErrNotExist) }
