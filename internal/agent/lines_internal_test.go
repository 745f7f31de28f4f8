package agent

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// readLines reads all lines of a text.
func readLines(t testing.TB, r io.Reader, limit int) []line {
	t.Helper()
	var all []line
	reader := newLineReader(r, limit)
	for {
		l, err := reader.next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			return all
		}
		l.text = slices.Clone(l.text)
		all = append(all, l)
	}
}

func TestLineReader(t *testing.T) {
	t.Parallel()
	const limit = 100
	full := strings.Repeat("x", limit)
	cases := []struct {
		name, in string
		want     []string // "long" and "open" stand before the text of such lines
	}{
		{"nothing", "", nil},
		{"lines", "a\nb\n", []string{"a", "b"}},
		{"several with blank ones between", "\n\na\n  \n\t\nb\n\n", []string{"a", "b"}},
		{"ends of Windows", "a\r\nb\r\n", []string{"a", "b"}},
		{"no end of the last", "a\nb", []string{"a", "open b"}},
		{"a byte order mark", "\ufeffa\nb\n", []string{"a", "b"}},
		{"nothing but a byte order mark", "\ufeff\n", nil},
		{"white space around", "  a b \t\n", []string{"a b"}},
		{"invalid UTF-8", "a\xff\xfe\n", []string{"a\xff\xfe"}},
		{"NUL", "a\x00b\n", []string{"a\x00b"}},
		{"as long as the limit", full + "\n" + full + "\r\nb\n", []string{full, full, "b"}},
		{"longer", full + "x\nb\n", []string{"long " + full + "x", "b"}},
		{"longer without an end", full + "x", []string{"long open " + full + "x"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for name, r := range map[string]io.Reader{
				"at once":     strings.NewReader(c.in),
				"by the byte": iotest.OneByteReader(strings.NewReader(c.in)),
			} {
				var got []string
				for _, l := range readLines(t, r, limit) {
					said := string(l.text)
					if l.open {
						said = "open " + said
					}
					if l.long {
						said = "long " + said
					}
					got = append(got, said)
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("%s: got %q, want %q", name, got, c.want)
				}
			}
		})
	}
}

func TestLineReader_keepsOnlyBothEndsOfALineAboveTheLimit(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	in := "begin" + strings.Repeat("x", 10*limit) + "end"
	reader := newLineReader(strings.NewReader(in+"\nnext\n"), limit)
	got, err := reader.next()
	if err != nil || !got.long || len(got.text) > 4*keptEnds+keptEnds {
		t.Fatalf("got %d bytes, long %t, %v", len(got.text), got.long, err)
	}
	if !bytes.HasPrefix(got.text, []byte("beginxxx")) || !bytes.HasSuffix(got.text, []byte("xxxend")) {
		t.Errorf("got %.20q … %q", got.text, got.text[len(got.text)-20:])
	}
	if got, err := reader.next(); err != nil || string(got.text) != "next" {
		t.Errorf("got %q, %v", got.text, err)
	}
}

func TestLineReader_letsGoOfALargeBuffer(t *testing.T) {
	t.Parallel()
	reader := newLineReader(strings.NewReader(strings.Repeat("x", 10<<20)+"\n"+strings.Repeat("y", 100_000)+"\n"), maxAnswer)
	for range 2 {
		if _, err := reader.next(); err != nil {
			t.Fatal(err)
		}
	}
	if cap(reader.buf) > keptBuffer {
		t.Errorf("%d bytes are kept", cap(reader.buf))
	}
}

func TestLineReader_tellsTheErrorOfItsStream(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	reader := newLineReader(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken)), 100)
	for _, want := range []string{"a", "b"} {
		if got, err := reader.next(); err != nil || string(got.text) != want {
			t.Fatalf("got %q, %v", got.text, err)
		}
	}
	if _, err := reader.next(); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// FuzzLineReader holds the reader against the plain way to split a text into lines.
func FuzzLineReader(f *testing.F) {
	for _, seed := range []string{
		"", "\n", "a", "a\n\nb", "{\"conversation\":\"c\"}\r\n", "\ufeff{}\n\ufeff\n", "\xff\x00\n", strings.Repeat("long ", 20) + "\nb\n", " \r\r\n \ufeff \n",
	} {
		f.Add([]byte(seed), 10)
	}
	f.Fuzz(func(t *testing.T, in []byte, limit int) {
		limit = 1 + min(max(limit, 0), 1000)
		got := readLines(t, bytes.NewReader(in), limit)
		for whole := range bytes.Lines(in) {
			trimmed := bytes.TrimSpace(bytes.TrimPrefix(whole, []byte("\ufeff")))
			if len(trimmed) == 0 {
				continue
			}
			if len(got) == 0 {
				t.Fatalf("the line %q is missing", whole)
			}
			l := got[0]
			got = got[1:]
			if !bytes.Equal(l.text, trimmed) {
				t.Errorf("got %q, want %q", l.text, trimmed)
			}
			if want := len(bytes.TrimRight(whole, "\r\n")) > limit; l.long != want {
				t.Errorf("%q: long is %t", whole, l.long)
			}
			if want := !bytes.HasSuffix(whole, []byte("\n")); l.open != want {
				t.Errorf("%q: open is %t", whole, l.open)
			}
		}
		if len(got) > 0 {
			t.Errorf("%d more lines than there are, such as %q", len(got), got[0].text)
		}
	})
}

// FuzzInbox gives lines to an inbox with two open questions. Whatever comes, each gets at
// most one result, and that is an answer with something in it or a failure of the agent.
func FuzzInbox(f *testing.F) {
	for _, c := range lineCases {
		f.Add([]byte(c.line))
	}
	f.Add([]byte("{\"conversation\":\"c\",\"content\":\"a\"}\n{\"conversation\":\"c\",\"content\":\"a\"}\ngarbage\n{\"conversation\":\"d\",\"turn\":2}"))
	f.Fuzz(func(t *testing.T, in []byte) {
		b := newInbox(screen{}, &warner{})
		open := []*waiting{b.wait("c", 1), b.wait("d", 2)}
		for _, l := range readLines(t, bytes.NewReader(in), 200) {
			b.take(l)
		}
		for _, w := range open {
			a, err := w.or(ErrClosed)
			if _, ok := errors.AsType[*Error](err); err != nil && !ok && !errors.Is(err, ErrClosed) {
				t.Errorf("got %v", err)
			}
			if err == nil && isBlank(a.Content) && len(a.ToolCalls) == 0 {
				t.Errorf("an empty answer: %+v", a)
			}
		}
	})
}
