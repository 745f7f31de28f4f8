package redact_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"html/template"
	"net/url"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/text/redact"
)

func TestRedactor(t *testing.T) {
	t.Parallel()
	const secret = `k3y/+"<é ü>&\9`
	r := redact.New(secret)
	asJSON, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	var templated strings.Builder
	if err := template.Must(template.New("").Parse("{{.}}")).Execute(&templated, secret); err != nil {
		t.Fatal(err)
	}
	forms := map[string]string{
		"plain":            secret,
		"query":            url.QueryEscape(secret),
		"query, lower":     strings.NewReplacer("%2F", "%2f", "%2B", "%2b", "%3C", "%3c", "%C3", "%c3", "%A9", "%a9", "%BC", "%bc", "%3E", "%3e", "%5C", "%5c").Replace(url.QueryEscape(secret)),
		"path":             url.PathEscape(secret),
		"JSON":             strings.Trim(string(asJSON), `"`),
		"Go":               strings.Trim(fmt.Sprintf("%q", secret), `"`),
		"HTML":             html.EscapeString(secret),
		"HTML, named":      strings.ReplaceAll(html.EscapeString(secret), "&#34;", "&quot;"),
		"HTML template":    templated.String(),
		"hexadecimal":      hex.EncodeToString([]byte(secret)),
		"base64":           base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64, URL":      base64.URLEncoding.EncodeToString([]byte(secret)),
		"base64, unpadded": base64.RawURLEncoding.EncodeToString([]byte(secret)),
	}
	for name, form := range forms {
		if got, want := r.String("a "+form+" b"), "a *** b"; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestRedactorFindsBase64AtEveryAlignment(t *testing.T) {
	t.Parallel()
	const secret = "sk-1234567890"
	r := redact.New(secret)
	for before := range 4 {
		for after := range 4 {
			whole := strings.Repeat("x", before) + secret + strings.Repeat("y", after)
			got := r.String(base64.StdEncoding.EncodeToString([]byte(whole)))
			// What is left are the neighbours, and the characters that share bits with them.
			if !strings.Contains(got, "***") || len(got) > len("***")+4+8 {
				t.Errorf("%d before, %d after: %q", before, after, got)
			}
		}
	}
}

func TestRedactorCases(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		secrets []string
		s, want string
	}{
		{"no secrets", nil, "abc", "abc"},
		{"a secret that is too short is ignored", []string{"abc", "", "  "}, "abc", "abc"},
		{"white space around a secret is no part of it", []string{" abcd\n"}, "xabcdx", "x***x"},
		{"each line of a secret is one", []string{"first\nsecond\nx"}, "second, first, x", "***, ***, x"},
		{"overlapping secrets are one", []string{"abcdef", "efghi"}, "abcdefghi", "***"},
		{"a secret inside another is one with it", []string{"abcdef", "bcde"}, "abcdef bcde", "*** ***"},
		{"adjacent secrets are two", []string{"abcd", "efgh"}, "abcdefgh", "******"},
		{"a long secret is found in any case", []string{"sk-Secret/Key"}, "SK-SECRET/KEY sk-secret/key SK-SECRET%2FKEY 736B2d5365637265742f4B6579", "*** *** *** ***"},
		{"a short secret is found as it is", []string{"Short-7"}, "SHORT-7 Short-7", "SHORT-7 ***"},
		{"letters beyond ASCII keep their case and place", []string{"straße-Äx"}, "İ STRAßE-Äx straße-äx", "İ *** straße-äx"},
		{"a secret that overlaps itself leaves no rest", []string{"abab"}, "ababab", "***"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := redact.New(c.secrets...)
			if got := r.String(c.s); got != c.want {
				t.Errorf("String(%q) = %q, want %q", c.s, got, c.want)
			}
			if got := r.Text(text.New(c.s)).Raw(); got != c.want {
				t.Errorf("Text(%q) = %q, want %q", c.s, got, c.want)
			}
		})
	}
}

