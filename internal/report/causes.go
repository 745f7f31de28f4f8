package report

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// A Cause is why calls were not good, for all calls that say the same.
type Cause struct {
	Ending Ending
	// Fault is the eval or number that speaks against them, and how: "is_helpful failed"; empty if they did
	// not take place.
	Fault text.Untrusted
	// Words are the reason that one of them gives; empty if none does.
	Words text.Untrusted
	// Lost is why the platform lost them, and what to do about it; empty for any other cause.
	Lost calls.PlatformFailure
	// Alike is false if some of them give other words for it, be it another number.
	Alike bool
	// Rest means that they share nothing: reasons beyond those that are told apart. Words count them.
	Rest  bool
	Calls int
	// First is the worst of them; uuid.Nil for calls that are missing.
	First uuid.UUID

	at []int // all of them, as indexes in the evidence
}

// Causes groups the calls that did not pass or could not be judged by why, most calls first among those
// that say something about the agent, then the others. Reasons are alike that share most of their words.
func Causes(r Report) []Cause {
	all, _ := CausesByCall(r)
	return all
}

// CausesByCall returns the causes, and for each call the index of its cause.
func CausesByCall(r Report) (all []Cause, of map[uuid.UUID]int) {
	worst, rest := WorstFirst(r)
	v := NewViewer(r)
	all = append(v.grouped(worst, causeOf), v.lacking(rest)...)
	if n := r.Verdict.Counts.Missing; n > 0 {
		all = append(all, Cause{Ending: EndMissing, Words: text.New("never created by the server"), Alike: true, Calls: n})
	}
	first := 1
	if r.Verdict.Kind == verdict.Error { // what is not known decided
		first = -1
	}
	slices.SortStableFunc(all, func(a, b Cause) int {
		return cmp.Or(first*compareBool(a.Gone(), b.Gone()), compareBool(a.Lacking(), b.Lacking()), compareBool(a.Rest, b.Rest), cmp.Compare(b.Calls, a.Calls))
	})
	of = make(map[uuid.UUID]int, len(worst))
	for i, c := range all {
		for _, at := range c.at {
			of[r.Evidence.Calls.ID(at)] = i
		}
	}
	return all, of
}

// grouped groups calls, worst first, by why they were not good. why returns the group that a call belongs to, and
// its reason.
func (v Viewer) grouped(worst []int, why func(ShownCall) (causeKey, text.Untrusted)) (all []Cause) {
	groups := map[causeKey]*causeGroup{}
	var order []causeKey
	for _, at := range worst {
		c := v.Brief(at)
		if c.Ending.Succeeded() {
			c = v.At(at) // for its evals
		}
		key, words := why(c)
		g := groups[key]
		if g == nil {
			g = &causeGroup{exact: map[text.Untrusted]int{}, patterns: map[string]int{}}
			groups[key] = g
			order = append(order, key)
		}
		g.add(at, words)
	}
	for _, key := range order {
		all = append(all, groups[key].causes(key)...)
	}
	for i := range all {
		c := v.r.Evidence.Calls.Brief(all[i].at[0])
		if all[i].First = c.ID; all[i].Ending == EndLost {
			all[i].Lost, _ = calls.PlatformFailureOf(c.Status, c.EndedReason)
		}
	}
	return all
}

// causeOf returns the group that a call belongs to, and its reason.
func causeOf(c ShownCall) (key causeKey, words text.Untrusted) {
	key.ending = c.Ending
	switch {
	case !c.Ending.Succeeded():
		if lost, is := calls.PlatformFailureOf(c.Status, c.EndedReason); is {
			return key, text.New(lost.Words)
		}
		return key, Reason(c.Call)
	case len(c.Faults) > 0:
		f := c.Faults[0]
		return causeKey{EndBelowBar, f.title()}, f.Reason
	}
	return causeKey{ending: EndBelowBar}, countsAgainst(c)
}

// Gone reports whether a cause says nothing about the agent.
func (c Cause) Gone() bool { return c.Ending.Unknown() || c.Ending == EndMissing || c.Lacking() }

// Lacking reports whether the calls took place and lack a result that a check looks at.
func (c Cause) Lacking() bool { return c.Ending == EndSucceeded }

// compareBool puts what is false first.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// A causeKey is what causes with different words have in common.
type causeKey struct {
	ending Ending
	fault  text.Untrusted
}

