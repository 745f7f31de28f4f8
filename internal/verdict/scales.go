package verdict

import "github.com/agent-gate/agent-gate/internal/client"

// ScalesOf are the scales of the evals of a run, by their names, as its results tell. Evals
// without a result, or with results that have no score, are not among them. Those with
// results of both kinds are on 0-100: plain numbers beside those are not their scale.
func ScalesOf(calls Calls) map[string]Scale {
	scales := map[string]Scale{}
	for _, c := range calls.All() {
		for _, e := range c.Evals {
			name := e.Name().Raw()
			if e.State() != client.EvalScored || name == "" {
				continue
			}
			switch e.Kind() {
			case client.ValuePass:
				if scales[name] == "" {
					scales[name] = ScalePassFail
				} else if scales[name] == ScalePlain {
					scales[name] = ScaleHundred
				}
			case client.ValueScore:
				scales[name] = ScaleHundred
			case client.ValueNumeric:
				switch scales[name] {
				case "":
					scales[name] = ScalePlain
				case ScalePassFail:
					scales[name] = ScaleHundred
				case ScaleHundred, ScalePlain:
				}
			}
		}
	}
	return scales
}
