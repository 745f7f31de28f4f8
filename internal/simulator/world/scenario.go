package world

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
)

// Scenario is a situation with dataset rows.
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

// FindScenario finds a scenario, or makes one up where unknown ids are accepted.
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

// own are the scenarios of the options.
func (w *World) own() []*Scenario {
	return append([]*Scenario(nil), w.scenarios[:len(w.Options.Scenarios)]...)
}

// ScenarioIDs are the ids of the scenarios of the options, in their order.
func (w *World) ScenarioIDs() []uuid.UUID {
	ids := make([]uuid.UUID, 0, len(w.Options.Scenarios))
	for _, sc := range w.own() {
		ids = append(ids, sc.ID)
	}
	return ids
}

// madeUpName names the n-th scenario of the server, which nobody named.
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