// A causeGroup collects the calls of one key by their words.
type causeGroup struct {
	clusters []cluster
	exact    map[text.Untrusted]int // cluster by words, for some of them
	patterns map[string]int         // the same by pattern
	rest     []int                  // calls in no cluster
	reasons  int                    // of them
}

// A cluster is calls whose reasons share most of their words.
type cluster struct {
	pattern []string
	words   text.Untrusted
	calls   []int
	same    bool // all have these words
}

// maxClusters is how many reasons are told apart; further ones are only counted together.
const maxClusters = 200

// noCluster is the place of a reason in no cluster.
const noCluster = -1

func (g *causeGroup) add(call int, words text.Untrusted) {
	at, known := g.exact[words]
	if !known {
		at = g.find(words)
		if at != noCluster {
			g.clusters[at].same = g.clusters[at].same && g.clusters[at].words == words
		}
		if len(g.exact) < 10*maxClusters {
			g.exact[words] = at
		}
	}
	if at == noCluster {
		g.rest = append(g.rest, call)
		return
	}
	g.clusters[at].calls = append(g.clusters[at].calls, call)
}

// find returns the cluster of a reason, which may be a new one.
func (g *causeGroup) find(words text.Untrusted) int {
	p := pattern(words.Raw())
	key := strings.Join(p, " ")
	at, known := g.patterns[key]
	if known {
		return at
	}
	at = slices.IndexFunc(g.clusters, func(c cluster) bool { return alike(c.pattern, p) })
	switch {
	case at >= 0:
	case len(g.clusters) == maxClusters:
		at = noCluster
		g.reasons++
	default:
		at = len(g.clusters)
		g.clusters = append(g.clusters, cluster{pattern: p, words: words, same: true})
	}
	if len(g.patterns) < 10*maxClusters {
		g.patterns[key] = at
	}
	return at
}

// causes returns a cause for each cluster, and one for the calls in none.
func (g *causeGroup) causes(key causeKey) []Cause {
	var all []Cause
	for _, c := range g.clusters {
		all = append(all, Cause{Ending: key.ending, Fault: key.fault, Words: c.words, Alike: c.same, Calls: len(c.calls), at: c.calls})
	}
	if len(g.rest) > 0 {
		words := text.New(string(Count(g.reasons) + Plural(Count(g.reasons), " other reason", " other reasons")))
		all = append(all, Cause{Ending: key.ending, Fault: key.fault, Words: words, Alike: true, Rest: true, Calls: len(g.rest), at: g.rest})
	}
	return all
}

// A CauseName tells causes apart, also between a run and its checks.
type CauseName struct {
	ending       Ending
	fault, words text.Untrusted
}

// Name returns the name of a cause; its first words stand for all that are alike.
func (c Cause) Name() CauseName { return CauseName{c.Ending, c.Fault, c.Words} }

// Sentence says what the calls of a cause have in common, without their number; the reason has at most n
// characters.
func (c Cause) Sentence(n int) text.Untrusted {
	if c.Fault.IsEmpty() {
		words := text.New(c.Words.LineMax(n))
		switch {
		case c.Ending == EndBelowBar:
			return words
		case c.Lost.Words != "" && !c.Lost.Reached:
			return text.Sprintf("never reached your agent: %s (%s)", words, c.Lost.Advice)
		case c.Lost.Words != "":
			return text.Sprintf("lost: %s (%s)", words, c.Lost.Advice)
		}
		if !c.Alike {
			return text.Sprintf("%s, %s", string(c.Ending.Word()), c.SuchAs(words))
		}
		return text.Sprintf("%s: %s", string(c.Ending.Word()), words)
	}
	said := Quoted(c.Words, n)
	if c.Rest {
		said = c.Words
	}
	switch {
	case said.IsEmpty():
		return c.Fault
	case c.Alike:
		return text.Sprintf("%s: %s", c.Fault, said)
	}
	return text.Sprintf("%s, such as: %s", c.Fault, said)
}

// Story is [CallStory] of a call that stands for a cause, with what makes it stand for that first, or if the cause has several
// calls, what they have in common.
func (c Cause) Story(call ShownCall, n int) text.Untrusted {
	if c.Calls > 1 {
		return c.Sentence(n)
	}
	isFault := func(f Fault) bool { return f.title() == c.Fault }
	if at := slices.IndexFunc(call.Faults, isFault); at > 0 {
		call.Faults = slices.Concat(call.Faults[at:at+1], call.Faults[:at], call.Faults[at+1:])
	}
	return CallStory(call)
}

