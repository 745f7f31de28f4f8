package agent

import (
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/text"
)

func TestTelling(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, stderr, want string }{
		{"nothing", "", ""},
		{"the last line", "starting\nport 80 is taken", "port 80 is taken"},
		{"Python", "Traceback (most recent call last):\n  File \"agent.py\", line 3\nopenai.AuthenticationError: wrong key", "openai.AuthenticationError: wrong key"},
		{"Node", "node:internal/modules:1\n  throw err;\n  ^\n\nError: Cannot find module 'x'\n    at Module._load\n}\n\nNode.js v20.1.0", "Error: Cannot find module 'x'"},
		{"Go", "panic: no model\n\ngoroutine 1 [running]:\nmain.main()\n\t/agent.go:3\nexit status 2", "panic: no model"},
		{"Java", "Exception in thread \"main\" x\n\tat A.main(A.java:1)", "Exception in thread \"main\" x"},
		{"a log that speaks of errors", "Errors: 0\nERROR retrying\ngiving up", "giving up"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tail := &tail{}
			tail.read(strings.NewReader(c.stderr))
			if got := telling(tail.last()); got != text.New(c.want) {
				t.Errorf("got %q, want %q", got.Raw(), c.want)
			}
		})
	}
}
