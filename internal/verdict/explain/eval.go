package explain

import (
	"github.com/agent-gate/agent-gate/internal/criteria"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Kinds are the kinds of values that an eval has.
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

// Eval is what sentences about an eval are made of.
type Eval struct {
	Title     text.Untrusted // its name, or its id
	Kinds     Kinds
	Succeeded int     // calls that succeeded, which evals judge
	Missing   Missing // why results are missing on those
	// TwoScales says that its results are not on one scale, so that none of them counts.
	TwoScales bool
	Foreign   int  // values of another kind than its own, which are no results
	PassFail  bool // its own kind are passes and fails; else scores and numbers
	Outside   int  // scores outside of 0 to 1
}

// Warnings tell that results are missing, or that they are of several kinds.
func (e Eval) Warnings() []text.Untrusted {
	var all []text.Untrusted
	title, kinds := criteria.Quote(e.Title.Raw()), enumerate(e.Kinds.list())
	missing := e.Missing
	missing.Odd = 0 // these have a warning of their own
	if n := missing.n(); n > 0 {
		all = append(all, text.Sprintf("eval %s: %d of %s %s no result (%s)", title, n, text.Plural(e.Succeeded, "succeeded call"), have(n), missing.words()))
	}
	switch {
	case e.TwoScales:
		all = append(all, text.Sprintf("eval %s: its results are %s, which are not on one scale, so none of them counts", title, kinds))
	case e.Foreign > 0:
		its, are, not := "no score", "are", "are no results"
		if e.PassFail {
			its = "neither passed nor failed"
		}
		if e.Foreign == 1 {
			are, not = "is", "is no result"
		}
		all = append(all, text.Sprintf("eval %s: its results are %s, which are not of one kind: %d that %s %s %s", title, kinds, e.Foreign, are, its, not))
	case len(e.Kinds.list()) > 1:
		all = append(all, text.Sprintf("eval %s: its results are %s, which are not of one kind", title, kinds))
	}
	if e.Outside > 0 {
		all = append(all, text.Sprintf("eval %s: %s outside of 0 to 1 not counted", title, text.Plural(e.Outside, "score")))
	}
	return all
}

// NoResult says that none of the calls has a result.
func (e Eval) NoResult() text.Untrusted {
	return text.Sprintf("%s (%s)", without(e.Succeeded, "succeeded call", "result"), e.Missing.words())
}

// Unfit says that its results are none that a metric can be taken of.
func (e Eval) Unfit(metric string) text.Untrusted {
	return text.Sprintf("its results are %s, which have no %s", enumerate(e.Kinds.list()), metric)
}

// NoLabel says that no result of an eval has a label, and which there are.
func NoLabel(title text.Untrusted, label string, there []text.Untrusted) text.Untrusted {
	return text.Sprintf("eval %s: no result has the label %s; there are %s", criteria.Quote(title.Raw()), criteria.Quote(label), names(there))
}

// InPassWhen says that it is a condition of pass-when that something is wrong with.
func InPassWhen(what text.Untrusted) text.Untrusted { return text.Sprintf("pass-when: %s", what) }

// PassWhenWithoutEval says that a condition names an eval that the run does not have.
func PassWhenWithoutEval(name string) text.Untrusted {
	return text.Sprintf("pass-when: this run has no eval %s, so no call is known to have passed", criteria.Quote(name))
}

// MaybePassFail says that nobody knows whether calls pass by an eval.
func MaybePassFail(title text.Untrusted) text.Untrusted {
	return text.Sprintf("eval %s is left out of pass_rate: neither the run test nor a result tells whether it is a Pass/Fail eval", criteria.Quote(title.Raw()))
}

// NoPassFail says that by default every call that succeeded passed.
func NoPassFail() text.Untrusted {
	return text.New("no eval of this run is known to be a Pass/Fail eval, so by default every call that succeeded counts as passed; say with pass-when what a call has to show")
}
