package text_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/agent-gate/agent-gate/internal/text"
)

func TestUTF8(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want, err string }{
		{"as it is", `{"a":1}`, `{"a":1}`, ""},
		{"a byte order mark", "\ufeff{}", "{}", ""},
		{"only one is left out", "\ufeff\ufeffx", "\ufeffx", ""},
		{"shorter than a mark", "x", "x", ""},
		{"nothing", "", "", ""},
		{"a mark alone", "\ufeff", "", ""},
		{"UTF-16, little endian", "\xff\xfe{\x00}\x00", "", "UTF-16"},
		{"UTF-16, big endian", "\xfe\xff\x00{\x00}", "", "UTF-16"},
		{"UTF-16 without a mark", "{\x00}\x00", "", "UTF-16"},
		{"big endian without a mark", "\x00{\x00}", "", "UTF-16"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := io.ReadAll(text.UTF8(iotest.OneByteReader(strings.NewReader(c.in))))
			if c.err == "" && (err != nil || string(got) != c.want) {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
			if c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("got %q, %v, want an error with %s", got, err, c.err)
			}
		})
	}
}

func TestUTF8PassesErrorsOn(t *testing.T) {
	t.Parallel()
	if _, err := io.ReadAll(text.UTF8(iotest.ErrReader(io.ErrClosedPipe))); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v, want %v", err, io.ErrClosedPipe)
	}
}
