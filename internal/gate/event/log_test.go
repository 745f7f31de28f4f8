package event

import (
	"testing"

	"github.com/agent-gate/agent-gate/internal/text"
)

func TestTheObserverHearsEverythingAndTheReportsGetTheWarnings(t *testing.T) {
	t.Parallel()
	var heard []Event
	l := NewLog(func(e Event) { heard = append(heard, e) })
	note, warning := text.New("a note"), text.New("a warning")
	l.Tell(Phase{Name: "Start"})
	l.Note(note)
	l.Warn(warning)
	l.Warn(warning) // once is enough
	want := []Event{Phase{Name: "Start"}, Note{Text: note}, Warning{Text: warning}}
	if len(heard) != len(want) {
		t.Fatalf("heard %v, want %v", heard, want)
	}
	for i, e := range heard {
		if e != want[i] {
			t.Errorf("event %d is %v, want %v", i, e, want[i])
		}
	}
	if got := l.Warnings(); len(got) != 1 || got[0] != warning {
		t.Errorf("warnings %v, want only %q", got, warning.Line())
	}
}

func TestWarningsAreKeptWithoutAnObserver(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]*Log{"the zero log": {}, "no observer": NewLog(nil), "silenced": silenced(t)} {
		l.Warn(text.New("a warning"))
		if got := l.Warnings(); len(got) != 1 {
			t.Errorf("%s: warnings %v, want one", name, got)
		}
	}
}

// silenced is a log whose observer must not hear anything any more.
func silenced(t *testing.T) *Log {
	t.Helper()
	l := NewLog(func(e Event) { t.Errorf("a silenced observer heard %v", e) })
	l.Silence()
	return l
}
