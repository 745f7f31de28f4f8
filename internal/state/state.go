// Package state keeps what a process has started where it survives the process: one file
// for each, in a folder of the job attempt, with a lock that tells whether the process
// lives. It knows nothing of what stands in the files.
//
// A folder of temporary files is one that strangers may write too. So the folder is made
// for the user alone, no link is followed, and what somebody else made is neither believed
// nor used.
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

// limit bounds what is read of a file, in bytes; a record has a few hundred.
const limit = 1 << 20

// The names of a process's files end with these.
const (
	recordSuffix = ".json"
	lockSuffix   = ".lock"
)

// ErrForeign is a folder that somebody else has made or can write to.
var ErrForeign = errors.New("it is not a folder of this user alone")

// Folder is where the files of one job attempt are.
type Folder struct {
	dir    string
	prefix string // of the names of its files
	// own says that the folder is made for the files, and is removed when it is empty.
	own bool
}

// At is the folder of a path. A path that is or would be a folder is one; any other is a
// prefix: the files stand beside it and begin with its name. So several processes may be
// given the same path.
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

// IsZero reports whether there is no folder.
func (f Folder) IsZero() bool { return f.dir == "" }

// check makes sure that nobody else can write to a folder made for the files.
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

// File is the state file of one process, and its lock.
type File struct {
	folder Folder
	name   string // without its suffix
	lock   *flock.Flock
}

// New makes the file of this process, which is locked until it is closed or the process
// ends. Nothing is written to it yet.
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

// tryLock takes the lock. The error is fs.ErrExist's kind when the process that has it lives.
func (f *File) tryLock(flags int) error {
	path := filepath.Join(f.folder.dir, f.name+lockSuffix)
	if info, err := os.Lstat(path); err == nil && (!info.Mode().IsRegular() || !private(info)) {
		return fmt.Errorf("%s: %w", path, ErrForeign)
	}
	f.lock = flock.New(path, flock.SetFlag(flags|os.O_RDWR|noFollow), flock.SetPermissions(0o600))
	// Another process may be looking for an instant whether this one lives.
	ctx, cancel := context.WithTimeout(context.Background(), glance)
	defer cancel()
	locked, err := f.lock.TryLockContext(ctx, glance/4)
	if errors.Is(err, context.DeadlineExceeded) || err == nil && !locked {
		err = errLives
	}
	return err
}

// glance is how long a lock is tried for.
const glance = 100 * time.Millisecond

// errLives is a file whose process lives.
var errLives = errors.New("its process is running")

// Lives reports whether an error says that the process of a file is running.
func Lives(err error) bool { return errors.Is(err, errLives) }

// Write replaces what stands in the file, as a whole or not at all.
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

// Read returns what stands in the file.
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

// Close leaves the file for cleanup, or for the next start, to find.
func (f *File) Close() error { return f.lock.Close() }

// Remove removes the file, and its folder when it is empty.
func (f *File) Remove() error {
	root, err := os.OpenRoot(f.folder.dir)
	if err != nil {
		return errors.Join(err, f.lock.Close())
	}
	err = root.Remove(f.name + recordSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	// The lock goes last, and while it is held: nobody takes a file for one that was left.
	if lockErr := root.Remove(f.name + lockSuffix); !errors.Is(lockErr, fs.ErrNotExist) {
		err = errors.Join(err, lockErr)
	}
	err = errors.Join(err, f.lock.Close(), root.Close())
	if f.folder.own {
		_ = os.Remove(f.folder.dir) // only when it is empty
	}
	return err
}

// Found is a file of the folder: one that was left behind, and is locked until it is closed
// or removed, or one that cannot be used.
type Found struct {
	*File
	// Err says why it is left alone: its process lives, or it is not ours. Nil when it can be
	// used.
	Err error
}

// All are the files in the folder, by their names. A folder that is not there has none.
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

// WrittenAt is when something was written to the file last; zero when nothing was.
func (f *File) WrittenAt() (at time.Time) {
	if info, err := os.Lstat(f.String()); err == nil {
		at = info.ModTime()
	}
	return at
}
