package suite

import (
	"errors"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/agent-gate/agent-gate/internal/text"
)

// The keys of a quarantine entry.
const (
	keyGate     = "gate"
	keyScenario = "scenario"
	keyReason   = "reason"
	keyUntil    = "until"
)

// entryKeys are the keys of a quarantine entry, all of them required.
func entryKeys() []string { return []string{keyGate, keyScenario, keyReason, keyOwner, keyUntil} }

// quarantineDays is how many days ahead a quarantine may end.
const quarantineDays = 30

// QuarantineOf returns the entries of another version of a suite file that count at a time. Entries that are over or
// otherwise wrong do not: they are mistakes of that version alone.
func QuarantineOf(data []byte, now time.Time) ([]Quarantined, error) {
	r := read("", data, now)
	if len(r.gates) == 0 {
		return nil, errors.New("it is no suite file")
	}
	latest := now.AddDate(0, 0, quarantineDays+1)
	return slices.DeleteFunc(r.quarantine, func(q Quarantined) bool {
		return !q.Until.After(now) || q.Until.After(latest) || !slices.ContainsFunc(r.gates, func(g entry) bool { return g.name == q.Gate })
	}), nil
}

// readQuarantine reads the scenarios that are not judged.
func (r *reader) readQuarantine(n *yaml.Node) {
	items, _ := r.list(n, keyQuarantine)
	type scenario struct{ gate, name string }
	lines := map[scenario]int{}
	for _, item := range items {
		given, whole := r.readEntry(item)
		q := Quarantined{
			Gate: given[keyGate].text, Scenario: text.New(given[keyScenario].text), Reason: text.New(given[keyReason].text),
			Owner: text.New(given[keyOwner].text), At: r.at(item),
		}
		if q.Gate != "" && !slices.ContainsFunc(r.gates, func(g entry) bool { return g.name == q.Gate }) {
			var names []string
			for _, g := range r.gates {
				names = append(names, g.name)
			}
			r.reject(given[keyGate].node, "there is no gate %s%s", quote(q.Gate), text.DidYouMean(q.Gate, names))
		}
		if f := given[keyUntil]; f.text != "" {
			q.Until = r.until(f)
		}
		if !whole {
			continue
		}
		key := scenario{q.Gate, given[keyScenario].text}
		if line, again := lines[key]; again {
			r.reject(item, "the scenario %s of the gate %s is already in quarantine on line %d", quote(key.name), key.gate, line)
		}
		lines[key] = item.Line
		r.quarantine = append(r.quarantine, q)
	}
}

// field is a value of an entry.
type field struct {
	node *yaml.Node
	text string
}

// readEntry reads the values of an entry, and reports whether it has all of them.
func (r *reader) readEntry(n *yaml.Node) (given map[string]field, whole bool) {
	given = map[string]field{}
	seen := map[string]bool{}
	for _, p := range r.mapping(n, "a quarantine entry") {
		key := p.key.Value
		if !slices.Contains(entryKeys(), key) {
			r.unknown(p.key, entryKeys())
			continue
		}
		value, ok := r.scalar(p.value, key)
		seen[key] = !ok // the mistake is already known
		if value != "" {
			given[key] = field{p.value, value}
		}
	}
	own := r.follow(n)
	if own == nil || own.Kind != yaml.MappingNode && !isNull(own) {
		return nil, false
	}
	for _, key := range entryKeys() {
		if given[key].text == "" && !seen[key] {
			r.reject(n, "the quarantine entry has no %s", key)
		}
	}
	return given, len(given) == len(entryKeys())
}

// until returns the end of the last day of an entry, in UTC, and rejects a day that is
// over or too far ahead.
func (r *reader) until(f field) time.Time {
	day, err := time.Parse(time.DateOnly, f.text)
	if err != nil {
		r.reject(f.node, "until: %s is not a day, such as 2006-01-31", quote(f.text))
		return time.Time{}
	}
	today := r.now.UTC().Truncate(24 * time.Hour)
	latest := today.AddDate(0, 0, quarantineDays)
	switch {
	case day.Before(today):
		r.reject(f.node, "until: %s is over; judge the scenario again, or give a new day", f.text)
	case day.After(latest):
		r.reject(f.node, "until: %s is more than %d days ahead; the latest day is %s", f.text, quarantineDays, latest.Format(time.DateOnly))
	}
	return day.AddDate(0, 0, 1)
}
