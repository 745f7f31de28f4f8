package runname

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/ci/job"
	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/text"
)

// jobPart is a job attempt as GitHub describes it.
func jobPart() job.Context {
	return job.Context{
		Provider:   job.GitHub,
		Repository: text.New("acme/support-bot"),
		Kind:       job.KindBranch,
		Ref:        text.New("feature/refunds & more"),
		SHA:        "1f3a9c2d5b7e9f1a3c5d7e9f1a3c5d7e9f1a3c5d",
		Workflow:   text.New("gate"),
		Job:        text.New("test"),
		Step:       "__self",
		RunID:      "18734562210",
		Attempt:    "1",
		Runner:     "GitHub Actions 7",
	}
}

func nameOf(t *testing.T, c config.Config, context job.Context) string {
	t.Helper()
	name, err := Of(c, context)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestRunNameIsTheSameForOneJobAttempt(t *testing.T) {
	t.Parallel()
	first, second := nameOf(t, config.Config{}, jobPart()), nameOf(t, config.Config{}, jobPart())
	if first != second {
		t.Errorf("one job attempt has the names %q and %q, want one name", first, second)
	}
	one, other := uuid.UUID{15: 1}, uuid.UUID{15: 2}
	if a, b := nameOf(t, config.Config{Target: config.Target{ScenarioIDs: []uuid.UUID{one, other}}}, jobPart()), nameOf(t, config.Config{Target: config.Target{ScenarioIDs: []uuid.UUID{other, one}}}, jobPart()); a != b {
		t.Errorf("the order of the scenarios makes it another run: %q and %q", a, b)
	}
	if want := "agent-gate-acme-support-bot-feature-refunds-more-"; !strings.HasPrefix(first, want) {
		t.Errorf("name %q, want it to begin with %q", first, want)
	}
}

func TestRunNameDiffersForEveryOtherJob(t *testing.T) {
	t.Parallel()
	changes := map[string]func(*job.Context, *config.Config){
		"repository": func(j *job.Context, _ *config.Config) { j.Repository = text.New("acme/other") },
		"run":        func(j *job.Context, _ *config.Config) { j.RunID = "2" },
		"attempt":    func(j *job.Context, _ *config.Config) { j.Attempt = "2" },
		"job":        func(j *job.Context, _ *config.Config) { j.Job = text.New("nightly") },
		"matrix leg": func(_ *job.Context, c *config.Config) { c.Comment.Key = `{"agent":"billing"}` },
		"agent":      func(_ *job.Context, c *config.Config) { c.Agent.Command = "python agent.py" },
		"inputs":     func(_ *job.Context, c *config.Config) { c.Target.ScenarioIDs = []uuid.UUID{{15: 1}} },
	}
	base := nameOf(t, config.Config{}, jobPart())
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			context, c := jobPart(), config.Config{}
			change(&context, &c)
			if got := nameOf(t, c, context); got == base {
				t.Errorf("another %s has the same name %q", name, got)
			}
		})
	}
}

func TestRunNameIsTheSameOnAnotherRunnerAndInAnotherStep(t *testing.T) {
	t.Parallel()
	elsewhere := jobPart()
	elsewhere.Step, elsewhere.Runner = "__self_2", "GitHub Actions 8"
	if a, b := nameOf(t, config.Config{}, jobPart()), nameOf(t, config.Config{}, elsewhere); a != b {
		t.Errorf("one job attempt has the names %q and %q", a, b)
	}
}

func TestRunNameIsNeverRepeatedOutsideOfCI(t *testing.T) {
	t.Parallel()
	local := job.Context{Provider: job.Plain}
	if a, b := nameOf(t, config.Config{}, local), nameOf(t, config.Config{}, local); a == b {
		t.Errorf("two local runs share the name %q", a)
	}
}

func TestRunNameFitsTheAPI(t *testing.T) {
	t.Parallel()
	long := jobPart()
	long.Ref = text.New(strings.Repeat("feature/ä::", 200))
	c := config.Config{}
	c.Create.RunName = strings.Repeat("ü", 255)
	for _, name := range []string{nameOf(t, config.Config{}, long), nameOf(t, c, long)} {
		if n := len([]rune(name)); n > maxName {
			t.Errorf("name has %d characters, want at most %d", n, maxName)
		}
		if strings.ContainsRune(name, '/') {
			t.Errorf("name %q has a slash", name)
		}
	}
}

func TestRunDescriptionNamesTheJob(t *testing.T) {
	t.Parallel()
	github := jobPart()
	github.JobURL = "https://github.com/acme/support-bot/actions/runs/18734562210"
	given := config.Config{}
	given.Create.Description = "mine"
	cases := []struct {
		name    string
		config  config.Config
		context job.Context
		want    string
	}{
		{"in a job", config.Config{}, github, "Made by agent-gate for acme/support-bot at 1f3a9c2d5b7e9f1a3c5d7e9f1a3c5d7e9f1a3c5d: https://github.com/acme/support-bot/actions/runs/18734562210"},
		{"outside of CI", config.Config{}, job.Context{Provider: job.Plain}, "Made by agent-gate"},
		{"given by the user", given, github, "mine"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := Description(tc.config, tc.context); got != tc.want {
				t.Errorf("description %q, want %q", got, tc.want)
			}
		})
	}
}

func TestPartsOfARunTestAreKnownByTheirNames(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("x", 240) + "-c0ffee00-0000-4000-8000-000000000001"
	for _, whole := range []string{"nightly", name[:255], Own(name[20:])} {
		for _, n := range []int{2, 11} {
			if part := Part(whole, n); !IsPartOf(part, whole) || IsPartOf(part, whole+"-2") || IsPartOf(whole, whole) {
				t.Errorf("%q is not told to be part %d of %q alone", part, n, whole)
			}
		}
	}
}
