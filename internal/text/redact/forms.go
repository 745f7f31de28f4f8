package redact

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"html"
	"net/url"
	"strconv"
	"strings"
)

// forms returns the ways a secret may be written with escapes, itself included.
func forms(secret string) []string {
	query, path := url.QueryEscape(secret), url.PathEscape(secret)
	whole := (&url.URL{Path: "/" + secret}).EscapedPath()[1:] // leaves some of what PathEscape escapes
	return []string{
		secret,
		query, lowerEscapes(query),
		path, lowerEscapes(path),
		whole, lowerEscapes(whole),
		jsonForm(secret, true), jsonForm(secret, false),
		unquote(strconv.Quote(secret)),
		html.EscapeString(secret),
		strings.ReplaceAll(html.EscapeString(secret), "+", "&#43;"), // as html/template writes it
		strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;").Replace(html.EscapeString(secret)),
		xmlForm(secret),
	}
}

// jsonForm returns the secret as it appears in a JSON string.
func jsonForm(secret string, escapeHTML bool) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(escapeHTML)
	if err := encoder.Encode(secret); err != nil {
		return secret // a string always encodes
	}
	return unquote(strings.TrimSuffix(b.String(), "\n"))
}

// unquote strips the quotes around s.
func unquote(s string) string { return s[1 : len(s)-1] }

// xmlForm returns the secret as encoding/xml writes it.
func xmlForm(secret string) string {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(secret)); err != nil {
		return secret // a buffer always takes it
	}
	return b.String()
}

// lowerEscapes writes %2F as %2f.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' && isUpperHex(b[i+1]) && isUpperHex(b[i+2]) {
			copy(b[i+1:], strings.ToLower(s[i+1:i+3]))
			i += 2
		}
	}
	return string(b)
}

// isUpperHex reports whether c is a hexadecimal digit in upper case.
func isUpperHex(c byte) bool { return '0' <= c && c <= '9' || 'A' <= c && c <= 'F' }
