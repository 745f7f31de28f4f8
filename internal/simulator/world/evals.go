package world

import (
	"slices"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// EvalConfig is an eval attached to a run test.
type EvalConfig struct {
	story.Eval
	ErrorLocalizer bool
	// Settings are further fields of the request that created it, as raw JSON. They are
	// returned unchanged and have no effect.
	Settings map[string][]byte
}

// EvalConfigs returns the evals of the options with their ids filled in.
func (w *World) EvalConfigs() []story.Eval { return append([]story.Eval(nil), w.Options.Evals...) }

// AllEvals returns new configs for one run test, one for each eval of the options.
func (w *World) AllEvals() []*EvalConfig {
	configs := make([]*EvalConfig, len(w.Options.Evals))
	for i := range w.Options.Evals {
		configs[i] = &EvalConfig{Eval: w.Options.Evals[i]}
	}
	return configs
}

// FindEval returns a new config for the eval with the given id. It makes one up if unknown
// ids are accepted, and otherwise returns nil.
func (w *World) FindEval(id uuid.UUID) *EvalConfig {
	if i := slices.IndexFunc(w.Options.Evals, func(e story.Eval) bool { return e.ID == id }); i >= 0 {
		return &EvalConfig{Eval: w.Options.Evals[i]}
	}
	if w.acceptsUnknown(id) {
		return w.madeUpEval(id)
	}
	return nil
}

func (w *World) madeUpEval(id uuid.UUID) *EvalConfig {
	return &EvalConfig{Eval: story.Eval{
		ID: id, TemplateID: w.ID(story.ForEvalTemplate, story.Fold(id)), Name: "eval-" + id.String()[:8], Type: story.TypePassFail,
	}}
}

// FromTemplate returns a new config, with the given name, of the eval with that template.
// It makes one up if unknown ids are accepted, and otherwise returns nil.
func (w *World) FromTemplate(template uuid.UUID, name string) *EvalConfig {
	var cfg *EvalConfig
	switch i := slices.IndexFunc(w.Options.Evals, func(e story.Eval) bool { return e.TemplateID == template }); {
	case i >= 0:
		cfg = &EvalConfig{Eval: w.Options.Evals[i]}
		cfg.OnRequest = false
	case w.Options.AcceptUnknown && template != uuid.Nil:
		cfg = w.madeUpEval(template)
		cfg.TemplateID = template
	default:
		return nil
	}
	cfg.ID = w.ID(story.ForMadeEval, w.next())
	cfg.Name = name
	return cfg
}

// Attached returns the configs of the run test with the given ids. It reports false if one
// is missing or named twice.
func (w *World) Attached(rt *RunTest, ids []uuid.UUID) ([]*EvalConfig, bool) {
	var configs []*EvalConfig
	for _, id := range ids {
		i := slices.IndexFunc(rt.Evals, func(c *EvalConfig) bool { return c.ID == id })
		if i < 0 && w.acceptsUnknown(id) && !w.ofAnother(rt, id) {
			i = len(rt.Evals)
			rt.Evals = append(rt.Evals, w.madeUpEval(id))
			rt.Evals[i].OnRequest = true
		}
		if i < 0 || slices.Contains(configs, rt.Evals[i]) {
			return nil, false
		}
		configs = append(configs, rt.Evals[i])
	}
	return configs, true
}

// ofAnother reports whether an eval config belongs to another run test.
func (w *World) ofAnother(rt *RunTest, id uuid.UUID) bool {
	return slices.ContainsFunc(w.RunTests, func(other *RunTest) bool {
		return other != rt && slices.ContainsFunc(other.Evals, func(c *EvalConfig) bool { return c.ID == id })
	})
}

// evalIDs returns the ids of configs, for the ledger.
func evalIDs(configs []*EvalConfig) []uuid.UUID {
	ids := make([]uuid.UUID, len(configs))
	for i, cfg := range configs {
		ids[i] = cfg.ID
	}
	return ids
}
