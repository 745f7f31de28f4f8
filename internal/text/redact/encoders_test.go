package redact_test

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"math/rand/v2"
	"mime/quotedprintable"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/text/redact"
)

// encoder writes a text as a library does. Those of other languages follow their
// documentation and share no code with the redactor.
type encoder struct {
	name   string
	encode func(string) string
	// alone is true for an encoding that is not looked for inside another one.
	alone bool
}

// each writes every byte of a text by itself.
func each(write func(c byte) string) func(string) string {
	return func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			b.WriteString(write(s[i]))
		}
		return b.String()
	}
}

// except writes all bytes but letters, digits and some signs by a format.
func except(signs, format string) func(string) string {
	return each(func(c byte) string {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte(signs, c) >= 0 {
			return string(c)
		}
		return fmt.Sprintf(format, c)
	})
}

// replaced writes some characters in another way.
func replaced(pairs ...string) func(string) string { return strings.NewReplacer(pairs...).Replace }

// wrapped breaks lines after so many characters.
func wrapped(width int, end string) func(string) string {
	return func(s string) string {
		var lines []string
		for ; len(s) > width; s = s[width:] {
			lines = append(lines, s[:width])
		}
		return strings.Join(append(lines, s), end)
	}
}

func after(first, second func(string) string) func(string) string {
	return func(s string) string { return second(first(s)) }
}

// listed writes the bytes of a text as a list.
func listed(format, between string) func(string) string {
	return func(s string) string {
		items := make([]string, len(s))
		for i := range len(s) {
			items[i] = fmt.Sprintf(format, s[i])
		}
		return "[" + strings.Join(items, between) + "]"
	}
}

func base64Of(e *base64.Encoding) func(string) string {
	return func(s string) string { return e.EncodeToString([]byte(s)) }
}

