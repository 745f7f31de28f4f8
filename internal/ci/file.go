package ci

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// reportMode is the mode of new files before the umask. Other users may have to collect
// them.
const reportMode fs.FileMode = 0o666

// WriteFile writes a report atomically: nobody ever reads half of it. A new file gets the
// mode that the umask leaves, an existing one keeps its mode. Missing directories are
// created. A symbolic link stays a link and its target is replaced. A file that cannot be
// replaced, such as one mounted into a container, is overwritten in place. A device or
// pipe, such as /dev/stdout, is written to directly.
func WriteFile(path string, write func(io.Writer) error) error {
	stream, err := isStream(path)
	switch {
	case err != nil:
	case stream:
		err = writeStream(path, write)
	default:
		err = replaceFile(path, write)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// isStream reports whether to write to a path directly. Everything below /dev and /proc
// counts: /dev/stdout may lead to a regular file, the log, which must not be replaced.
func isStream(path string) (bool, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return false, err
	}
	if strings.HasPrefix(absolute, "/dev/") || strings.HasPrefix(absolute, "/proc/") {
		return true, nil
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case info.IsDir():
		return false, errors.New("is a directory")
	}
	return !info.Mode().IsRegular(), nil
}

// writeStream appends, since the stream may be a log with other writers.
func writeStream(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return cause(err)
	}
	return errors.Join(buffered(f, write), cause(f.Close()))
}

// replaceFile writes a temporary file next to the target and renames it.
func replaceFile(path string, write func(io.Writer) error) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	f, err := createBeside(path)
	if err != nil && canOverwrite(path) {
		f, err = os.CreateTemp("", "agent-gate.*.tmp")
	}
	if err != nil {
		return cause(err)
	}
	defer func() {
		// The error that matters is already being returned. After the rename there is no
		// such file.
		_ = f.Close()
		_ = os.Remove(f.Name())
	}()
	if err := buffered(f, write); err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil {
		if err := f.Chmod(info.Mode().Perm()); err != nil {
			return cause(err)
		}
	}
	if err := f.Close(); err != nil {
		return cause(err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		if !canOverwrite(path) {
			return cause(err)
		}
		return overwrite(path, f.Name())
	}
	return nil
}

// createBeside creates a temporary file in the directory of path, and the directory if
// needed.
func createBeside(path string) (*os.File, error) {
	dir, base := filepath.Split(path)
	if dir != "" {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, err
		}
	}
	base = base[:min(len(base), 100)] // a name has at most 255 bytes
	for {
		// os.CreateTemp would use 0600 and leave the umask nothing to decide.
		name := filepath.Join(dir, fmt.Sprintf(".%s.%x.tmp", base, rand.Uint64()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, reportMode)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// canOverwrite reports whether a file exists and can be written to.
func canOverwrite(path string) bool {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return false
	}
	return f.Close() == nil
}

// overwrite copies a file into one that cannot be replaced.
func overwrite(path, from string) error {
	source, err := os.Open(from)
	if err != nil {
		return cause(err)
	}
	defer source.Close()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return cause(err)
	}
	_, err = io.Copy(f, source)
	return cause(errors.Join(err, f.Close()))
}

// TryWrite checks that a file can be written: replaced, as by [WriteFile], or appended
// to, as GitHub's command files are. It changes no file and leaves none behind, but it
// creates missing directories. It cannot tell that a disk is full or that nobody reads a
// pipe.
func TryWrite(path string, appended bool) error {
	stream, err := isStream(path)
	if err != nil {
		return cause(err)
	}
	info, missing := os.Stat(path)
	switch {
	case missing == nil && info.Mode()&fs.ModeNamedPipe != 0:
		return nil // opening it would wait for a reader
	case stream || appended && missing == nil:
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return cause(err)
		}
		return cause(f.Close())
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	f, err := createBeside(path)
	if err != nil {
		if canOverwrite(path) {
			return nil
		}
		return cause(err)
	}
	return cause(errors.Join(f.Close(), os.Remove(f.Name())))
}

// buffered calls write with a buffered w.
func buffered(w io.Writer, write func(io.Writer) error) error {
	b := bufio.NewWriter(w)
	if err := write(b); err != nil {
		return err
	}
	return cause(b.Flush())
}

// cause strips the path of the temporary file from an error.
func cause(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	if linkError, ok := errors.AsType[*os.LinkError](err); ok {
		return linkError.Err
	}
	return err
}
