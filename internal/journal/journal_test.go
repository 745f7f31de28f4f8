package journal

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/gate/paid"
	"github.com/agent-gate/agent-gate/internal/state"
)

func same(s string) string { return s }

// started is a record of an execution that runs.
func started(key string) paid.Record {
	return paid.Record{Step: paid.StepStarted, Key: key, Owned: true, RunTestID: uuid.New(), ExecutionID: uuid.New()}
}

func TestEachGateHasAJournalOfItsOwn(t *testing.T) {
	t.Parallel()
	folder := state.At(filepath.Join(t.TempDir(), "state"))
	open := func(key string) (*Journal, *paid.Record) {
		j, earlier, err := Open(Options{Folder: folder, Redact: same, Key: key, Gate: key})
		if err != nil {
			t.Fatal(err)
		}
		return j, earlier
	}
	a, _ := open("a")
	b, _ := open("b")
	finished := started("a")
	finished.Step = paid.StepFinished
	for j, record := range map[*Journal]paid.Record{a: finished, b: started("b")} {
		if err := j.Write(record); err != nil {
			t.Fatal(err)
		}
		if j.Others() {
			t.Errorf("another gate counts as another process of %s", record.Key)
		}
	}
	for _, j := range []*Journal{a, b} {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
	found, err := folder.All()
	if err != nil || len(found) != 1 {
		t.Fatalf("%d files are left, error %v, want that of the gate that left something running", len(found), err)
	}
	left, err := Read(found[0])
	if err != nil || left.Key != "b" || !left.Judged {
		t.Errorf("%+v, error %v", left, err)
	}
	_ = found[0].Close()
}

func TestAKilledGateIsTakenUpByItself(t *testing.T) {
	t.Parallel()
	folder := state.At(filepath.Join(t.TempDir(), "state"))
	for _, key := range []string{"a", "b"} {
		j, _, err := Open(Options{Folder: folder, Redact: same, Key: key})
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Write(started(key)); err != nil {
			t.Fatal(err)
		}
		_ = j.file.Close() // as the end of the process does
	}
	for _, key := range []string{"a", "b"} {
		j, earlier, err := Open(Options{Folder: folder, Redact: same, Key: key})
		if err != nil || earlier == nil || earlier.Key != key {
			t.Errorf("%s: took up %+v, error %v", key, earlier, err)
		}
		if j.Others() {
			t.Errorf("%s: the process that is continued counts as another one that is running", key)
		}
	}
}

func TestThePostStepHasARecordOfEachGate(t *testing.T) {
	t.Parallel()
	encoded, err := json.Marshal(started("x"))
	if err != nil {
		t.Fatal(err)
	}
	records, damaged := Saved([]string{
		"STATE_record=" + string(encoded), "STATE_record_voice=" + string(encoded), "STATE_record_chat=damaged", "STATE_record_empty=",
		"STATE_recorded=" + string(encoded), "STATE_other=" + string(encoded), "record=" + string(encoded),
	})
	if len(records) != 2 || len(damaged) != 1 {
		t.Errorf("%d records and %d damaged ones, want 2 and 1", len(records), len(damaged))
	}
}
