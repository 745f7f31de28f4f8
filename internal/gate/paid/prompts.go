package paid

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
)

// errNoPromptCalls says that an execution of a prompt places nothing to judge (chat.md 9).
var errNoPromptCalls = errors.New("the server started the execution without a call: it makes none for a scenario that has no dataset, or that it no longer has")

// notExecuted is what the server says whatever went wrong, and of what it does not find (chat.md 9).
const notExecuted = "Failed to execute simulation"

// ExecutePrompt starts the calls of a run test of a prompt, as [Run.Execute] starts those of an
// agent: of some scenarios, or of all if none are given. The server holds both sides of the
// conversations, so another process can take them up.
func (r *Run) ExecutePrompt(ctx context.Context, t calls.RunTest, fresh bool, scenarioIDs []uuid.UUID) error {
	empty := false
	err := r.start(ctx, t.ID, fresh, func() (calls.Started, error) {
		started, err := untilSent(ctx, func() (calls.Started, error) {
			return r.given.API.ExecutePrompt(ctx, t.Prompt.TemplateID, t.ID, scenarioIDs)
		})
		empty = err == nil && started.Calls == 0
		return started, err
	})
	failure, failed := errors.AsType[*client.Error](err)
	switch {
	case err == nil && empty:
		return errNoPromptCalls
	case failed && failure.Status == http.StatusInternalServerError && failure.Message.Raw() == notExecuted:
		return fmt.Errorf("the prompt %s could not be executed; the server says that too if it, or its run test, no longer exists: %w", t.Prompt.Title().Line(), err)
	}
	return err
}
