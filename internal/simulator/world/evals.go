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
	// Settings are what its maker said of it beside: shown again as it came, and of no
	// effect.
	Settings map[string][]byte
}

// EvalConfigs are the eval configs of the options with their ids filled in.
func (w *World) EvalConfigs() []story.Eval { return append([]story.Eval(nil), w.Options.Evals...) }

// OwnEvals are the evals of the options, as configs of one run test.
func (w *World) OwnEvals() []*EvalConfig {
	configs := make([]*EvalConfig, len(w.Options.Evals))
	for i := range w.Options.Evals {
		configs[i] = &EvalConfig{Eval: w.Options.Evals[i]}
	}
	return configs
}

// FindEval finds an eval config of the organisation, or makes one up where unknown ids
// are accepted.
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

// FromTemplate is a new config of the eval with that template, under the given name, nil
// when there is none.
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

// Attached finds configs of the run test; each must be found, and only once.
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

// evalIDs are the identifiers of configs, for the ledger.
func evalIDs(configs []*EvalConfig) []uuid.UUID {
	ids := make([]uuid.UUID, len(configs))
	for i, cfg := range configs {
		ids[i] = cfg.ID
	}
	return ids
}
