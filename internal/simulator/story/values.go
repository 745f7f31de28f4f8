package story

import (
	"math/rand/v2"
	"strings"
)

// drawnValue draws a good or a bad value of the eval's type, with a matching reason.
func (v Conversation) drawnValue(eval *Eval, good bool, rng *rand.Rand) (any, string) {
	rare := rng.Float64() < v.Plan.Rates.EvalRare
	switch eval.Type {
	case TypePassFail:
		if len(eval.Choices) > 0 {
			return choiceValue(eval, good, rare)
		}
		return passValue(good, rare, rng)
	case TypeScore:
		if len(eval.Choices) > 0 {
			return choiceScore(eval, good, rare)
		}
		return scoreValue(good, rng)
	case TypeChoices:
		return choicesValue(eval, good, rare, rng)
	case TypeNumeric:
		words := 0
		for _, t := range v.Lines() {
			if t.Role == RoleAgent {
				words += 12 + len(strings.Fields(t.Text))
			}
		}
		if rare {
			return words, "Number of words spoken by the agent."
		}
		return float64(words), "Number of words spoken by the agent."
	default:
		return v.Script.issue(!good), "Free-text evaluation."
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
	return value, Pick(rng, reasons)
}

func scoreValue(good bool, rng *rand.Rand) (any, string) {
	if good {
		return Round(0.72+0.28*rng.Float64(), 2), Pick(rng, []string{
			"All statements but one can be traced to the customer's record.",
			"Every statement about the case is backed by a look-up.",
			"The agent stated only what the tools returned.",
		})
	}
	return Round(0.05+0.45*rng.Float64(), 2), Pick(rng, []string{
		"The agent made claims that no look-up supports.",
		"The amount that the agent named is not in the record.",
		"The agent described a policy that does not exist.",
	})
}

func choicesValue(eval *Eval, good, rare bool, rng *rand.Rand) (any, string) {
	if len(eval.Choices) == 0 {
		return []any{}, "No choice applies."
	}
	if rare {
		return []any{1 + rng.IntN(3)}, "The choice was stored as a number."
	}
	if good {
		return []any{eval.Choices[0]}, Pick(rng, []string{
			"The agent stayed polite even when the customer repeated the complaint.",
			"The agent greeted, apologised and thanked the customer.",
		})
	}
	return []any{eval.Choices[len(eval.Choices)-1]}, Pick(rng, []string{
		"The agent cut the customer short.",
		"The agent sounded annoyed when asked again.",
	})
}

// choiceValue is the value of a deterministic template: the choice itself, rarely a list.
func choiceValue(eval *Eval, good, rare bool) (any, string) {
	if rare && len(eval.Choices) > 1 {
		return []any{eval.Choices[0], eval.Choices[1]}, "Two paths were used."
	}
	if good {
		return eval.Choices[0], "The agent used the " + eval.Choices[0] + " path."
	}
	return eval.Choices[len(eval.Choices)-1], "No path was used."
}

// ChoiceScore is the value of a score eval with choices: a score, 0 to 1, with the choice
// it stands for, rarely with several.
type ChoiceScore struct {
	Score   float64
	Choice  string
	Choices []string // in place of Choice
}

func choiceScore(eval *Eval, good, rare bool) (any, string) {
	v, reason := ChoiceScore{Score: 1, Choice: eval.Choices[0]}, "The issue was settled within the call."
	if !good {
		v, reason = ChoiceScore{Choice: eval.Choices[len(eval.Choices)-1]}, "The issue was still open when the call ended."
	}
	if rare && len(eval.Choices) > 1 {
		return ChoiceScore{Score: 0.6, Choices: eval.Choices[:2]}, "Two choices apply."
	}
	return v, reason
}
