package simulator

import (
	"fmt"

	"github.com/google/uuid"
)

// scenario is a situation with dataset rows.
type scenario struct {
	Scenario
	dataset, graphID uuid.UUID
	columns          [3]uuid.UUID
	script           *script
}

func (w *World) newScenario(i int, o Scenario) *scenario {
	if o.ID == uuid.Nil {
		o.ID = w.id(forScenario, uint64(i))
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
	sc := &scenario{
		Scenario: o,
		dataset:  w.id(forDataset, fold(o.ID)),
		graphID:  w.id(forGraph, fold(o.ID)),
		script:   scriptFor(o.Name),
	}
	for i := range sc.columns {
		sc.columns[i] = w.id(forColumn, fold(o.ID), uint64(i))
	}
	return sc
}

func (w *World) addScenario(sc *scenario) *scenario {
	w.scenarios = append(w.scenarios, sc)
	w.scenarioBy[sc.ID] = sc
	return sc
}

// findScenario finds a scenario, or makes one up where unknown ids are accepted.
func (w *World) findScenario(id uuid.UUID) *scenario {
	if sc, ok := w.scenarioBy[id]; ok {
		return sc
	}
	if !w.acceptsUnknown(id) {
		return nil
	}
	n := len(w.scenarios)
	return w.addScenario(w.newScenario(n, Scenario{ID: id, Name: madeUpName(n)}))
}

// own are the scenarios of the options.
func (w *World) own() []*scenario {
	return append([]*scenario(nil), w.scenarios[:len(w.opts.Scenarios)]...)
}

// ScenarioIDs are the ids of the scenarios of the options, in their order.
func (w *World) ScenarioIDs() []uuid.UUID {
	ids := make([]uuid.UUID, 0, len(w.opts.Scenarios))
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