// Short is [Cause.Sentence] without what evals say, for where that stands already.
func (c Cause) Short() text.Untrusted {
	if c.Fault.IsEmpty() {
		return c.Sentence(100)
	}
	return c.Fault
}

// SuchAs marks words of one call of the cause if others give other ones.
func (c Cause) SuchAs(words text.Untrusted) text.Untrusted {
	if c.Alike || words.IsEmpty() {
		return words
	}
	return text.Sprintf("such as: %s", words)
}

// Likeness says of how many calls one stands for, with the range of their scores if these differ; empty for a cause of a
// single call.
func (v Viewer) Likeness(c Cause) Figure {
	if c.Calls < 2 {
		return ""
	}
	f := "the same in " + CountCalls(c.Calls)
	if !c.Alike {
		f = "one of " + CountCalls(c.Calls) + " like this"
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, at := range c.at {
		if score := Finite(v.Brief(at).OverallScore); score != nil && c.Ending.Succeeded() {
			low, high = min(low, *score), max(high, *score)
		}
	}
	if low < high {
		f += ", scores " + Decimal(low, 2) + " to " + Decimal(high, 2)
	}
	return f
}

// Below counts the calls of a cause that are below the bar; others may have passed, and pull a criterion down.
func (v Viewer) Below(c Cause) (n int) {
	for _, at := range c.at {
		if v.endingAt(at) == EndBelowBar {
			n++
		}
	}
	return n
}

// Worst returns the worst call of a cause; ok is false if its calls are missing.
func (v Viewer) Worst(c Cause) (call ShownCall, ok bool) {
	if len(c.at) == 0 {
		return call, false
	}
	return v.At(c.at[0]), true
}

// pattern returns the words of a reason that tell it apart: without numbers, ids, punctuation and letter
// case, which differ from call to call.
func pattern(s string) []string {
	const most, bytes = 60, 1000
	s = s[:min(len(s), bytes)]
	var words []string
	for word := range strings.FieldsSeq(s) {
		word = strings.ToLower(strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }))
		if word == "" || strings.ContainsFunc(word, unicode.IsDigit) {
			continue
		}
		if words = append(words, word); len(words) == most {
			break
		}
	}
	return words
}

// alike reports whether two patterns share at least two thirds of their words.
func alike(a, b []string) bool {
	if len(a) > 2*len(b) || len(b) > 2*len(a) {
		return false
	}
	shared, seen := 0, make(map[string]int, len(a))
	for _, w := range a {
		seen[w]++
	}
	for _, w := range b {
		if seen[w] > 0 {
			seen[w]--
			shared++
		}
	}
	return 3*shared >= 2*(len(a)+len(b)-shared)
}

// CheckCauses groups the calls that keep a check from being met by why: by what the check itself has against
// them, if that can be said of one call, else by why they were not good. Most calls first, among as many those that
// were held.
func (v Viewer) CheckCauses(check verdict.Check) []Cause {
	wanted, known := measureOf(check)
	known = known && (wanted.eval != "" || wanted.Name != criteria.MetricOverallScore) // what else is wrong says why that is low
	places := v.r.Evidence.Calls.Places(check.Worst)
	blamed := make([]int, 0, len(check.Worst))
	for _, id := range check.Worst {
		if at, there := places[id]; there {
			blamed = append(blamed, at)
			delete(places, id) // a call may have several results of one eval
		}
	}
	all := v.grouped(blamed, func(c ShownCall) (causeKey, text.Untrusted) {
		if known && c.Ending.Succeeded() {
			if f := wanted.of(c.Call); len(f) > 0 {
				return causeKey{EndBelowBar, f[0].title()}, f[0].Reason
			}
		}
		if c.Ending.Succeeded() && !looksAtEvals(check, c) { // its evals have nothing to do with it
			return causeKey{ending: EndBelowBar}, text.New("succeeded, which counts against the criterion")
		}
		return causeOf(c)
	})
	slices.SortStableFunc(all, func(a, b Cause) int {
		return cmp.Or(compareBool(a.Rest, b.Rest), cmp.Compare(b.Calls, a.Calls), compareBool(!a.Ending.Succeeded(), !b.Ending.Succeeded()))
	})
	return all
}
