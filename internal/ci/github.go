package ci

import (
	"cmp"
	"encoding/json"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/sethvargo/go-githubactions"

	"github.com/agent-gate/agent-gate/internal/text"
)

// dependabot is the actor of runs that, like those of forks, get no Actions secrets.
const dependabot = "dependabot[bot]"

// pullNumber is the number in the ref of a pull_request event, refs/pull/7/merge; 0 when
// it is another ref.
func pullNumber(ref string) int {
	rest, ok := strings.CutPrefix(ref, "refs/pull/")
	n, _, more := strings.Cut(rest, "/")
	if !ok || !more || !isDigits(n) {
		return 0
	}
	return number(n)
}

// detectGitHub reads the variables of GitHub Actions.
//
// https://docs.github.com/en/actions/reference/workflows-and-actions/variables
func detectGitHub(getenv func(string) string, readFile func(string) ([]byte, error)) Context {
	// The library would read the event file itself, and give up on one that it cannot
	// read. Its error then is only about numbers that do not parse, which it leaves 0.
	gh, _ := githubactions.New(
		githubactions.WithWriter(io.Discard),
		githubactions.WithGetenv(func(name string) string {
			if name == "GITHUB_EVENT_PATH" {
				return ""
			}
			return getenv(name)
		}),
	).Context()

	c := Context{
		Provider:          GitHub,
		Repository:        text.New(gh.Repository),
		Ref:               firstOf(gh.HeadRef, gh.RefName),
		BaseRef:           text.New(gh.BaseRef),
		SHA:               matching(isSHA, gh.SHA),
		Workflow:          text.New(gh.Workflow),
		Job:               text.New(gh.Job),
		Step:              matching(isID, gh.Action),
		RunID:             positive(gh.RunID),
		Attempt:           positive(gh.RunAttempt),
		Runner:            getenv("RUNNER_NAME"),
		Dependabot:        gh.Actor == dependabot,
		PullRequestTarget: gh.EventName == "pull_request_target",
		Debug:             getenv("RUNNER_DEBUG") == "1",
		APIURL:            apiURL(getenv("GITHUB_API_URL")),
		TempDir:           getenv("RUNNER_TEMP"),
	}
	if c.TempDir == "" {
		c.TempDir = systemTempDir(getenv)
	}
	if server, err := url.Parse(gh.ServerURL); err == nil && c.RunID != "" && isRepository(gh.Repository) {
		run := server.JoinPath(gh.Repository, "actions/runs", c.RunID)
		if c.Attempt != "" {
			run = run.JoinPath("attempts", c.Attempt)
		}
		c.JobURL = webURL(run.String())
	}
	c.PullNumber = pullNumber(gh.Ref)
	if data, err := readFile(getenv("GITHUB_EVENT_PATH")); err == nil {
		c.addEvent(data)
	}
	return c
}

// event is what the gate reads of GitHub's event file.
//
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request
type event struct {
	Number      int `json:"number"` // of the pull request, in its own events
	PullRequest *struct {
		Number int        `json:"number"`
		Head   eventPoint `json:"head"`
		Base   eventPoint `json:"base"`
	} `json:"pull_request"`
	// Issue is what a comment was made on: an issue, or a pull request.
	Issue *struct {
		Number      int       `json:"number"`
		PullRequest *struct{} `json:"pull_request"`
	} `json:"issue"`
}

// eventPoint is one end of a pull request.
type eventPoint struct {
	Ref  string `json:"ref"`
	SHA  string `json:"sha"`
	Repo *struct {
		ID       int64  `json:"id"`
		FullName string `json:"full_name"`
	} `json:"repo"`
}

// addEvent adds what only the event file tells of a pull request. The commit is the
// one at the head of the pull request: that of the variables is a merge that nobody
// can look up later, or the base.
func (c *Context) addEvent(data []byte) {
	var e event
	if err := json.Unmarshal(data, &e); err != nil {
		return
	}
	if e.Issue != nil && e.Issue.PullRequest != nil {
		c.PullNumber = max(e.Issue.Number, 0)
	}
	if e.PullRequest == nil {
		return
	}
	pr := e.PullRequest
	c.PullNumber = max(cmp.Or(pr.Number, e.Number), 0)
	c.Fork = isFork(pr.Head, pr.Base)
	if sha := matching(isSHA, pr.Head.SHA); sha != "" {
		c.SHA = sha
	}
	c.Ref = firstOf(c.Ref.Raw(), pr.Head.Ref)
	c.BaseRef = firstOf(c.BaseRef.Raw(), pr.Base.Ref)
}

// isFork compares repositories by id, since names change; the repository of a head is
// null when the fork was deleted.
func isFork(head, base eventPoint) bool {
	switch {
	case base.Repo == nil:
		return false // not an event of GitHub's
	case head.Repo == nil:
		return true
	case head.Repo.ID != 0 && base.Repo.ID != 0:
		return head.Repo.ID != base.Repo.ID
	}
	return !strings.EqualFold(head.Repo.FullName, base.Repo.FullName)
}

// positive writes a number of GitHub's; it is empty for one that is not there.
func positive(n int64) string {
	if n <= 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
