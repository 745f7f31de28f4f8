package simulator

import (
	"math/rand/v2"
	"strings"
)

// drawnValue is a good or a bad value of the eval's type with a reason to match.
func (c *call) drawnValue(cfg *evalConfig, good bool, rng *rand.Rand) (any, string) {
	rare := rng.Float64() < c.exec.plan.Rates.EvalRare
	switch cfg.typ {
	case TypePassFail:
		if len(cfg.choices) > 0 {
			return choiceValue(cfg, good, rare)
		}
		return passValue(good, rare, rng)
	case TypeScore:
		if len(cfg.choices) > 0 {
			return choiceScore(cfg, good, rare)
		}
		return scoreValue(good, rng)
	case TypeChoices:
		return choicesValue(cfg, good, rare, rng)
	case TypeNumeric:
		words := 0
		for _, t := range c.lines() {
			if t.role == roleAgent {
				words += 12 + len(strings.Fields(t.text))
			}
		}
		if rare {
			return words, "Number of words spoken by the agent."
		}
		return float(words), "Number of words spoken by the agent."
	default:
		issue := c.scenario.script.goodIssue
		if !good {
			issue = c.scenario.script.badIssue
		}
		return issue, "Free-text evaluation."
	}
}

func passValue(good, rare bool, rng *rand.Rand) (any, string) {
	reasons := []string{
		"The agent answered the question and confirmed the next step.",
		"The request was settled in the call, and the customer said so.",
		"The agent asked for what it needed and acted on it.",
	}
	value := "Passed"
	if !good {
		value = "Failed"
		reasons = []string{
			"The agent closed the call before the customer's question was answered.",
			"The customer had to repeat the request and got no answer.",
			"The agent did something else than what was asked.",
		}
	}
	if rare {
		return good, "Stored by an older release as a boolean."
	}
	return value, pick(rng, reasons)
}

func scoreValue(good bool, rng *rand.Rand) (any, string) {
	if good {
		return float(round(0.72+0.28*rng.Float64(), 2)), pick(rng, []string{
			"All statements but one can be traced to the customer's record.",
			"Every statement about the case is backed by a look-up.",
			"The agent stated only what the tools returned.",
		})
	}
	return float(round(0.05+0.45*rng.Float64(), 2)), pick(rng, []string{
		"The agent made claims that no look-up supports.",
		"The amount that the agent named is not in the record.",
		"The agent described a policy that does not exist.",
	})
}

func choicesValue(cfg *evalConfig, good, rare bool, rng *rand.Rand) (any, string) {
	if len(cfg.choices) == 0 {
		return []any{}, "No choice applies."
	}
	if rare {
		return []any{1 + rng.IntN(3)}, "The choice was stored as a number."
	}
	if good {
		return []any{cfg.choices[0]}, pick(rng, []string{
			"The agent stayed polite even when the customer repeated the complaint.",
			"The agent greeted, apologised and thanked the customer.",
		})
	}
	return []any{cfg.choices[len(cfg.choices)-1]}, pick(rng, []string{
		"The agent cut the customer short.",
		"The agent sounded annoyed when asked again.",
	})
}

// choiceValue is what a deterministic template gives: the choice itself, rarely a list.
func choiceValue(cfg *evalConfig, good, rare bool) (any, string) {
	if rare && len(cfg.choices) > 1 {
		return []any{cfg.choices[0], cfg.choices[1]}, "Two paths were used."
	}
	if good {
		return cfg.choices[0], "The agent used the " + cfg.choices[0] + " path."
	}
	return cfg.choices[len(cfg.choices)-1], "No path was used."
}

// choiceScore is a score with the choice that it came from.
func choiceScore(cfg *evalConfig, good, rare bool) (any, string) {
	score, choice, reason := float(1), cfg.choices[0], "The issue was settled within the call."
	if !good {
		score, choice, reason = 0, cfg.choices[len(cfg.choices)-1], "The issue was still open when the call ended."
	}
	if rare && len(cfg.choices) > 1 {
		return object{{"score", float(0.6)}, {"choices", cfg.choices[:2]}}, "Two choices apply."
	}
	return object{{"score", score}, {"choice", choice}}, reason
}
