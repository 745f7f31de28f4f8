package text

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// byteOrderMark stands before a text that PowerShell, Notepad or .NET has written.
const byteOrderMark = "\ufeff"

// errUTF16 names the encoding that PowerShell's > and Out-File write.
var errUTF16 = errors.New("the text is UTF-16, as PowerShell's > writes it, and UTF-8 is needed; write it with Set-Content -Encoding utf8 or save it anew")

// UTF8 reads a text that somebody may have saved in another way: a byte order mark before
// UTF-8 is left out, and UTF-16 is an error that says so.
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

// isUTF16 knows UTF-16 by its byte order mark, and without one by the zero in the first
// character, which is ASCII in JSON and YAML.
func isUTF16(start []byte) bool {
	if bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")) {
		return true
	}
	return len(start) > 1 && (start[0] == 0) != (start[1] == 0)
}

// Trim drops the white space around a value, and a byte order mark before it: a variable
// may have been filled from a file.
func Trim(s string) string {
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(s), byteOrderMark))
}
