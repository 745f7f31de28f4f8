package jsonstream

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/agent-gate/agent-gate/test/answers"
	"github.com/agent-gate/agent-gate/test/benchmark/pages"
)

// scanned returns the value that the scanner reads from b through r.
func scanned(r io.Reader) ([]byte, error) {
	s := New(r)
	raw, whole, err := s.Raw(1 << 30)
	if err != nil {
		return nil, err
	}
	if !whole {
		return nil, errors.New("not whole")
	}
	raw = bytes.Clone(raw)
	return raw, s.Finish()
}

// holdAgainstEncodingJSON fails unless the scanner accepts b exactly when encoding/json does
// and returns it unchanged, however it is split into reads. Non-finite numbers are null to
// both.
func holdAgainstEncodingJSON(t *testing.T, b []byte) {
	t.Helper()
	want, err := io.ReadAll(answers.Finite(bytes.NewReader(bytes.Trim(b, " \t\r\n"))))
	if err != nil {
		t.Fatal(err)
	}
	valid := json.Valid(want)
	for name, r := range map[string]io.Reader{
		"at once":           bytes.NewReader(b),
		"byte by byte":      iotest.OneByteReader(bytes.NewReader(b)),
		"end with the data": iotest.DataErrReader(bytes.NewReader(b)),
	} {
		got, err := scanned(r)
		if (err == nil) != valid {
			t.Errorf("%s: %.200q: got %v, valid %t", name, b, err, valid)
		}
		if err == nil && !bytes.Equal(Finite(got), want) {
			t.Errorf("%s: %.200q: got %.200q", name, b, got)
		}
	}
}

// grammar is JSON, and almost JSON.
var grammar = []string{
	``, ` `, `{}`, `[]`, `{ }`, `[ ]`, `{"a":1}`, `{"a":1,}`, `{,}`, `[1,]`, `[,1]`, `[1 2]`, `{"a" 1}`, `{"a":}`, `{"a":1 "b":2}`, `{1:2}`, `{a:1}`,
	`[}`, `{]`, `[[]`, `[]]`, `{"a":[}`, `{"a":{]}`, `[{}`, `}`, `]`, `,`, `:`, `{"a":1}}`, `{} {}`, `1 2`, `"a" "b"`,
	`0`, `-0`, `-`, `+1`, `01`, `-01`, `1.`, `.5`, `1.5`, `1e5`, `1E+5`, `1e-5`, `1e`, `1e+`, `1.e5`, `0x10`, `1_0`, `1a`, `-a`, `1.5.5`, `1ee5`, `0e0`, `00`,
	`true`, `false`, `null`, `tru`, `truee`, `nul`, `nulL`, `True`, `t`, `n`,
	`NaN`, `Infinity`, `-Infinity`, `+Infinity`, `-NaN`, `nan`, `NaNN`, `Inf`, `--Infinity`, `-Infinit`, `1NaN`, `[NaN,-Infinity , Infinity,1]`, `{"NaN":NaN,"a":"-Infinity \"NaN","b":[{"c":-Infinity}]}`, `{NaN:1}`, `[NaN`, `"NaN`,
	`""`, `"a"`, `"`, `"a`, `"\"`, `"\\"`, `"\""`, `"\u00e9"`, `"\u00G0"`, `"\u00`, `"\ud83d"`, `"\ud83d\ude00"`, `"\x"`, `"\b\f\n\r\t\/"`, "\"\n\"", "\"\x00\"", "\"\x1f\"", "\"\x7f\"",
	"\"\xff\xfe\"", "\"\xc3\"", `"é"`, `"日本語"`, "\ufeff{}", "\v1", "\u00a01", "/* */1", `'a'`,
	"\t\r\n {\t\r\n \"a\"\t\r\n :\t\r\n [\t\r\n 1\t\r\n ,\t\r\n 2\t\r\n ]\t\r\n }\t\r\n ",
	`{"a":"12345678","b":"1234567","c":"123456789\n12345678\u0041"}`, "\"1234567\x01\"", "\"12345678\x01\"", `"1234567\"8"`, `"aaaaaaa` + "\x80\x81\x82!\"",
}

