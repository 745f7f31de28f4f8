package command

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// eventLimit is the most that is read of GitHub's event file, in bytes. Those of pull
// requests take tens of kilobytes.
const eventLimit = 10 << 20

// openFile opens a regular file for reading. Opening or reading a pipe could block
// forever, even after a signal.
func openFile(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New(path + " is not a regular file; pipes and devices are not read, so write it to a file first")
	}
	return os.Open(path)
}

// readFile reads a regular file of at most limit bytes.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, fmt.Errorf("%s is larger than %d MiB", path, limit>>20)
	}
	return data, err
}

// readEvent reads GitHub's event file.
func readEvent(path string) ([]byte, error) { return readFile(path, eventLimit) }
