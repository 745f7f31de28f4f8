package comment

import (
	"reflect"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/verdict"
)

// FuzzMarker parses a marker that someone may have edited. What parses can be written
// again inside one HTML comment.
func FuzzMarker(f *testing.F) {
	key := NewKey("gate")
	now := Entry{Verdict: verdict.Fail, SHA: strings.Repeat("a", 40), Run: 18446744073709551615, Attempt: 2}
	f.Add(marker(key, now, []Entry{{Verdict: verdict.Pass}, {Verdict: verdict.Skip, SHA: strings.Repeat("0", 64)}}) + "\n### FAIL")
	f.Add(prefix(key) + `"run":"-1","verdict":"pass","sha":"<b>","before":[{"verdict":"-->"},null]} -->`)
	f.Add(prefix(key) + " -->")
	f.Add("<!-- agent-gate: out of date -->")
	f.Fuzz(func(t *testing.T, body string) {
		e, ok := parse(key, body)
		if !ok {
			return
		}
		again := marker(key, e, e.before)
		if strings.Count(again, "--") != 2 || strings.ContainsAny(again, "\n\r@#&") || len(again) > markerLimit {
			t.Errorf("%q makes the marker %q", body, again)
		}
		if e.Verdict == "" {
			return
		}
		if back, ok := parse(key, again); !ok || !reflect.DeepEqual(back, e) {
			t.Errorf("%q: read %+v, and of its marker %+v", body, e, back)
		}
	})
}
