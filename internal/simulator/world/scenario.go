package world

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Scenario is a scenario of the options, or a made-up one, with its ids and script.
type Scenario struct {
	story.Scenario
	Dataset, GraphID uuid.UUID
	Columns          [3]uuid.UUID
	Script           *story.Script
}

func (w *World) newScenario(i int, o story.Scenario) *Scenario {
	if o.ID == uuid.Nil {
		o.ID = w.ID(story.ForScenario, uint64(i))
	}
	switch {
	case o.NoDataset:
		o.Rows = 1
	case o.Rows <= 0:
		o.Rows = 5
	}
	if o.Status == "" {
		o.Status = "Completed"
	}
	sc := &Scenario{
		Scenario: o,
		Dataset:  w.ID(story.ForDataset, story.Fold(o.ID)),
		GraphID:  w.ID(story.ForGraph, story.Fold(o.ID)),
		Script:   story.ScriptFor(o.Name),
	}
	for i := range sc.Columns {
		sc.Columns[i] = w.ID(story.ForColumn, story.Fold(o.ID), uint64(i))
	}
	return sc
}

func (w *World) addScenario(sc *Scenario) *Scenario {
	w.scenarios = append(w.scenarios, sc)
	w.scenarioBy[sc.ID] = sc
	return sc
}

// FindScenario returns the scenario with the given id. It makes one up if unknown ids are
// accepted, and otherwise returns nil.
func (w *World) FindScenario(id uuid.UUID) *Scenario {
	if sc, ok := w.scenarioBy[id]; ok {
		return sc
	}
	if !w.acceptsUnknown(id) {
		return nil
	}
	n := len(w.scenarios)
	return w.addScenario(w.newScenario(n, story.Scenario{ID: id, Name: madeUpName(n)}))
}

// allScenarios returns the scenarios of the options, without the made-up ones.
func (w *World) allScenarios() []*Scenario {
	return append([]*Scenario(nil), w.scenarios[:len(w.Options.Scenarios)]...)
}

// ScenarioIDs returns the ids of the options' scenarios, in order.
func (w *World) ScenarioIDs() []uuid.UUID {
	ids := make([]uuid.UUID, 0, len(w.Options.Scenarios))
	for _, sc := range w.allScenarios() {
		ids = append(ids, sc.ID)
	}
	return ids
}

// madeUpName returns a name for the n-th scenario.
func madeUpName(n int) string {
	names := []string{
		"Change of address", "Lost password", "Delivery delay", "Warranty claim", "Wrong item received",
		"Plan upgrade", "Technical fault", "Opening hours", "Complaint about a call", "Gift card balance",
	}
	name := names[n%len(names)]
	if n >= len(names) {
		name = fmt.Sprintf("%s %d", name, n/len(names)+1)
	}
	return name
}
