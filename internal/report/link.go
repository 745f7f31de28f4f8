package report

import (
	"net/url"
	"strings"
)

// Link returns a URL that is safe in every format, or nothing. The report may come from a file
// that anyone could have written, so only http and https URLs without user information pass,
// and characters that could end a Markdown link or an attribute are percent-encoded.
func Link(raw string) Figure {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil {
		return ""
	}
	var b strings.Builder
	for _, c := range []byte(u.String()) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"'()<>\\`{}|*^", c) >= 0 {
			const hex = "0123456789ABCDEF"
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
			continue
		}
		b.WriteByte(c)
	}
	return Figure(b.String())
}
