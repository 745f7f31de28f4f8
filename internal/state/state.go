// Package state records what a process has started in a file that outlives it: one file
// per process, in a folder per job attempt, with a lock that shows whether the process is
// still running. It does not know what the records say.
//
// The order of state.go: [Folder], [File] with its lock, writing and reading, and
// [Folder.All] to find what others left. own_unix.go and own_other.go check ownership.
//
// Strangers may be able to write to a folder for temporary files. So the folder is
// created for the user alone, links are not followed, and files of other users are
// neither trusted nor used.
package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/uuid"
)

// limit is the most that is read of a file, in bytes; a record has a few hundred.
const limit = 1 << 20

// The suffixes of a process's files.
const (
	recordSuffix = ".json"
	lockSuffix   = ".lock"
)

// ErrForeign reports a file or folder that another user created or can write to.
var ErrForeign = errors.New("it is not a folder of this user alone")

// Folder holds the state files of one job attempt.
type Folder struct {
	dir    string
	prefix string // of the names of its files
	// own means that the folder exists only for these files, and is removed when it is
	// empty.
	own bool
}

// At returns the folder for a path. An existing folder, a path with a trailing slash and
// a missing path without an extension are folders. Any other path is a prefix: the files
// are next to it, and their names begin with its name. Either way several processes can
// share one path.
func At(path string) Folder {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir(), strings.HasSuffix(path, "/"), err != nil && filepath.Ext(path) == "":
		return Folder{dir: filepath.Clean(path), own: true}
	}
	return Folder{dir: filepath.Dir(path), prefix: filepath.Base(path) + "."}
}

// String is the path of the folder.
func (f Folder) String() string { return filepath.Join(f.dir, f.prefix) }

// IsZero reports whether f is the zero Folder, which holds nothing.
func (f Folder) IsZero() bool { return f.dir == "" }

// check makes sure that nobody else can write to a folder that exists for the files.
func (f Folder) check() error {
	info, err := os.Lstat(f.dir)
	switch {
	case err != nil:
		return err
	case !info.IsDir(), f.own && !unwritable(info):
		return fmt.Errorf("%s: %w", f.dir, ErrForeign)
	}
	return nil
}

// File is the state file of one process, with its lock.
type File struct {
	folder Folder
	name   string // without its suffix
	lock   *flock.Flock
}

// New creates the lock of a new file for this process and holds it until Close or the end
// of the process. The file itself is created by [File.Write].
func (f Folder) New() (*File, error) {
	if f.own {
		if err := os.MkdirAll(filepath.Dir(f.dir), 0o755); err != nil {
			return nil, err
		}
		if err := os.Mkdir(f.dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	file := &File{folder: f, name: f.prefix + uuid.NewString()}
	return file, file.tryLock(os.O_CREATE | os.O_EXCL)
}

// tryLock takes the lock. The error satisfies [Lives] when a running process holds it.
func (f *File) tryLock(flags int) error {
	path := filepath.Join(f.folder.dir, f.name+lockSuffix)
	if info, err := os.Lstat(path); err == nil && (!info.Mode().IsRegular() || !private(info)) {
		return fmt.Errorf("%s: %w", path, ErrForeign)
	}
	f.lock = flock.New(path, flock.SetFlag(flags|os.O_RDWR|noFollow), flock.SetPermissions(0o600))
	// Another process may hold the lock for a moment, to see whether this one is running.
	ctx, cancel := context.WithTimeout(context.Background(), glance)
	defer cancel()
	locked, err := f.lock.TryLockContext(ctx, glance/4)
	if errors.Is(err, context.DeadlineExceeded) || err == nil && !locked {
		err = errLives
	}
	return err
}

// glance is how long to try for a lock.
const glance = 100 * time.Millisecond

// errLives reports a file whose process is running.
var errLives = errors.New("its process is running")

// Lives reports whether err means that the file's process is running.
func Lives(err error) bool { return errors.Is(err, errLives) }

// Write replaces the contents of the file atomically.
func (f *File) Write(line string) error {
	root, err := os.OpenRoot(f.folder.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	temporary := f.name + ".tmp"
	w, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, line+"\n")
	if err := errors.Join(err, w.Sync(), w.Close()); err != nil {
		return errors.Join(err, root.Remove(temporary))
	}
	return root.Rename(temporary, f.name+recordSuffix)
}

// Read returns the contents of the file without surrounding white space.
func (f *File) Read() ([]byte, error) {
	root, err := os.OpenRoot(f.folder.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Lstat(f.name + recordSuffix)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || !private(info):
		return nil, fmt.Errorf("%s: %w", f, ErrForeign)
	}
	r, err := root.Open(f.name + recordSuffix)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && len(data) > limit {
		err = fmt.Errorf("%s is larger than %d MiB", f, limit>>20)
	}
	return bytes.TrimSpace(data), err
}

// String is the path of the file.
func (f *File) String() string { return filepath.Join(f.folder.dir, f.name+recordSuffix) }

// Close releases the lock and leaves the file for cleanup or the next run.
func (f *File) Close() error { return f.lock.Close() }

// Remove deletes the file, and its folder if it is empty.
func (f *File) Remove() error {
	root, err := os.OpenRoot(f.folder.dir)
	if err != nil {
		return errors.Join(err, f.lock.Close())
	}
	err = root.Remove(f.name + recordSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	// Delete the lock last and while holding it, so that nobody takes the file for one
	// left behind.
	if lockErr := root.Remove(f.name + lockSuffix); !errors.Is(lockErr, fs.ErrNotExist) {
		err = errors.Join(err, lockErr)
	}
	err = errors.Join(err, f.lock.Close(), root.Close())
	if f.folder.own {
		_ = os.Remove(f.folder.dir) // fails unless it is empty
	}
	return err
}

// Found is a file in the folder: either left behind, and locked by us until closed or
// removed, or not usable.
type Found struct {
	*File
	// Err says why the file is left alone: its process is running, or it is not ours. Nil
	// when it can be used.
	Err error
}

// All returns the files in the folder, sorted by name; none if the folder does not exist.
func (f Folder) All() ([]Found, error) {
	err := f.check()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, err
	}
	var found []Found
	for _, e := range entries {
		name, isRecord := strings.CutSuffix(e.Name(), recordSuffix)
		id, ours := strings.CutPrefix(name, f.prefix)
		if !isRecord || !ours || uuid.Validate(id) != nil {
			continue
		}
		file := &File{folder: f, name: name}
		found = append(found, Found{File: file, Err: file.tryLock(os.O_CREATE)})
	}
	slices.SortFunc(found, func(a, b Found) int { return strings.Compare(a.name, b.name) })
	return found, nil
}

// WrittenAt returns when the file was last written; zero if never.
func (f *File) WrittenAt() (at time.Time) {
	if info, err := os.Lstat(f.String()); err == nil {
		at = info.ModTime()
	}
	return at
}
