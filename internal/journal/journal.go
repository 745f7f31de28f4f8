// Package journal writes what a run has started to the state file of its process and to GitHub's post step,
// and reads what earlier processes wrote. What is to be done about that is decided elsewhere.
package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/state"
	"github.com/agent-gate/agent-gate/internal/text"
)

// stateName is the value passed to GitHub's post step, where it is the variable STATE_record. Each gate of a
// suite has one of its own, STATE_record_NAME.
const stateName = "record"

// stateSpace is the UUID name space of state folder names.
var stateSpace = uuid.MustParse("b3b1f0b4-7a1e-5d0c-8f1d-2f6f0c7f1a52")

// Options say where a run records what it started.
type Options struct {
	Folder state.Folder // zero for none
	Files  ci.CommandFiles
	Redact func(string) string
	// Key identifies the run, as package runname has it. Gate is its gate in a suite; empty if there is none.
	Key, Gate string
}

// Journal writes the record of a run.
type Journal struct {
	Options
	file  *state.File // nil without a state folder
	last  paid.Record
	began time.Time
	// taken are the files of earlier processes whose run this one continues.
	taken []*state.File
}

var _ paid.Journal = (*Journal)(nil)

// Open makes the journal of a run, and returns what an earlier process of the same attempt and inputs recorded
// before it was killed; nil if there was none. After an error the journal works, but leaves no file.
func Open(o Options) (_ *Journal, earlier *paid.Record, _ error) {
	j := &Journal{Options: o, began: time.Now()}
	if o.Folder.IsZero() {
		return j, nil, nil
	}
	found, err := o.Folder.All()
	if err != nil {
		j.Folder = state.Folder{}
		return j, nil, err
	}
	var newest *state.File
	for _, f := range found {
		record, err := Read(f)
		if err == nil && record.Unfinished() && record.Key == o.Key && (newest == nil || f.WrittenAt().After(newest.WrittenAt())) {
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
	if j.file, err = o.Folder.New(); err != nil {
		j.file = nil
	}
	return j, earlier, err
}

// Of makes the journal of a record that another process left, in its file; nil if it left none.
func Of(record paid.Record, file *state.File, o Options) *Journal {
	o.Key = record.Key
	return &Journal{Options: o, file: file, last: record}
}

// Last is the last record that was written.
func (j *Journal) Last() paid.Record { return j.last }

// Write implements [paid.Journal].
func (j *Journal) Write(record paid.Record) error {
	j.last = record
	encoded, err := json.Marshal(record)
	if err != nil {
		return err
	}
	line := j.Redact(string(encoded)) // names are the user's and may contain anything
	name := stateName
	if j.Gate != "" {
		name += "_" + j.Gate
	}
	err = j.Files.SaveState(name, line)
	if j.file == nil {
		return err
	}
	return errors.Join(err, j.file.Write(line))
}

// Close ends the journal once the verdict is reported. A finished record is removed, unless another process
// of the same run is alive and has to know about this one. What may still be running is left for cleanup,
// marked so that no later start continues it.
func (j *Journal) Close() error {
	if j.file == nil {
		return nil
	}
	var err error
	switch {
	case j.last.Left:
		err = j.file.Close()
	case j.last.LeftBehind(), j.last.Step != "" && j.Others():
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
func (j *Journal) tidy() error {
	found, err := j.Folder.All()
	for _, f := range found {
		if f.Err != nil {
			continue
		}
		if record, readErr := Read(f); readErr == nil && !record.LeftBehind() && !record.Unfinished() {
			err = errors.Join(err, f.Remove())
		} else {
			err = errors.Join(err, f.Close())
		}
	}
	return err
}

// hasTaken reports whether a file is that of a process which is gone and whose run this one continues.
func (j *Journal) hasTaken(f state.Found) bool {
	return slices.ContainsFunc(j.taken, func(taken *state.File) bool { return taken.String() == f.String() })
}

// Others reports whether another process of the same run is alive, or has been since this one began.
func (j *Journal) Others() bool {
	if j.Folder.IsZero() {
		return false
	}
	found, err := j.Folder.All()
	if err != nil {
		return false
	}
	other := false
	for _, f := range found {
		if f.Err == nil {
			defer f.Close()
		}
		if j.file != nil && f.String() == j.file.String() || j.hasTaken(f) || f.Err != nil && !state.Lives(f.Err) {
			continue
		}
		encoded, err := f.Read()
		if err != nil {
			continue
		}
		record, err := decode(encoded)
		if err == nil && record.Key == j.Key && (f.Err != nil || f.WrittenAt().After(j.began)) {
			other = true
		}
	}
	return other
}

// FolderOf returns the folder of state files of a job attempt, which the post step finds again. It is zero
// where nothing says which runs on a machine belong together: outside of a CI system.
func FolderOf(c job.Context) state.Folder {
	if c.RunID == "" || c.TempDir == "" {
		return state.Folder{}
	}
	job := strings.Join([]string{string(c.Provider), c.Repository.Raw(), c.RunID, c.Attempt, c.Job.Raw()}, "\x00")
	return state.At(filepath.Join(c.TempDir, "agent-gate-"+uuid.NewSHA1(stateSpace, []byte(job)).String()))
}

// Read reads the record of a process.
func Read(f state.Found) (paid.Record, error) {
	if f.Err != nil {
		return paid.Record{}, f.Err
	}
	encoded, err := f.Read()
	if err != nil {
		return paid.Record{}, err
	}
	return decode(encoded)
}

// Saved reads the records that GitHub's post step got from the step, by its environment. Damaged are those
// that cannot be read.
func Saved(environ []string) (records []paid.Record, damaged []error) {
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if gate, ok := strings.CutPrefix(name, "STATE_"+stateName); !ok || gate != "" && gate[0] != '_' || value == "" {
			continue
		}
		record, err := decode([]byte(value))
		if err != nil {
			damaged = append(damaged, err)
			continue
		}
		records = append(records, record)
	}
	return records, damaged
}

// decode parses a record. One without a known step is invalid.
func decode(encoded []byte) (paid.Record, error) {
	var record paid.Record
	if err := json.Unmarshal(encoded, &record); err != nil {
		return paid.Record{}, err
	}
	if !record.Step.Known() {
		return paid.Record{}, fmt.Errorf("unknown step %q", text.New(string(record.Step)))
	}
	return record, nil
}

// IsGone reports whether a file was removed since it was found.
func IsGone(err error) bool { return errors.Is(err, fs.ErrNotExist) }