func encoders() []encoder {
	hexed := func(s string) string { return hex.EncodeToString([]byte(s)) }
	mime := base64Of(base64.StdEncoding)
	return []encoder{
		{"Python urllib.parse.quote", except("/_.-~", "%%%02X"), false},
		{"Python urllib.parse.quote_plus", except("_.-~", "%%%02X"), false},
		{"Python percent of everything", each(func(c byte) string { return fmt.Sprintf("%%%02x", c) }), false},
		{"Python json.dumps", replaced(`\`, `\\`, `"`, `\"`), false},
		{"Python repr of text", replaced(`\`, `\\`, `'`, `\'`), false},
		{"Python unicode_escape of everything", each(func(c byte) string { return fmt.Sprintf(`\x%02x`, c) }), false},
		{"Python html.escape", replaced("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#x27;"), false},
		{"Python xml.sax.saxutils.escape", replaced("&", "&amp;", "<", "&lt;", ">", "&gt;"), false},
		{"Python base64.encodebytes", after(mime, wrapped(76, "\n")), false},
		{"Python base64.b32encode", func(s string) string { return base32.StdEncoding.EncodeToString([]byte(s)) }, false},
		{"Python base64.b16encode", func(s string) string { return strings.ToUpper(hexed(s)) }, false},
		{"Python quopri", quopri, false},
		{"Python list of bytes", listed("%d", ", "), true},
		{"Python bytes.hex with colons", listed("%02x", ":"), true},
		{"Python textwrap", wrapped(20, "\n"), false},
		{"JavaScript encodeURIComponent", except("-_.!~*'()", "%%%02X"), false},
		{"JavaScript escape", except("@*_+-./", "%%%02X"), false},
		{"JavaScript escape, all as Unicode", each(func(c byte) string { return fmt.Sprintf("%%u%04X", c) }), false},
		{"JavaScript JSON.stringify", replaced(`\`, `\\`, `"`, `\"`, "/", `\/`), false},
		{"JavaScript code points", each(func(c byte) string { return fmt.Sprintf(`\u{%x}`, c) }), false},
		{"JavaScript Buffer in JSON", listed("%d", ","), true},
		{"JavaScript entities", each(func(c byte) string { return fmt.Sprintf("&#x%X;", c) }), false},
		{"JavaScript entities without their end", except(" ", "&#%03d;"), false},
		{"JavaScript named entities", replaced("&", "&amp;", "<", "&lt;", "/", "&sol;", "=", "&equals;", "+", "&plus;", "_", "&lowbar;", ":", "&colon;", "!", "&excl;"), false},
		{"Java URLEncoder", except(".-*_", "%%%02X"), false},
		{"Java MIME encoder", after(mime, wrapped(76, "\r\n")), false},
		{"Java escapeJava of everything", each(func(c byte) string { return fmt.Sprintf(`\u%04X`, c) }), false},
		{"Java Properties", replaced(`\`, `\\`, ":", `\:`, "=", `\=`, "#", `\#`, "!", `\!`), false},
		{"Java HexFormat with hyphens", listed("%02X", "-"), true},
		{"octal", each(func(c byte) string { return fmt.Sprintf(`\%03o`, c) }), false},
		{"Go url.QueryEscape", url.QueryEscape, false},
		{"Go url.PathEscape", url.PathEscape, false},
		{"Go strconv.Quote", strconv.Quote, false},
		{"Go json.Marshal", func(s string) string { b, _ := json.Marshal(s); return string(b) }, false},
		{"Go html.EscapeString", html.EscapeString, false},
		{"Go xml.EscapeText", func(s string) string { var b bytes.Buffer; _ = xml.EscapeText(&b, []byte(s)); return b.String() }, false},
		{"Go hex", hexed, false},
		{"Go % x", func(s string) string { return fmt.Sprintf("% x", s) }, true},
		{"Go bytes", func(s string) string { return fmt.Sprint([]byte(s)) }, true},
		{"Go %#v of bytes", func(s string) string { return fmt.Sprintf("%#v", []byte(s)) }, true},
		{"Go base64.StdEncoding", mime, false},
		{"Go base64.RawURLEncoding", base64Of(base64.RawURLEncoding), false},
		{"as it is", func(s string) string { return s }, false},
	}
}

func quopri(s string) string {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

// checkHidden encodes a run of a secret twice, surrounded by other text, and checks that
// hardly more is left than that text needs. It returns how much of the run is left.
func checkHidden(t *testing.T, r *redact.Redactor, first, second encoder, before, run, after string) {
	t.Helper()
	encode := func(s string) string { return second.encode(first.encode(s)) }
	whole := encode(before + run + after)
	got := r.String("“" + whole + "”")
	if !strings.HasPrefix(got, "“") || !strings.HasSuffix(got, "”") {
		t.Errorf("%s, then %s: what is around %q is gone in %q", first.name, second.name, whole, got)
	}
	left := len(got) - len("“”") - len("***")*strings.Count(got, "***")
	// At each end a character that is cut through, or one that holds something else too.
	bound := len(encode(before)) + len(encode(after)) + 2*len(encode("x")) + 8
	if !strings.Contains(got, "***") || left > bound {
		t.Errorf("%s, then %s: of %q among %q and %q %d bytes are left, want at most %d\n%s\n%s", first.name, second.name, run, before, after, left, bound, whole, got)
	}
}

// secretOf draws a secret from the characters allowed in a header.
func secretOf(r *rand.Rand) string {
	b := make([]byte, 16+r.IntN(40))
	for i := range b {
		if b[i] = byte('!' + r.IntN('~'-'!'+1)); b[i] == '*' {
			b[i] = '+' // stars could not be told from what replaces them
		}
	}
	return string(b)
}

// wordOf draws a word to put before or after a secret.
func wordOf(r *rand.Rand) string {
	words := []string{"", "x", "ab", "key", "Bearer", "https", "token9"}
	return words[r.IntN(len(words))]
}

// drawn is a secret and a redactor that knows it.
type drawn struct {
	secret   string
	redactor *redact.Redactor
}

func draw(r *rand.Rand) drawn {
	secret := secretOf(r)
	return drawn{secret, redact.New(secret)}
}

func (d drawn) check(t *testing.T, r *rand.Rand, first, second encoder) {
	t.Helper()
	if first.alone || second.alone {
		second = encoder{name: "nothing", encode: func(s string) string { return s }}
	}
	n := redact.MinRun + 3 + r.IntN(len(d.secret)-redact.MinRun-3)
	at := r.IntN(len(d.secret) - n + 1)
	checkHidden(t, d.redactor, first, second, wordOf(r), d.secret[at:at+n], wordOf(r))
}

// TestSecretsAreFoundAsLibrariesWriteThem tries every pair of encoders.
func TestSecretsAreFoundAsLibrariesWriteThem(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	for _, first := range encoders() {
		d := draw(r)
		for _, second := range encoders() {
			for range 3 {
				d.check(t, r, first, second)
			}
		}
	}
}

func FuzzEncoders(f *testing.F) {
	all := encoders()
	f.Add(uint64(1), uint8(0), uint8(1))
	f.Fuzz(func(t *testing.T, seed uint64, first, second uint8) {
		r := rand.New(rand.NewPCG(seed, 1))
		draw(r).check(t, r, all[int(first)%len(all)], all[int(second)%len(all)])
	})
}

// TestNoRunOfASecretLeaves cuts a secret at every position: runs of 12 characters or more
// are hidden, shorter ones stay.
func TestNoRunOfASecretLeaves(t *testing.T) {
	t.Parallel()
	const secret = "fi-Zq7Tn4Wk9vXend2"
	r := redact.New(secret)
	for from := range len(secret) {
		for to := from + 1; to <= len(secret); to++ {
			s, want := "<"+secret[from:to]+">", "<***>"
			if to-from < redact.MinRun {
				want = s
			}
			if got := r.String(s); got != want {
				t.Errorf("%q: got %q, want %q", s, got, want)
			}
		}
	}
}

// TestHonestTextsStay tries texts of the kind that reports are full of.
func TestHonestTextsStay(t *testing.T) {
	t.Parallel()
	r := redact.New("fi-Zq7Tn4Wk9vXend2", "0123456789abcdef0123456789abcdef")
	for _, s := range []string{
		`{"id":"3ecc3afa-72c2-5a25-ba2b-f1e5c889c5c0","reason":"He said \"no\", and\n    hung up."}`,
		"https://app.futureagi.com/dashboard/simulate/test/3ecc3afa-72c2-5a25-ba2b-f1e5c889c5c0?a=%2F&b=1",
		"PNG iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
		"sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n100%\nfi-\nZq7\n",
		"&amp;&lt;&gt; \\x41\\u0041 =3D =\n= \\ % & \\",
	} {
		if got := r.String(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

// TestSecretsInPiecesAreFound splits what encoders write in two, at every position.
func TestSecretsInPiecesAreFound(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 2))
	for _, e := range encoders() {
		d := draw(r)
		whole := "the key is " + e.encode("x"+d.secret+"y") + ", and so on"
		want := d.redactor.String(whole)
		for cut := range len(whole) {
			var b strings.Builder
			w := d.redactor.Writer(&b)
			for _, piece := range []string{whole[:cut], whole[cut:]} {
				if _, err := w.Write([]byte(piece)); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			got := b.String()
			// Up to three characters and an escape may have gone out before the stars.
			if left := len(got) - len(want); got != want && (left > 3*len(e.encode("x"))+8 || !strings.Contains(got, "***")) {
				t.Errorf("%s, cut at %d: got %q, want %q", e.name, cut, got, want)
			}
		}
	}
}
