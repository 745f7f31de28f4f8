package command

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/gate"
	"github.com/agent-gate/agent-gate/internal/text"
)

// three are run tests to choose from.
var three = []calls.RunTest{
	{ID: uuid.UUID{1}, Name: text.New("one"), AgentName: text.New("Ada")},
	{ID: uuid.UUID{2}, Name: text.New("two\x1b[31m\nforged")},
	{ID: uuid.UUID{3}, Name: text.New("three")},
}

func TestAskerChoosesRunTests(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		typed string
		want  []byte // first bytes of the ids
	}{
		"one":                        {"2\n", []byte{2}},
		"several, each once":         {"3, 1 3\n", []byte{3, 1}},
		"the newest by default":      {"\n", []byte{1}},
		"asks again after nonsense":  {"all\n4\n2\n", []byte{2}},
		"without a final line break": {"3", []byte{3}},
		"gives up":                   {"a\nb\nc\nd\n", nil},
		"nobody there":               {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			chosen, err := (&asker{in: strings.NewReader(test.typed), out: &out}).runTests(t.Context(), three)
			var got []byte
			for _, c := range chosen {
				got = append(got, c.ID[0])
			}
			if !bytes.Equal(got, test.want) || (err != nil) != (test.want == nil) {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
		})
	}
}

func TestAskerShowsRunTestsOneALine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if _, err := (&asker{in: strings.NewReader("1\n"), out: &out}).runTests(t.Context(), three); err != nil {
		t.Fatal(err)
	}
	want := "  1  one (Ada)\n  2  two forged\n  3  three\nRun tests to make gates of, e.g. 1,3 [1]: "
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("question (-want +got):\n%s", diff)
	}
}

// A signal ends the wait for an answer.
func TestAskerStopsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gate.ErrInterrupted)
	silent, end := io.Pipe()
	defer end.Close()
	if _, err := (&asker{in: silent, out: io.Discard}).runTests(ctx, three); !errors.Is(err, gate.ErrInterrupted) {
		t.Errorf("got %v, want the signal", err)
	}
}
