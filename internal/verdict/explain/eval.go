package explain

import (
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Kinds are the kinds of values an eval has.
type Kinds struct{ Pass, Score, Numeric, Choices, Text bool }

// list names the kinds.
func (k Kinds) list() []string {
	var words []string
	for _, one := range []struct {
		is   bool
		word string
	}{
		{k.Pass, "Pass/Fail"},
		{k.Score, "scores"},
		{k.Numeric, "numbers"},
		{k.Choices, "labels"},
		{k.Text, "texts"},
	} {
		if one.is {
			words = append(words, one.word)
		}
	}
	return words
}

// Eval holds the facts for sentences about an eval.
type Eval struct {
	Title     text.Untrusted // its name, or its id
	Kinds     Kinds
	Succeeded int     // successful calls; evals judge only those
	Missing   Missing // why some of them have no result
	// TwoScales means that its results are on different scales, so none of them counts.
	TwoScales bool
	Foreign   int  // values of another kind than the eval's own, which do not count
	PassFail  bool // its own kind is Pass/Fail, otherwise scores or numbers
	Outside   int  // scores outside 0 to 1
}

// Warnings say which results are missing or do not count, and why.
func (e Eval) Warnings() []text.Untrusted {
	var all []text.Untrusted
	title, kinds := criteria.Quote(e.Title.Raw()), enumerate(e.Kinds.list())
	missing := e.Missing
	missing.Odd = 0 // these get their own warning
	if n := missing.n(); n > 0 {
		all = append(all, text.Sprintf("eval %s: %d of %s %s no result (%s)", title, n, text.Plural(e.Succeeded, "successful call"), have(n), missing.words()))
	}
	switch {
	case e.TwoScales:
		all = append(all, text.Sprintf("eval %s: its results mix %s, which are not on one scale, so none of them counts", title, kinds))
	case e.Foreign > 0:
		what, do := "not a score", "do"
		if e.PassFail {
			what = "neither passed nor failed"
		}
		if e.Foreign == 1 {
			do = "does"
		}
		all = append(all, text.Sprintf("eval %s: its results mix %s: %d (%s) %s not count", title, kinds, e.Foreign, what, do))
	case len(e.Kinds.list()) > 1:
		all = append(all, text.Sprintf("eval %s: its results mix %s", title, kinds))
	}
	if e.Outside > 0 {
		all = append(all, text.Sprintf("eval %s: %s outside 0 to 1 not counted", title, text.Plural(e.Outside, "score")))
	}
	return all
}

// NoResult says that no call has a result.
func (e Eval) NoResult() text.Untrusted {
	return text.Sprintf("%s (%s)", without(e.Succeeded, "successful call", "result"), e.Missing.words())
}

// Unfit says that its results do not fit a metric.
func (e Eval) Unfit(metric string) text.Untrusted {
	return text.Sprintf("its results are %s, which have no %s", enumerate(e.Kinds.list()), metric)
}

// NoLabel says that no result of an eval has a label, and which labels there are.
func NoLabel(title text.Untrusted, label string, there []text.Untrusted) text.Untrusted {
	return text.Sprintf("eval %s: no result has the label %s; available: %s", criteria.Quote(title.Raw()), criteria.Quote(label), names(there))
}

// InPassWhen says that a problem is in a condition of pass-when.
func InPassWhen(what text.Untrusted) text.Untrusted { return text.Sprintf("pass-when: %s", what) }

// PassWhenWithoutEval says that a condition names an eval the run does not have.
func PassWhenWithoutEval(name string) text.Untrusted {
	return text.Sprintf("pass-when: no eval named %s, so no call is known to have passed", criteria.Quote(name))
}

// MaybePassFail says that it is unknown whether an eval is a Pass/Fail eval.
func MaybePassFail(title text.Untrusted) text.Untrusted {
	return text.Sprintf("eval %s is left out of pass_rate: neither the run test nor a result says whether it is a Pass/Fail eval", criteria.Quote(title.Raw()))
}

// NoPassFail says that without Pass/Fail evals every successful call passes by default.
func NoPassFail() text.Untrusted {
	return text.New("no eval of this run is known to be a Pass/Fail eval, so every successful call counts as passed; set pass-when to define when a call passes")
}
