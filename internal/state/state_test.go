package state_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/agent-gate/agent-gate/internal/state"
)

// written creates the file of a process, with one line in it.
func written(t *testing.T, f state.Folder, line string) *state.File {
	t.Helper()
	file, err := f.New()
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Write(line); err != nil {
		t.Fatal(err)
	}
	return file
}

// all are the files in a folder, which must be readable.
func all(t *testing.T, f state.Folder) []state.Found {
	t.Helper()
	found, err := f.All()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestEachProcessHasAFileOfItsOwn(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"folder": "attempt", "prefix": "state.json"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := state.At(filepath.Join(t.TempDir(), path))
			lives, killed := written(t, folder, "lives"), written(t, folder, "killed")
			if err := killed.Close(); err != nil { // as its end does
				t.Fatal(err)
			}
			for _, f := range all(t, folder) {
				switch f.String() {
				case lives.String():
					if !state.Lives(f.Err) {
						t.Errorf("the file of a living process can be used: %v", f.Err)
					}
				case killed.String():
					got, err := f.Read()
					if f.Err != nil || err != nil || string(got) != "killed" {
						t.Errorf("the file of a killed process: %q, %v, %v", got, f.Err, err)
					}
					if err := f.Remove(); err != nil {
						t.Error(err)
					}
				default:
					t.Errorf("unexpected file %s", f)
				}
			}
			if err := lives.Remove(); err != nil {
				t.Error(err)
			}
			if left := all(t, folder); len(left) != 0 {
				t.Errorf("%d files are left", len(left))
			}
			if _, err := os.Stat(folder.String()); name == "folder" && !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the empty folder is left: %v", err)
			}
		})
	}
}

func TestAFileThatIsTakenUpIsTakenUpOnce(t *testing.T) {
	t.Parallel()
	folder := state.At(filepath.Join(t.TempDir(), "attempt"))
	if err := written(t, folder, "killed").Close(); err != nil {
		t.Fatal(err)
	}
	first, second := all(t, folder), all(t, folder)
	if first[0].Err != nil || !state.Lives(second[0].Err) {
		t.Errorf("first %v, second %v", first[0].Err, second[0].Err)
	}
}

func TestWhatOthersCanWriteIsNotBelieved(t *testing.T) {
	t.Parallel()
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "attempt")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		folder := state.At(dir)
		if _, err := folder.New(); !errors.Is(err, state.ErrForeign) {
			t.Errorf("a file in it: %v", err)
		}
		if _, err := folder.All(); !errors.Is(err, state.ErrForeign) {
			t.Errorf("its files: %v", err)
		}
	})
	t.Run("link in place of the folder", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		elsewhere := filepath.Join(dir, "elsewhere")
		if err := errors.Join(os.Mkdir(elsewhere, 0o700), os.Symlink(elsewhere, filepath.Join(dir, "attempt"))); err != nil {
			t.Fatal(err)
		}
		if _, err := state.At(filepath.Join(dir, "attempt")).New(); !errors.Is(err, state.ErrForeign) {
			t.Errorf("a file behind the link: %v", err)
		}
	})
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		folder := state.At(filepath.Join(t.TempDir(), "state.json"))
		f := written(t, folder, "planted")
		if err := errors.Join(f.Close(), os.Chmod(f.String(), 0o666)); err != nil {
			t.Fatal(err)
		}
		if _, err := all(t, folder)[0].Read(); !errors.Is(err, state.ErrForeign) {
			t.Errorf("it was read: %v", err)
		}
	})
	t.Run("link in place of the file", func(t *testing.T) {
		t.Parallel()
		folder := state.At(filepath.Join(t.TempDir(), "state.json"))
		f := written(t, folder, "mine")
		target := filepath.Join(t.TempDir(), "target")
		if err := errors.Join(os.WriteFile(target, []byte("theirs"), 0o600), os.Remove(f.String()), os.Symlink(target, f.String())); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Read(); !errors.Is(err, state.ErrForeign) {
			t.Errorf("the link was read: %v", err)
		}
		if err := f.Write("again"); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(target); err != nil || string(got) != "theirs" {
			t.Errorf("the target of the link holds %q, %v", got, err)
		}
	})
}

func TestAGlanceAtAFileIsNoLife(t *testing.T) {
	t.Parallel()
	folder := state.At(filepath.Join(t.TempDir(), "attempt"))
	if err := written(t, folder, "killed").Close(); err != nil {
		t.Fatal(err)
	}
	found := all(t, folder)
	if !found[0].WrittenAt().Before(time.Now().Add(time.Minute)) || found[0].WrittenAt().IsZero() {
		t.Errorf("written at %s", found[0].WrittenAt())
	}
	released := make(chan error)
	go func() { released <- found[0].Close() }() // within the glance of the next look
	second := all(t, folder)
	if err := <-released; err != nil || second[0].Err != nil {
		t.Errorf("the file of a killed process: %v, %v", err, second[0].Err)
	}
}
