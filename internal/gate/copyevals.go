package gate

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text"
)

// attachEvals makes sure, before a call is paid, that the created run test has the evals
// that were asked for, and returns the run test as it is then. The deployed server
// accepts eval-config-ids and ignores them (contract, section 3.1): the run would be
// paid, and judged on evals that never ran. What can be found on another run test is
// copied from there; without the rest the run stops.
func (r *run) attachEvals(ctx context.Context, t client.RunTest) (client.RunTest, error) {
	missing := unattached(t, r.Config.Create.EvalConfigIDs)
	if r.Config.Target.Mode != config.ModeCreate || len(missing) == 0 {
		return t, nil
	}
	originals, err := r.findEvals(ctx, missing)
	if err != nil {
		return t, err
	}
	var entries []json.RawMessage
	for _, id := range missing {
		original, found := originals[id]
		if !found {
			continue // checkEvals says so
		}
		if hasCopy(t, original) {
			continue // an earlier process of this job attempt has made it
		}
		entry, err := client.CopyOf(original)
		if err != nil {
			return t, configError{text.Sprintf("the server did not attach eval config %s to run test %s, and it cannot be copied: %s", id, t.ID, text.New(err.Error()))}
		}
		entries = append(entries, entry)
	}
	r.copied = originals
	if len(entries) == 0 || len(originals) < len(missing) {
		return t, nil
	}
	r.note(text.Sprintf("The server did not attach what eval-config-ids names: copying %s to run test %s.", text.Plural(len(entries), "eval config"), t.ID))
	_, addErr := r.API.AddEvalConfigs(ctx, t.ID, entries)
	// Whatever the answer was, the run test tells what it has now.
	now, err := r.API.RunTest(ctx, t.ID)
	switch {
	case err != nil:
		return t, err
	case addErr != nil && len(r.stillMissing(now)) > 0:
		return t, configError{text.Sprintf("eval configs %s could not be copied to run test %s, so they would not run: %s",
			joinIDs(missing), t.ID, text.New(addErr.Error()))}
	}
	return now, nil
}

// stillMissing are the evals asked for that a run test has neither by their ids nor as
// copies.
func (r *run) stillMissing(t client.RunTest) []uuid.UUID {
	return slices.DeleteFunc(unattached(t, r.Config.Create.EvalConfigIDs), func(id uuid.UUID) bool {
		original, found := r.copied[id]
		return found && hasCopy(t, original)
	})
}

// findEvals looks eval configs up on the run tests that have them. Not all need to be
// found.
func (r *run) findEvals(ctx context.Context, wanted []uuid.UUID) (map[uuid.UUID]client.EvalConfig, error) {
	found := map[uuid.UUID]client.EvalConfig{}
	for t, err := range r.API.RunTests(ctx, "") {
		if err != nil {
			return nil, err
		}
		for _, e := range t.EvalConfigs {
			if slices.Contains(wanted, e.ID) {
				found[e.ID] = e
			}
		}
		if len(found) == len(wanted) {
			break
		}
	}
	return found, nil
}

// unattached are the ids of which a run test has no eval config.
func unattached(t client.RunTest, ids []uuid.UUID) []uuid.UUID {
	var out []uuid.UUID
	for _, id := range ids {
		if !slices.ContainsFunc(t.EvalConfigs, func(e client.EvalConfig) bool { return e.ID == id }) {
			out = append(out, id)
		}
	}
	return out
}

// hasCopy reports whether a run test has an eval of the same template and name.
func hasCopy(t client.RunTest, original client.EvalConfig) bool {
	return slices.ContainsFunc(t.EvalConfigs, func(e client.EvalConfig) bool {
		return e.TemplateID == original.TemplateID && e.Name == original.Name
	})
}

// joinIDs lists ids in a sentence.
func joinIDs(ids []uuid.UUID) text.Untrusted {
	all := make([]text.Untrusted, len(ids))
	for i, id := range ids {
		all[i] = text.New(id.String())
	}
	return text.Join(", ", all...)
}
