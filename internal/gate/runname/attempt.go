// Package runname names run tests: one job attempt always gets the same name, and names tell the runs
// of a branch from all others. attempt.go makes the whole name, branch.go its readable part, which
// finds baselines. Names depend only on the CI context and the inputs: the package sends nothing and
// has no clock.
package runname

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/config"
)

// maxName is the longest name of a run test, in characters (create-run-test.txt).
const maxName = 255

// nameSpace is the UUIDv5 namespace of run names. Never change it: a job attempt must get the same
// name in every version.
var nameSpace = uuid.MustParse("6f1f5e0e-52a1-5c53-9a0d-4d0f6c9b8d11")

// Of returns the name of the run test for a CI context and inputs. It is the same within a job
// attempt, to look up a run test whose creation got no response. Another attempt, job, matrix leg (the
// input comment-key) or set of inputs gets another name; steps and runners, which differ between
// attempts, make no difference. Outside of CI, and under act, every run gets its own name. [Baseline]
// matches the names of a branch's runs, but not of a pull request's, whatever its branch is called.
//
// With another run-key than that of the attempt, all starts of the key get the same end of the name, see
// [Key].
//
// The name has no slash, which the lookup by name cannot route (contract, section 3.3), and at most
// 255 characters.
func Of(c config.Config, context job.Context) (string, error) {
	suffix, err := nameSuffix(c, context)
	if err != nil {
		return "", err
	}
	base := c.Create.RunName
	if base == "" {
		base = contextName(c.Gate, context)
	}
	room := maxName - len(suffix) - 1
	if letters := []rune(base); len(letters) > room {
		base = string(letters[:room])
	}
	return base + "-" + suffix, nil
}

// Part returns the name of a copy of the run test that has a part of its scenarios, for the numbered
// execution of a run. [IsRunOf] never matches it, so that it is no baseline.
func Part(name string, execution int) string {
	lead, letters := fmt.Sprintf("part-%d-of-", execution), []rune(name)
	return lead + string(letters[max(0, len(letters)+len(lead)-maxName):])
}

// IsPartOf reports whether [Part] makes a name from another one.
func IsPartOf(part, name string) bool {
	var n int
	_, err := fmt.Sscanf(part, "part-%d-of-", &n)
	return err == nil && part == Part(name, n)
}

// Own returns a name for a run test of a run-key that no other start of the key gives to one: so whoever looks for what
// it created, after the answer was lost or because the name is taken, finds nobody else's.
func Own(name string) string {
	base, key := strings.TrimSuffix(name, "-"+Key(name)), Key(name)
	mark := "-s" + uuid.NewString()[:ownLength] + "-"
	letters := []rune(base)
	return string(letters[:min(len(letters), maxName-len(mark)-len(key))]) + mark + key
}

// ownLength is how many hexadecimal digits tell starts of a key apart.
const ownLength = 8

// CopyOf returns the name of a run of a key that executes a copy of a run test with this content: with another one it
// is another run.
func CopyOf(name string, content []byte) string {
	key, err := uuid.Parse(Key(name))
	if err != nil {
		return name // not ours
	}
	return strings.TrimSuffix(name, key.String()) + uuid.NewSHA1(key, content).String()
}

// Key returns the end of a run's name: two starts with one key are the same run.
func Key(name string) string { return name[max(0, len(name)-len(uuid.Nil.String())):] }

// Description returns the description of the run test: the input, or else the job that created it, for
// whoever finds it in the dashboard.
func Description(c config.Config, context job.Context) string {
	if c.Create.Description != "" {
		return c.Create.Description
	}
	description := "Made by agent-gate"
	if repository := context.Repository.Line(); repository != "" {
		description += " for " + repository
	}
	if context.SHA != "" {
		description += " at " + context.SHA
	}
	if context.JobURL != "" {
		description += ": " + context.JobURL
	}
	return description
}

// nameSuffix returns the part that makes the name unique and repeatable.
func nameSuffix(c config.Config, context job.Context) (string, error) {
	if context.RunID == "" && !c.FindsByKey() {
		id, err := uuid.NewV7()
		return id.String(), err
	}
	create := c.Create
	if c.FindsByKey() {
		create.RunName, create.Description = "", "" // they change nothing of what runs
	}
	target := c.Target
	target.ScenarioIDs = slices.Clone(target.ScenarioIDs) // in whatever order they are given
	slices.SortFunc(target.ScenarioIDs, func(a, b uuid.UUID) int { return cmp.Compare(a.String(), b.String()) })
	inputs, err := json.Marshal(struct {
		Target config.Target
		Create config.Create
		Agent  []string `json:",omitempty"`
		Trials []int    `json:",omitempty"`
	}{target, create, agentOf(c.Agent), trialsOf(c.Trials)})
	if err != nil {
		return "", err
	}
	parts := []string{
		string(context.Provider), context.Repository.Raw(), context.Workflow.Raw(), context.RunID, context.Attempt,
		context.Job.Raw(), c.Comment.Key, string(inputs),
	}
	switch c.RunKey {
	case "", config.RunKeyAttempt:
	case config.RunKeyRun:
		parts[4] = c.RunKey
	case config.RunKeyTree:
		parts = []string{c.RunKey, context.Repository.Raw(), c.Tree, context.Job.Raw(), c.Comment.Key, string(inputs)}
	default:
		parts = []string{"text", context.Repository.Raw(), c.RunKey, string(inputs)}
	}
	if c.Gate != "" { // names of runs without a suite do not change by it
		parts = append(parts, c.Gate)
	}
	return uuid.NewSHA1(nameSpace, []byte(strings.Join(parts, "\x00"))).String(), nil
}

// trialsOf returns what tells numbers of trials apart; nil for one. Names of runs with one do not change
// by it.
func trialsOf(t config.Trials) []int {
	if t.Max <= 1 {
		return nil
	}
	return []int{t.Count, t.Max}
}

// agentOf returns what tells agents apart that hold conversations; nil if there is none. Names of
// runs without one do not change by it.
func agentOf(a config.Agent) []string {
	if !a.Given() {
		return nil
	}
	return []string{a.Command, a.URL, a.Format, a.Model, strconv.Itoa(a.MaxTurns), a.TurnTimeout.String()}
}

// Turn returns the name of a run test that stands for a turn on an execution of a run-key. No key ends
// it, and [IsRunOf] never matches it.
func Turn(turn, execution uuid.UUID) string {
	return "turn-" + turn.String() + turnMark + execution.String()
}

const turnMark = "-on-execution-"

// IsTurn reports whether [Turn] makes a name for an execution.
func IsTurn(name string, execution uuid.UUID) bool {
	return strings.HasPrefix(name, "turn-") && strings.HasSuffix(name, turnMark+execution.String())
}
