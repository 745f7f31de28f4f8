package criteria

// Unit is the unit of a number.
type Unit string

// The units.
const (
	UnitNone    Unit = ""       // an overall score, or an eval's own number
	UnitPercent Unit = "%"      // 0-100
	UnitPoints  Unit = "points" // percentage points, for a change of a rate: -100 to 100
	UnitSeconds Unit = "s"
	UnitCents   Unit = "c"     // US cents, the API's cost_cents
	UnitCalls   Unit = "calls" // a count
)

// Of is the unit of a criterion's number, if its metric is in u.
func (u Unit) Of(c Criterion) Unit {
	if c.Change && u == UnitPercent {
		return UnitPoints
	}
	return u
}
