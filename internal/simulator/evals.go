package simulator

import (
	"slices"

	"github.com/google/uuid"
)

// evalConfig is an eval attached to a run test.
type evalConfig struct {
	Eval
	errorLocalizer bool
	// settings are what its maker said of it beside: shown again as it came, and of no
	// effect.
	settings map[string][]byte
}

// EvalConfigs are the eval configs of the options with their ids filled in.
func (w *World) EvalConfigs() []Eval { return append([]Eval(nil), w.opts.Evals...) }

// ownEvals are the evals of the options, as configs of one run test.
func (w *World) ownEvals() []*evalConfig {
	configs := make([]*evalConfig, len(w.opts.Evals))
	for i := range w.opts.Evals {
		configs[i] = &evalConfig{Eval: w.opts.Evals[i]}
	}
	return configs
}

// findEval finds an eval config of the organisation, or makes one up where unknown ids
// are accepted.
func (w *World) findEval(id uuid.UUID) *evalConfig {
	if i := slices.IndexFunc(w.opts.Evals, func(e Eval) bool { return e.ID == id }); i >= 0 {
		return &evalConfig{Eval: w.opts.Evals[i]}
	}
	if w.acceptsUnknown(id) {
		return w.madeUpEval(id)
	}
	return nil
}

func (w *World) madeUpEval(id uuid.UUID) *evalConfig {
	return &evalConfig{Eval: Eval{
		ID: id, TemplateID: w.id(forEvalTemplate, fold(id)), Name: "eval-" + id.String()[:8], Type: TypePassFail,
	}}
}

// fromTemplate is a new config of the eval with that template, under the given name, nil
// when there is none.
func (w *World) fromTemplate(template uuid.UUID, name string) *evalConfig {
	var cfg *evalConfig
	switch i := slices.IndexFunc(w.opts.Evals, func(e Eval) bool { return e.TemplateID == template }); {
	case i >= 0:
		cfg = &evalConfig{Eval: w.opts.Evals[i]}
		cfg.OnRequest = false
	case w.opts.AcceptUnknown && template != uuid.Nil:
		cfg = w.madeUpEval(template)
		cfg.TemplateID = template
	default:
		return nil
	}
	cfg.ID = w.id(forMadeEval, w.next())
	cfg.Name = name
	return cfg
}

// attached finds configs of the run test; each must be found, and only once.
func (w *World) attached(rt *runTest, ids []uuid.UUID) ([]*evalConfig, bool) {
	var configs []*evalConfig
	for _, id := range ids {
		i := slices.IndexFunc(rt.evals, func(c *evalConfig) bool { return c.ID == id })
		if i < 0 && w.acceptsUnknown(id) && !w.ofAnother(rt, id) {
			i = len(rt.evals)
			rt.evals = append(rt.evals, w.madeUpEval(id))
			rt.evals[i].OnRequest = true
		}
		if i < 0 || slices.Contains(configs, rt.evals[i]) {
			return nil, false
		}
		configs = append(configs, rt.evals[i])
	}
	return configs, true
}

// ofAnother reports whether an eval config belongs to another run test.
func (w *World) ofAnother(rt *runTest, id uuid.UUID) bool {
	return slices.ContainsFunc(w.runTests, func(other *runTest) bool {
		return other != rt && slices.ContainsFunc(other.evals, func(c *evalConfig) bool { return c.ID == id })
	})
}

// evalIDs are the identifiers of configs, for the ledger.
func evalIDs(configs []*evalConfig) []uuid.UUID {
	ids := make([]uuid.UUID, len(configs))
	for i, cfg := range configs {
		ids[i] = cfg.ID
	}
	return ids
}
