package verdict

import (
	"strings"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
)

// ownKind is the kind that all results of an eval are to have, as far as it says what counts:
// it is a property of the eval's template.
type ownKind uint8

// The kinds.
const (
	ownUnknown  ownKind = iota // or labels and texts, beside which nothing is taken for another
	ownNumber                  // scores and numbers
	ownPassFail                // passes and fails
)

// ownKindOf is what a type of the API says.
func ownKindOf(typ string) ownKind {
	switch typ { // as they are written nearly always
	case "Pass/Fail":
		return ownPassFail
	case "score", "numeric":
		return ownNumber
	}
	switch strings.ToLower(strings.TrimSpace(typ)) {
	case "pass/fail":
		return ownPassFail
	case "score", "numeric":
		return ownNumber
	}
	return ownUnknown
}

// countType notes which kind of eval a result says that it is of.
func (e *eval) countType(result calls.Eval) {
	if result.State() != calls.EvalScored {
		return
	}
	k := kindOf(result.Kind())
	e.seen |= 1 << k
	says := ownKindOf(result.Type().Raw())
	if says == ownUnknown && result.Type().IsEmpty() {
		switch k {
		case kindPass:
			says = ownPassFail
		case kindScore, kindNumeric:
			says = ownNumber
		}
	}
	e.gaveTypes[says]++
}

// saw reports whether some value was of one of the kinds.
func (e *eval) saw(kinds ...kind) bool {
	for _, k := range kinds {
		if e.seen>>k&1 == 1 {
			return true
		}
	}
	return false
}

// onlyLabels reports whether the eval has values, and all of them are labels or texts.
func (e *eval) onlyLabels() bool {
	return e.saw(kindChoices, kindText) && !e.saw(kindPass, kindScore, kindNumeric)
}

// isPassFail reports whether the eval's results are passes and fails: by the type that the run
// test gives it or one of its results has, or by values that are passes and fails and no
// numbers. Known is false where nothing tells. A template of that type of which all values are
// labels is none; one label among passes and fails changes nothing.
func (e *eval) isPassFail() (is, known bool) {
	passes, numbers := e.saw(kindPass), e.saw(kindScore, kindNumeric)
	switch {
	case e.onlyLabels():
		// Those that are to come may be passes, unless its type says that it has none.
		return false, !e.run.open || !e.typ.IsEmpty() && ownKindOf(e.typ.Raw()) != ownPassFail
	case e.meant == ownPassFail, e.gaveTypes[ownPassFail] > 0, ownKindOf(e.typ.Raw()) == ownPassFail, passes && !numbers:
		return true, true
	case !e.typ.IsEmpty():
		return false, true
	}
	return passes, e.seen != 0
}

// findOwnKind finds out of which kind the eval's results are to be, and that values of another
// kind are none: a true among scores is not the score 100.
func (e *eval) findOwnKind() {
	passFail, _ := e.isPassFail()
	switch numbers := e.saw(kindScore, kindNumeric); {
	case e.onlyLabels():
	case !numbers && passFail:
		e.own = ownPassFail
	case e.meant != ownUnknown:
		e.own = e.meant
	case e.gaveTypes[ownPassFail] > e.gaveTypes[ownNumber]:
		e.own = ownPassFail
	case e.gaveTypes[ownPassFail] < e.gaveTypes[ownNumber]:
		e.own = ownNumber
	}
	for i := range e.entries {
		if f := &e.entries[i].found; f.has && e.strange(*f) {
			f.has = false
			e.foreign++
		}
	}
	for i := range e.others {
		f := &e.others[i].found
		f.has = f.has && !e.strange(*f)
	}
}

// strange reports whether a value is of another kind than the eval's own. Labels beside numbers
// are left to metrics of labels, which no number takes part in.
func (e *eval) strange(f found) bool {
	switch e.own {
	case ownPassFail:
		return f.kind != kindPass
	case ownNumber:
		return f.kind == kindPass
	case ownUnknown:
	}
	return false
}

// ScalesOf are the scales of the evals of a run, by their names, as its results tell. Evals
// without a result, or with results that have no score, are not among them. Those with
// results of both kinds are on 0-100: plain numbers beside those are not their scale.
func ScalesOf(list Calls) map[string]criteria.Scale {
	scales := map[string]criteria.Scale{}
	for _, c := range list.All() {
		for _, e := range c.Evals {
			name := e.Name().Raw()
			if e.State() != calls.EvalScored || name == "" {
				continue
			}
			switch e.Kind() {
			case calls.ValuePass:
				if scales[name] == "" {
					scales[name] = criteria.ScalePassFail
				} else if scales[name] == criteria.ScalePlain {
					scales[name] = criteria.ScaleHundred
				}
			case calls.ValueScore:
				scales[name] = criteria.ScaleHundred
			case calls.ValueNumeric:
				switch scales[name] {
				case "":
					scales[name] = criteria.ScalePlain
				case criteria.ScalePassFail:
					scales[name] = criteria.ScaleHundred
				case criteria.ScaleHundred, criteria.ScalePlain:
				}
			}
		}
	}
	return scales
}
