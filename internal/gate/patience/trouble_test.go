package patience

import (
	"errors"
	"testing"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/text"
)

func TestOtherNonsenseIsCountedAnew(t *testing.T) {
	t.Parallel()
	var c nonsense
	said := func(op, what, requestID string) *client.Error {
		return &client.Error{Op: op, Kind: client.KindNonsense, Err: errors.New(what), RequestID: text.New(requestID)}
	}
	for i, step := range []struct {
		failure *client.Error
		want    int
	}{
		{said("read", "no status", "1"), 1},
		{said("read", "no status", "2"), 2},
		{said("read", "no calls", "3"), 1},
		{said("list", "no calls", "4"), 1},
		{said("list", "no calls", "5"), 2},
		{said("list", "no calls", "6"), 3},
	} {
		if got := c.add(step.failure); got != step.want {
			t.Errorf("step %d: got %d in a row, want %d", i, got, step.want)
		}
	}
}
