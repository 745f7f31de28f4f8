package ci

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Modes of the files that are written. A report is for whoever collects it; a state
// file names what was started and is for the user alone.
const (
	reportMode fs.FileMode = 0o644
	stateMode  fs.FileMode = 0o600
)

// WriteFile writes a report: as a whole or not at all, so that nobody reads half of
// it, with mode 0644. Directories that are missing are made. A symbolic link to a file
// stays one, and the file is replaced. A device or a pipe, such as /dev/stdout, is written to
// as it is.
func WriteFile(path string, write func(io.Writer) error) error {
	return writeFile(path, reportMode, write)
}

// WriteStateFile is [WriteFile] for a file that only the user may read, mode 0600.
func WriteStateFile(path string, write func(io.Writer) error) error {
	return writeFile(path, stateMode, write)
}

func writeFile(path string, mode fs.FileMode, write func(io.Writer) error) error {
	stream, err := isStream(path)
	switch {
	case err != nil:
	case stream:
		err = writeStream(path, write)
	default:
		err = replaceFile(path, mode, write)
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
func replaceFile(path string, mode fs.FileMode, write func(io.Writer) error) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*.tmp") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			// The error that matters is the one that led here.
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if err := buffered(f, write); err != nil {
		return err
	}
	if err := f.Chmod(mode); err != nil {
		return cause(err)
	}
	if err := f.Close(); err != nil {
		return cause(err)
	}
	return cause(os.Rename(f.Name(), path))
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
