package plan

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text"
)

// AttachEvals makes sure, before a call is paid for, that the created run test has the requested
// evals, and returns the updated run test. The deployed server accepts eval-config-ids but ignores
// them (contract, section 3.1), so the run would be paid for and judged on evals that never ran.
// Evals found on another run test are copied from there; if one is not found, Check fails.
func (p *Planner) AttachEvals(ctx context.Context, t calls.RunTest) (calls.RunTest, error) {
	missing := unattached(t, p.config.Create.EvalConfigIDs)
	if p.config.Target.Mode != config.ModeCreate || len(missing) == 0 {
		return t, nil
	}
	originals, err := p.findEvals(ctx, missing)
	if err != nil {
		return t, err
	}
	var entries []json.RawMessage
	for _, id := range missing {
		original, found := originals[id]
		if !found {
			continue // checkEvals reports it
		}
		if HasCopy(t, original) {
			continue // an earlier process of this job attempt made it
		}
		entry, err := client.CopyOf(original)
		if err != nil {
			return t, ConfigError{Reason: text.Sprintf("the server did not attach eval config %s to run test %s, and it cannot be copied: %s", id, t.ID, text.New(err.Error()))}
		}
		entries = append(entries, entry)
	}
	p.copied = originals
	if len(entries) == 0 || len(originals) < len(missing) {
		return t, nil
	}
	p.log.Note(text.Sprintf("The server did not attach all of eval-config-ids: copying %s to run test %s.", text.Plural(len(entries), "eval config"), t.ID))
	_, addErr := p.api.AddEvalConfigs(ctx, t.ID, entries)
	// Whatever the response was, the run test shows what it has now.
	now, err := p.api.RunTest(ctx, t.ID)
	switch {
	case err != nil:
		return t, err
	case addErr != nil && len(p.stillMissing(now)) > 0:
		return t, ConfigError{Reason: text.Sprintf("eval configs %s could not be copied to run test %s, so they would not run: %s",
			text.List(missing), t.ID, text.New(addErr.Error()))}
	}
	return now, nil
}

// stillMissing returns the requested evals that a run test has neither by id nor as copies.
func (p *Planner) stillMissing(t calls.RunTest) []uuid.UUID {
	return slices.DeleteFunc(unattached(t, p.config.Create.EvalConfigIDs), func(id uuid.UUID) bool {
		original, found := p.copied[id]
		return found && HasCopy(t, original)
	})
}

// findEvals searches all run tests for eval configs. It need not find all of them.
func (p *Planner) findEvals(ctx context.Context, wanted []uuid.UUID) (map[uuid.UUID]calls.EvalConfig, error) {
	found := map[uuid.UUID]calls.EvalConfig{}
	for t, err := range p.api.RunTests(ctx, "") {
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

// unattached returns the ids that are no eval configs of a run test.
func unattached(t calls.RunTest, ids []uuid.UUID) []uuid.UUID {
	var out []uuid.UUID
	for _, id := range ids {
		if !slices.ContainsFunc(t.EvalConfigs, func(e calls.EvalConfig) bool { return e.ID == id }) {
			out = append(out, id)
		}
	}
	return out
}

// HasCopy reports whether a run test has an eval with the same template and name.
func HasCopy(t calls.RunTest, original calls.EvalConfig) bool {
	return slices.ContainsFunc(t.EvalConfigs, func(e calls.EvalConfig) bool {
		return e.TemplateID == original.TemplateID && e.Name == original.Name
	})
}

// checkEvals makes sure that the requested evals are attached, by id or as copies made by
// AttachEvals.
func (p *Planner) checkEvals(t calls.RunTest) error {
	if p.config.Target.Mode != config.ModeCreate {
		return nil
	}
	if missing := p.stillMissing(t); len(missing) > 0 {
		return ConfigError{Reason: text.Sprintf("the server did not attach eval config %s to run test %s, and no other run test has it to copy, so it would not run. Correct eval-config-ids, define the evals inline with evaluations-config, or use a run test that has them (run-test-id)", text.List(missing), t.ID)}
	}
	var inline []json.RawMessage
	// The configuration has been validated: it is a JSON array or absent.
	_ = json.Unmarshal(p.config.Create.EvaluationsConfig, &inline)
	if want := len(inline) + len(p.config.Create.EvalConfigIDs); len(t.EvalConfigs) < want {
		return ConfigError{Reason: text.Sprintf("%s requested, but run test %s has %d: %s. The server skips entries of evaluations-config whose template_id it does not know%s",
			text.Plural(want, "eval"), t.ID, len(t.EvalConfigs), evalNames(t.EvalConfigs), missingEvals(p.config.Create.EvaluationsConfig, t.EvalConfigs))}
	}
	return nil
}

// missingEvals lists the entries of an evaluations-config whose names a run test lacks; empty if
// none.
func missingEvals(inline json.RawMessage, attached []calls.EvalConfig) text.Untrusted {
	var missing []text.Untrusted
	for _, want := range inlineEvals(inline) {
		if !slices.ContainsFunc(attached, func(e calls.EvalConfig) bool { return e.Name == want.Name }) {
			missing = append(missing, text.Sprintf("%q", want.Name))
		}
	}
	if len(missing) == 0 {
		return text.Untrusted{}
	}
	return text.Sprintf("; missing here: %s", text.Join(", ", missing...))
}

// inlineEvals returns the evals of an evaluations-config, with the server's default names for those
// without one.
func inlineEvals(raw json.RawMessage) []calls.EvalConfig {
	var entries []struct {
		Template string `json:"template_id"`
		Name     string `json:"name"`
	}
	// The configuration has been validated: it is a JSON array or absent.
	_ = json.Unmarshal(raw, &entries)
	var out []calls.EvalConfig
	for _, e := range entries {
		if strings.TrimSpace(e.Name) == "" {
			e.Name = "Eval-" + e.Template
		}
		out = append(out, calls.EvalConfig{Name: text.New(e.Name)})
	}
	return out
}
