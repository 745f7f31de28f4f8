// Package config is the one table of inputs and the way from it to a [Config]: lookup,
// parsing, and all mistakes reported at once.
//
// Start with table.go, the inputs; input.go, command.go and outputs.go say what a row is,
// and package kind what a value is.
// parse.go goes the whole way: flags.go reads the arguments, lookup.go finds the value of
// an input, unknown.go looks for misspelt names, and settings.go is what envconfig
// decodes. Then inputs are checked together: target.go, agent.go, connection.go, network.go,
// rules.go, baseline.go and paths.go. choice.go and part.go are about suites, whose file
// package suite reads. problem.go collects mistakes. Package manual turns the
// table into the help, action.yml and documents.
//
// The package sends nothing and writes nothing. It knows no CI system beyond the names of
// variables.
package config

import (
	"encoding/json"
	"log/slog"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/budget"
	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/config/kind"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Config is what the user asked for, complete and valid. It is immutable.
type Config struct {
	API API
	// Gate is the name of the gate in its suite file; empty for one that is in none.
	Gate   string
	Target Target
	Create Create
	Agent  Agent
	Reruns Reruns
	Trials Trials
	// RunKey is what makes two starts the same paid run: one of the RunKey constants, or any other text.
	// ReuseMaxAge is how old an ended execution may be that it finds.
	RunKey      string
	Tree        string // of git, for RunKeyTree; the command finds it
	ReuseMaxAge time.Duration
	// NewEvalConfigIDs are the evals to run on the finished execution before judging.
	NewEvalConfigIDs []uuid.UUID
	Rules            verdict.Rules
	Baseline         Baseline
	FailFast         bool // cancel and fail once a criterion can no longer be met
	Waiting          Waiting
	Policy           Policy
	Reports          Reports
	Comment          Comment
	// Transcripts is true when the reports may contain the transcripts of the calls that
	// mattered, and at least one of the reports can.
	Transcripts bool
	// PullRequest is the number of the pull or merge request that the run belongs to, for
	// events that do not tell; 0 when not given.
	PullRequest int
	// ChangedFiles is what decides which gates of a suite run: a list of files, @FILE, "auto", or empty, so that
	// all do.
	ChangedFiles string
	Format       string  // of the commands plan and explain: one of the formats
	MaxCalls     int     // 0: no limit
	MaxCents     float64 // US cents; 0: no limit
	MaxMinutes   float64 // of calls; 0: no limit
	DryRun       bool    // check and plan only, start nothing
	StateFile    string
	LogLevel     slog.Level
	Credentials  bool // both keys are given
	// Argument is the command's: the saved report that decide and explain read, the file that
	// validate checks, the shell of completion.
	Argument string
	// Given are the inputs that the user gave of those by which a report is judged again.
	Given []string
	Init  Init
	// Listen is the host:port that the command serve listens on.
	Listen string
	// Simulation is the simulated API of demo and serve.
	Simulation Simulation
}

// Limits are what the run may spend.
func (c Config) Limits() budget.Limits {
	return budget.Limits{Calls: c.MaxCalls, Cents: c.MaxCents, Minutes: c.MaxMinutes}
}

// API is the server to call and the credentials for it.
type API struct {
	APIKey    Secret
	SecretKey Secret
	BaseURL   *url.URL // no trailing slash
	// BaseURLSource is the flag or variable that set BaseURL, such as --base-url or
	// FI_BASE_URL; empty for the default.
	BaseURLSource string
	DashboardURL  *url.URL // no trailing slash
	WorkspaceID   uuid.UUID
}

// ExecutionURL is the page of an execution in the dashboard; empty when its run test
// is not known (routes: contract, section 8).
func (a API) ExecutionURL(runTest, execution uuid.UUID) string {
	if a.DashboardURL == nil || runTest == uuid.Nil || execution == uuid.Nil {
		return ""
	}
	return a.DashboardURL.JoinPath("dashboard", "simulate", "test", runTest.String(), execution.String(), "call-details").String()
}

// What makes two starts the same paid run, besides any other text.
const (
	RunKeyAttempt = "attempt" // the job attempt
	RunKeyRun     = "run"     // the workflow run
	RunKeyTree    = "tree"    // the git tree of HEAD
)

// FindsByKey reports whether a start looks for what an earlier start of its run-key paid for.
func (c Config) FindsByKey() bool { return c.RunKey != "" && c.RunKey != RunKeyAttempt }

// Mode is how the user says what to run.
type Mode string

// The modes.
const (
	ModeCreate  Mode = "create"  // agent-definition-id + scenario-ids
	ModeExecute Mode = "execute" // run-test-id
	ModeAttach  Mode = "attach"  // test-execution-id
)

// Target is what to run.
type Target struct {
	Mode              Mode
	AgentDefinitionID uuid.UUID
	RunTestID         uuid.UUID
	TestExecutionID   uuid.UUID
	ScenarioIDs       []uuid.UUID
	SimulatorID       uuid.UUID // uuid.Nil: none
}

// Create is what a new run test is made of, besides its target.
type Create struct {
	RunName              string // without the unique suffix; empty: from the CI context
	Description          string
	AgentVersion         uuid.UUID
	EvalConfigIDs        []uuid.UUID
	EvaluationsConfig    json.RawMessage
	DatasetRowIDs        []uuid.UUID
	EnableToolEvaluation *bool
	ReplaySessionID      uuid.UUID
}

// Reruns is what to do about unsuccessful calls.
type Reruns struct {
	Attempts int             // 0-5
	Type     calls.RerunType // empty: auto, chosen per call
	Max      kind.Amount     // if more calls than this need it, none is rerun
}

// Trials are how many times the run test is executed.
type Trials struct {
	Count int // executions judged together, 1-20
	Max   int // with further ones while a criterion is undecided; at least Count
}

// Within is how many trials there are at first, at least 1, and at most, if they keep within a limit of calls of
// which each trial has so many. Without a limit, or if the calls are unknown, these are 0.
func (t Trials) Within(maxCalls, each int) (first, most int) {
	first = max(t.Count, 1)
	most = max(t.Max, first)
	if maxCalls > 0 && each > 0 {
		most = max(min(most, maxCalls/each), first)
	}
	return first, most
}

// GoOn reports whether there may be further trials while a criterion is undecided.
func (t Trials) GoOn() bool { return t.Max > t.Count }

// Baseline is what to compare the run with: at most one of the three.
type Baseline struct {
	Auto        bool      // the newest completed gate run of the target branch
	ExecutionID uuid.UUID // a test execution
	File        string    // a JSON report
}

// Waiting is the time limits of the run.
type Waiting struct {
	Timeout         time.Duration
	PollMinInterval time.Duration
	PollMaxInterval time.Duration
	// ResultsWait is how long, within Timeout, to wait for scores and evals that arrive after
	// the end, if the verdict depends on them.
	ResultsWait  time.Duration
	CancelOnExit bool
}

// Policy is what verdicts do to the job.
type Policy struct {
	verdict.Policy
	SkipWithoutCredentials bool
}

// Reports are the paths to write to; an empty one is not written.
type Reports struct {
	JSON    string
	JUnit   string
	HTML    string
	Summary string // empty if StepSummary is set
	// StepSummary is set when the path of the summary was the step's own summary file on
	// GitHub, to which the summary is appended in any case.
	StepSummary bool
	Dotenv      string
	Metrics     string
	Annotations string
	CTRF        string
	Attestation string
	// URL is where the HTML report will be readable; empty if unknown.
	URL string
}

// CommentMode says when the pull or merge request gets a comment.
type CommentMode string

// When to comment.
const (
	CommentNever     CommentMode = "never"
	CommentOnFailure CommentMode = "on-failure" // unless the verdict is pass, which only updates an existing comment
	CommentAlways    CommentMode = "always"
)

// Comment is the comment on the pull or merge request.
type Comment struct {
	Mode        CommentMode // empty counts as never
	Key         string      // distinguishes comments of the same job; empty: there is only one
	GitHubToken Secret
	GitLabToken Secret
	// InsecureHTTP allows http for a GitHub or GitLab API that is not loopback.
	InsecureHTTP bool
}

// Init is what the command init writes.
type Init struct {
	List bool   // only list the run tests
	CI   string // "github" or "gitlab"; empty: detect it
	File string // the suite file; empty for the default
}

// Simulation is what the simulated API does.
type Simulation struct {
	Story   string // one of Stories
	Seed    uint64
	Dialect string  // "deployed" or "documented"
	Speed   float64 // simulated seconds per second
	Text    bool    // of a text agent
}
