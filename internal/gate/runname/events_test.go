package runname

import (
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/ci"
	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/test/events"
)

// target is the branch that a fixture is compared with, and own that which it is a run of,
// each with its repository; empty when there is none. This is the rule by which the names
// are judged, from what the fixtures say and not from the code.
func target(w events.Want) string {
	switch {
	case w.Base != "":
		return w.Repository + " " + w.Base
	default:
		return own(w)
	}
}

func own(w events.Want) string {
	if w.Kind != "branch" {
		return ""
	}
	return w.Repository + " " + w.Ref
}

// TestEveryEventFindsTheRunsOfItsTargetAndNoOthers compares every event with every other:
// the second is found as a baseline of the first when it is a run of the branch that the
// first is compared with, and never else.
func TestEveryEventFindsTheRunsOfItsTargetAndNoOthers(t *testing.T) {
	t.Parallel()
	all := events.All()
	compared := 0
	for _, one := range all {
		base := Baseline("", ci.Detect(one.Getenv, one.ReadFile))
		if (base == "") != (target(one.Want) == "") {
			t.Errorf("%s: looks for %q", one.Title(), base)
		}
		if base == "" {
			continue
		}
		for _, other := range all {
			name := nameOf(t, config.Config{}, ci.Detect(other.Getenv, other.ReadFile))
			got, want := IsRunOf(base, name), target(one.Want) == own(other.Want)
			if got != want {
				t.Errorf("%s: %s (%s) is its baseline: %t, want %t", one.Title(), name, other.Title(), got, want)
			}
			if got {
				compared++
			}
		}
	}
	if compared < len(all) {
		t.Errorf("only %d pairs can be compared", compared)
	}
}

// Words of a name leave characters out, and hyphens join them. Branches, tags and pull
// requests of any names stay apart all the same.
func TestWhatHasTheSameWordsHasAnotherName(t *testing.T) {
	t.Parallel()
	acme := text.New("acme/bot")
	main := job.Context{Repository: acme, Kind: job.KindBranch, Ref: text.New("main"), RunID: "1"}
	base := Baseline("", main)
	if name := nameOf(t, config.Config{}, main); !IsRunOf(base, name) {
		t.Fatalf("%s is no run of %s", name, base)
	}
	suffix := base[strings.LastIndexByte(base, '-')+1:]
	for _, other := range []job.Context{
		{Repository: acme, Kind: job.KindBranch, Ref: text.New("main/")},
		{Repository: acme, Kind: job.KindBranch, Ref: text.New("#main")},
		{Repository: acme, Kind: job.KindBranch, Ref: text.New("mаin")}, // with a Cyrillic a
		{Repository: acme, Kind: job.KindBranch, Ref: text.New("main-" + suffix)},
		{Repository: acme, Kind: job.KindBranch, Ref: text.New("main-" + suffix), SHA: "1f3a9c2d5b7e9f1a3c5d7e9f1a3c5d7e9f1a3c5d"},
		{Repository: text.New("acme-bot"), Kind: job.KindBranch, Ref: text.New("main")},
		{Repository: text.New("acme"), Kind: job.KindBranch, Ref: text.New("bot/main")},
		{Repository: text.New("stranger/bot"), Kind: job.KindBranch, Ref: text.New("main")},
		{Repository: acme, Kind: job.KindTag, Ref: text.New("main")},
		{Repository: acme, Kind: job.KindPull, Ref: text.New("main")},
		{Repository: acme, Kind: job.KindPull, Ref: text.New("main"), PullNumber: 7, Fork: true},
		{Repository: acme, Kind: job.KindQueue, BaseRef: text.New("main")},
		{Repository: acme, Ref: text.New("main"), Event: "main"},
	} {
		other.RunID = "1"
		if name := nameOf(t, config.Config{}, other); IsRunOf(base, name) {
			t.Errorf("%+v: %s is taken for a run of %s", other, name, base)
		}
	}
}

func TestTheNameSaysWhatIsTested(t *testing.T) {
	t.Parallel()
	acme, sha := text.New("acme/bot"), "1F3A9c2d5b7e9f1a3c5d7e9f1a3c5d7e9f1a3c5d"
	for want, c := range map[string]job.Context{
		"agent-gate-acme-bot-main-b356c630bb4d-1f3a9c2-": {Repository: acme, Kind: job.KindBranch, Ref: text.New("main"), SHA: sha},
		"agent-gate-acme-bot-tag-v1.2.0-":                {Repository: acme, Kind: job.KindTag, Ref: text.New("v1.2.0"), SHA: sha},
		"agent-gate-acme-bot-pull-7-feature-refunds-":    {Repository: acme, Kind: job.KindPull, Ref: text.New("feature/refunds"), PullNumber: 7, BaseRef: text.New("main"), SHA: sha},
		"agent-gate-acme-bot-pull-main-":                 {Repository: acme, Kind: job.KindPull, Ref: text.New("main"), Fork: true, SHA: sha},
		"agent-gate-acme-bot-queue-main-":                {Repository: acme, Kind: job.KindQueue, BaseRef: text.New("main"), SHA: sha},
		"agent-gate-acme-bot-issue_comment-":             {Repository: acme, Event: "issue_comment", SHA: sha},
		"agent-gate-group-sub-bot-main-":                 {Repository: text.New("group/sub/bot"), Kind: job.KindBranch, Ref: text.New("main")},
		"agent-gate-" + strings.Repeat("g", 100) + "-pull-2147483647-" +
			strings.Repeat("b", 60) + "-": {Repository: text.New(strings.Repeat("g", 300)), Kind: job.KindPull, PullNumber: 1<<31 - 1, Ref: text.New(strings.Repeat("b", 300)), SHA: sha},
	} {
		c.RunID = "1"
		name := nameOf(t, config.Config{}, c)
		if !strings.HasPrefix(name, want) {
			t.Errorf("name %s, want it to begin with %s", name, want)
		}
		if len(name) > maxName || strings.ContainsRune(name, '/') || len(name) != len([]rune(name)) {
			t.Errorf("%s has %d bytes", name, len(name))
		}
		// Nothing was cut: the UUID, and the commit before it, are whole.
		if c.SHA != "" && name[len(name)-45:len(name)-36] != "-1f3a9c2-" {
			t.Errorf("%s does not end with the commit and a UUID", name)
		}
	}
}
