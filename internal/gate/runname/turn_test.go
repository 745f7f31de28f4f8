package runname_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/gate/runname"
)

func TestATurnBelongsToOneExecutionAndIsNoRun(t *testing.T) {
	t.Parallel()
	turn, execution, other := uuid.New(), uuid.New(), uuid.New()
	name := runname.Turn(turn, execution)
	if !runname.IsTurn(name, execution) || runname.IsTurn(name, other) || runname.IsTurn("gate-"+execution.String(), execution) {
		t.Errorf("%q is not a turn on %s alone", name, execution)
	}
	if key := runname.Key("gate-" + other.String()); strings.HasSuffix(name, key) || runname.IsRunOf("turn", name) || runname.IsPartOf(name, "gate-"+execution.String()) {
		t.Errorf("%q passes for a run", name)
	}
}