func TestScannerTakesWhatEncodingJSONTakes(t *testing.T) {
	t.Parallel()
	for _, s := range grammar {
		holdAgainstEncodingJSON(t, []byte(s))
	}
	for _, name := range []string{"deployed/execution-page-completed.json", "deployed/execution-hostile-text.json", "documented/execution-page1.json"} {
		holdAgainstEncodingJSON(t, []byte(answers.Sample(t, name)))
	}
}

func TestScannerLimitsNesting(t *testing.T) {
	t.Parallel()
	for _, depth := range []int{64, 65, maxDepth, maxDepth + 1, 1 << 20} {
		lists := strings.Repeat("[", depth) + strings.Repeat("]", depth)
		objects := strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth)
		for _, s := range []string{lists, objects} {
			_, err := scanned(strings.NewReader(s))
			if valid := json.Valid([]byte(s)); (err == nil) != valid {
				t.Errorf("depth %d: got %v, valid %t", depth, err, valid)
			}
		}
	}
}

// endless repeats its text forever.
type endless struct {
	text string
	left int
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && e.left > 0 {
		k := copy(p[n:min(len(p), n+e.left)], e.text)
		n, e.left = n+k, e.left-k
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func TestScannerHoldsNothingOfWhatItSkips(t *testing.T) {
	t.Parallel()
	const size = 4 << 20
	s := New(io.MultiReader(strings.NewReader(`{"a":"`), &endless{"x", size}, strings.NewReader(`","b":[`), &endless{"1234567,", size / 8}, strings.NewReader(`1]}`)))
	if err := s.Skip(); err != nil || s.Finish() != nil {
		t.Fatal(err)
	}
	if cap(s.kept) != 0 || len(s.buf) != scanBuffer {
		t.Errorf("it holds %d and %d bytes", cap(s.kept), len(s.buf))
	}
}

func TestScannerKeepsNoMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	for _, size := range []int{10, 99, 100, 101, scanBuffer, 10 * scanBuffer} {
		value := `"` + strings.Repeat("x", size-2) + `"`
		for name, r := range map[string]io.Reader{"at once": strings.NewReader(value), "byte by byte": iotest.OneByteReader(strings.NewReader(value))} {
			s := New(r)
			raw, whole, err := s.Raw(100)
			if err != nil || whole != (size <= 100) || string(raw) != value[:min(size, 100)] {
				t.Errorf("%d %s: got %q, whole %t, %v", size, name, raw, whole, err)
			}
			if cap(s.kept) > 1000 {
				t.Errorf("%d %s: it holds %d bytes", size, name, cap(s.kept))
			}
		}
	}
}

func TestScannerKeepsOnlySoMuchOfAnAnswer(t *testing.T) {
	t.Parallel()
	s := New(strings.NewReader(`["12345678", "12345678"]`))
	s.taken = MaxKept - 10
	if _, err := s.Peek(); err != nil {
		t.Fatal(err)
	}
	reads := 0
	err := s.List(func() error {
		reads++
		_, _, err := s.Raw(100)
		return err
	})
	if reads != 2 {
		t.Errorf("got %d reads, want that the second is too much", reads)
	}
	if _, ok := errors.AsType[TooLargeError](err); !ok {
		t.Errorf("got %v, want that it is too large", err)
	}
}

func TestScannerPassesOnTheFaultOfTheReader(t *testing.T) {
	t.Parallel()
	fault := errors.New("reset")
	for _, start := range []string{``, `{"a":`, `{"a":1`, `[12`, `"x`} {
		s := New(io.MultiReader(strings.NewReader(start), iotest.ErrReader(fault)))
		err := s.Skip()
		if err == nil {
			err = s.Finish()
		}
		if !errors.Is(err, fault) {
			t.Errorf("%q: got %v", start, err)
		}
	}
}

func FuzzScanner(f *testing.F) {
	for _, s := range grammar {
		f.Add([]byte(s))
	}
	f.Fuzz(holdAgainstEncodingJSON)
}

// TestSkippingAllocatesNothing limits the cost of a poll, which skips all calls.
//
//nolint:paralleltest // other tests would be counted too
func TestSkippingAllocatesNothing(t *testing.T) {
	body := answers.BigPage(pages.Deployed, 100)
	s := New(strings.NewReader(body))
	if got := testing.AllocsPerRun(10, func() {
		s.Start(strings.NewReader(body))
		if err := s.Skip(); err != nil {
			t.Fatal(err)
		}
	}); got > 1 { // the reader of the string
		t.Errorf("got %.0f allocations", got)
	}
}
