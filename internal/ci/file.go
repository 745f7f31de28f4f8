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

// reportMode is the mode of a file that is written, from which the umask takes: it is for
// whoever collects it.
const reportMode fs.FileMode = 0o666

// WriteFile writes a report: as a whole or not at all, so that nobody reads half of
// it. A new one has the mode that the umask leaves, one that is there keeps its own.
// Directories that are missing are made. A symbolic link to a file stays one, and the file
// is replaced; where it cannot be replaced, as a file that is mounted into a container, it
// is written over. A device or a pipe, such as /dev/stdout, is written to as it is.
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

// isStream reports whether a path is to be written to as it is. What lies below /dev
// and /proc is: /dev/stdout may lead to a regular file, the log, which must not be
// replaced.
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

// writeStream appends, since the stream may be a log that others write too.
func writeStream(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return cause(err)
	}
	return errors.Join(buffered(f, write), cause(f.Close()))
}

// replaceFile writes next to the file and puts the new one in its place.
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
		// The error that matters is the one that led here. A file that was renamed is gone.
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

// createBeside makes a new file in the directory of a file, and the directory.
func createBeside(path string) (*os.File, error) {
	dir, base := filepath.Split(path)
	if dir != "" {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, err
		}
	}
	base = base[:min(len(base), 100)] // a name has 255 bytes at most
	for {
		// Not os.CreateTemp, which would leave nothing for the umask to decide.
		name := filepath.Join(dir, fmt.Sprintf(".%s.%x.tmp", base, rand.Uint64()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, reportMode)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// canOverwrite reports whether a file is there and may be written to.
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

// TryWrite finds out whether a file can be written: replaced as [WriteFile] does, or
// appended to as a command file of GitHub's is. It changes no file and leaves none behind,
// but makes the directories that are missing. That a disk is full, or that nobody reads a
// pipe, only writing shows.
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

// buffered calls write with a buffer before w.
func buffered(w io.Writer, write func(io.Writer) error) error {
	b := bufio.NewWriter(w)
	if err := write(b); err != nil {
		return err
	}
	return cause(b.Flush())
}

// cause drops the path of a temporary file from an error.
func cause(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	if linkError, ok := errors.AsType[*os.LinkError](err); ok {
		return linkError.Err
	}
	return err
}
