package story

import (
	"math/rand/v2"
	"time"
)

// Rates are shares, 0 to 1, of random outcomes. Those from Fail to Missing are shares of
// calls; each call gets at most one, so their sum must not exceed 1. The Eval rates are
// shares of the eval results of calls that were evaluated.
type Rates struct {
	Fail            float64 // every attempt fails, with one of AgentReasons
	Dropped         float64 // every attempt reaches the agent and fails in mid-call
	Flaky           float64 // the first attempt fails, with one of AgentReasons
	Low             float64 // bad conversation
	Unscored        float64 // overall_score stays null
	LateScore       float64 // overall_score arrives 10-40 s after the end
	Skipped         float64 // processing_skipped
	ProcessingError float64 // completed with "Error processing simulation"
	NoTranscript    float64 // completed without a transcript
	Lost            float64 // the platform loses every attempt, with one of LostReasons
	Rescued         float64 // the platform loses the first attempt
	ProviderError   float64 // completed, with one of ProviderErrors
	Wavering        float64 // shown as failed for 10-40 s, then completed
	Lagging         float64 // analyzing until 10-40 s after the end of the execution
	Missing         float64 // never created

	EvalFail    float64 // Failed, a low score, a bad choice
	EvalError   float64 // the evaluation itself failed
	EvalEmpty   float64 // null without an error
	EvalSkipped float64 // skipped
	EvalPending float64 // {} forever
	EvalRare    float64 // a value in one of the rarer JSON types of its eval type
}

// callFate draws the outcome of one call; def if no rate applies.
func (r *Rates) callFate(rng *rand.Rand, def Outcome) Outcome {
	u := rng.Float64()
	for _, fate := range []struct {
		share float64
		make  func() Outcome
	}{
		{r.Fail, func() Outcome { return Fails("") }},
		{r.Dropped, func() Outcome { return Outcome{Fails: true, Connects: true} }},
		{r.Flaky, func() Outcome { return Flaky(1, "") }},
		{r.Lost, func() Outcome { return Outcome{Fails: true, Lost: true, Connects: rng.IntN(4) == 0} }},
		{r.Rescued, func() Outcome { return Rescued("") }},
		{r.Low, LowScore},
		{r.Unscored, Unscored},
		{r.LateScore, func() Outcome { return Outcome{LateScore: Seconds(rng, 10, 40).Round(time.Second)} }},
		{r.Skipped, func() Outcome { return Skipped("") }},
		{r.ProcessingError, ProcessingError},
		{r.NoTranscript, NoTranscript},
		{r.ProviderError, func() Outcome { return ProviderError(Pick(rng, ProviderErrors())) }},
		{r.Wavering, func() Outcome { return Outcome{Wavers: Seconds(rng, 10, 40).Round(time.Second)} }},
		{r.Lagging, func() Outcome { return Outcome{Lags: Seconds(rng, 10, 40).Round(time.Second)} }},
		{r.Missing, NeverComes},
	} {
		if u < fate.share {
			return fate.make()
		}
		u -= fate.share
	}
	return def
}

// evalFate draws the kind of one eval result; good if no rate applies.
func (r *Rates) evalFate(rng *rand.Rand) resultKind {
	u := rng.Float64()
	for _, fate := range []struct {
		share float64
		kind  resultKind
	}{
		{r.EvalFail, resultBad},
		{r.EvalError, resultErrored},
		{r.EvalEmpty, resultEmpty},
		{r.EvalSkipped, resultSkipped},
		{r.EvalPending, resultPending},
	} {
		if u < fate.share {
			return fate.kind
		}
		u -= fate.share
	}
	return resultGood
}

// Fate returns the outcome of a call, for all its attempts.
func (p *Plan) Fate(seed Seed, ref CallRef) Outcome {
	if p.Each != nil {
		if o, ok := p.Each(ref); ok {
			return o
		}
	}
	if o, ok := p.Rows[ref.Row]; ok {
		return o
	}
	if o, ok := p.Calls[ref.Index]; ok {
		return o
	}
	if p.Rates == (Rates{}) {
		return p.Default
	}
	rng := seed.Draw(forOutcome, uint64(ref.Execution), uint64(ref.Index), 0)
	return p.Rates.callFate(rng, p.Default)
}
