package command

import (
	"fmt"
	"runtime/debug"

	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// recovered turns a panic that nothing below has caught into an exit code that no job
// takes for a pass. Go's own output would bypass the log, which hides keys.
func (s *session) recovered(code *int) {
	p := recover()
	if p == nil {
		return
	}
	*code = verdict.ExitOperational
	s.log.Error("internal error, please report it: %s", text.New(fmt.Sprint(p)))
	_, _ = s.log.Write(debug.Stack()) // functions and lines, no values
}