func TestNilRedactorChangesNothing(t *testing.T) {
	t.Parallel()
	var r *redact.Redactor
	var b bytes.Buffer
	w := r.Writer(&b)
	if _, err := w.Write([]byte("abcd")); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if got := r.String("abcd") + b.String(); got != "abcdabcd" {
		t.Errorf("got %q", got)
	}
}

func TestWriterHoldsBackOnlyAPossibleSecret(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := redact.New("secret").Writer(&b)
	steps := []struct{ write, want string }{
		{"line\n", "line\n"},
		{"a sec", "line\na "},
		{"ond\n", "line\na second\n"},
		{"sec", "line\na second\n"},
		{"re", "line\na second\n"},
		{"t.", "line\na second\n***."},
		{" secr", "line\na second\n***. "},
	}
	for _, step := range steps {
		if _, err := w.Write([]byte(step.write)); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); got != step.want {
			t.Errorf("after %q: %q, want %q", step.write, got, step.want)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), "line\na second\n***. secr"; got != want {
		t.Errorf("after Flush: %q, want %q", got, want)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestWriterReportsErrors(t *testing.T) {
	t.Parallel()
	w := redact.New("secret").Writer(brokenWriter{})
	if n, err := w.Write([]byte("x")); n != 0 || err == nil {
		t.Errorf("Write = %d, %v, want 0 and an error", n, err)
	}
}

// TestASecretThatNobodySeesToBeBrokenIsFound interrupts a secret with characters that the
// doors remove.
func TestASecretThatNobodySeesToBeBrokenIsFound(t *testing.T) {
	t.Parallel()
	const secret = "0123456789abcdef"
	r := redact.New(secret)
	for _, between := range []string{"\u200b", "\u00ad", "\u2060", "\x00", "\x1b[31m", "\u202e", "\ufe0f", "\x7f\u200b"} {
		broken := strings.Join(strings.Split(secret, ""), between)
		for in, want := range map[string]string{
			"é " + broken + " b":                             "é *** b",
			secret + " " + secret[:5] + between + secret[5:]: "*** ***",
			between + "nothing" + between:                    between + "nothing" + between,
		} {
			if got := r.Text(text.New(in)).Raw(); got != want {
				t.Errorf("%q: got %q, want %q", in, got, want)
			}
		}
	}
}

// FuzzRedactor splits a text into writes of every length. The output must be the same as
// String of the whole, and hold none of the secrets.
func FuzzRedactor(f *testing.F) {
	f.Add("a secret, and a secretive one", "secret", "retive", uint8(3))
	f.Add("aaaaaaaaaaaaaaa", "aaaa", "aaaaaa", uint8(1))
	f.Add("abababab", "abab", "babab", uint8(2))
	f.Add("xx c2VjcmV0 xx", "secret", "", uint8(5))
	f.Add("abcdefgh", "abcdefgX", "efgh", uint8(1))
	f.Add("a SECRET-KEYsecret-Key b", "Secret-Key", "KEYsecret", uint8(1))
	f.Add("İKsecret-keyß", "secret-KEY", "Ksecret-", uint8(4))
	f.Fuzz(func(t *testing.T, s, first, second string, size uint8) {
		if strings.Contains(first+second, "*") {
			t.Skip("a secret of stars cannot be told from what replaces it")
		}
		r := redact.New(first, second)
		want := r.String(s)
		for _, secret := range append(redact.Secrets(first), redact.Secrets(second)...) {
			if strings.Contains(want, secret) {
				t.Errorf("%q holds %q", want, secret)
			}
			if folded := strings.ToLower(secret); len(secret) >= 8 && isASCII(secret) && isASCII(want) && strings.Contains(strings.ToLower(want), folded) {
				t.Errorf("%q holds %q in another case", want, secret)
			}
		}

		var b bytes.Buffer
		w := r.Writer(&b)
		for rest := []byte(s); len(rest) > 0; {
			n := min(int(size%16)+1, len(rest))
			if _, err := w.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); got != want {
			t.Errorf("written in pieces of %d: %q, whole: %q", size%16+1, got, want)
		}
	})
}

// isASCII reports whether s is of ASCII alone.
func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 })
}
