package text

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// byteOrderMark precedes text written by PowerShell, Notepad or .NET.
const byteOrderMark = "\ufeff"

// errUTF16 names the tool most likely to blame: PowerShell's > and Out-File write UTF-16.
var errUTF16 = errors.New("the text is UTF-16, as PowerShell's > writes it, not UTF-8; write it with Set-Content -Encoding utf8, or save it as UTF-8")

// UTF8 returns a reader of UTF-8 text that someone may have saved differently: it skips a
// byte order mark, and fails with an explanation on UTF-16.
func UTF8(r io.Reader) io.Reader { return &utf8Reader{r: r} }

type utf8Reader struct {
	r     io.Reader
	begun bool
}

// Read implements io.Reader.
func (u *utf8Reader) Read(p []byte) (int, error) {
	if !u.begun {
		u.begun = true
		start := make([]byte, len(byteOrderMark))
		n, err := io.ReadFull(u.r, start)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, err
		}
		start = start[:n]
		if isUTF16(start) {
			return 0, errUTF16
		}
		u.r = io.MultiReader(bytes.NewReader(bytes.TrimPrefix(start, []byte(byteOrderMark))), u.r)
	}
	return u.r.Read(p)
}

// isUTF16 detects UTF-16 by its byte order mark, or without one by a zero byte in the
// first character, which in JSON and YAML is ASCII.
func isUTF16(start []byte) bool {
	if bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")) {
		return true
	}
	return len(start) > 1 && (start[0] == 0) != (start[1] == 0)
}

// Trim strips white space around a value and a byte order mark before it: a variable may
// have been filled from a file.
func Trim(s string) string {
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(s), byteOrderMark))
}
