package suite

import (
	"strings"
	"testing"
	"time"
)

// FuzzRead checks for all files: reading ends, does not panic, and every mistake has a
// place in the file and no control character.
func FuzzRead(f *testing.F) {
	now := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	for _, seed := range []string{
		"version: 1\ngates:\n- name: a\n  run-test-id: a758ede8-419d-4f12-9270-be81e46f4896\n  criteria: |\n\n    success_rate >= 95\n",
		"version: 1\ndefaults: &d {timeout: 1m, agent-header: '${X}'}\ngates: [{<<: *d, name: b, paths: [a/**], owner: me}]\nbudget: {calls: 1}\n",
		"quarantine:\n- {gate: a, scenario: b, reason: c, owner: d, until: 2026-12-01}\n",
		"a: &a [*a]\n", "? {a: b}\n: c\n", "--- !!map\n%YAML 1.1\n", "\ufeffversion: 1", "a: >-\n  b\n\tc", "evaluations-config: [{a: .nan}]", "!", "---",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		r := read("F", []byte(data), now)
		l := loader{command: "run", offline: true, reader: r}
		_, _, mistakes := l.suite(nil)
		for _, m := range mistakes {
			line := m.String()
			numbers := lineAndColumn(m.At)
			if len(numbers) != 2 || numbers[0] < 1 || numbers[0] > strings.Count(data, "\n")+2 || numbers[1] < 1 {
				t.Errorf("got %q, want a place in the file", line)
			}
			if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("got %q, want no control character", line)
			}
		}
		if len(mistakes) == 0 && len(r.gates) == 0 {
			t.Error("got a valid file without gates")
		}
	})
}
