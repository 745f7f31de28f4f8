// Package config is the one table of inputs and the way from it to a [Config]:
// look-up, parsing, and all mistakes at once, in input names.
package config

import (
	"encoding/json"
	"log/slog"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/client"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// Config is what the user asked for, complete and valid. It is decoded once and never
// changed afterwards.
type Config struct {
	API    API
	Target Target
	Create Create
	Reruns Reruns
	// NewEvalConfigIDs are the evals to run on the finished execution before judging.
	NewEvalConfigIDs []uuid.UUID
	Rules            verdict.Rules
	Baseline         Baseline
	FailFast         bool // cancel and fail once a criterion cannot be met any more
	Waiting          Waiting
	Policy           Policy
	Reports          Reports
	Comment          Comment
	// Transcripts is true when the reports may hold what was said in the calls that did
	// not succeed, and one of them can.
	Transcripts bool
	// PullRequest is the number of the pull or merge request that the run belongs to, where
	// the event does not tell; 0 when it is not given.
	PullRequest int
	MaxCalls    int  // 0: no limit
	DryRun      bool // check and plan, start nothing
	StateFile   string
	LogLevel    slog.Level
	Credentials bool // both keys are there
	// ReportFile is the saved report that the command decide judges.
	ReportFile string
	// Listen is the host:port that the command serve listens on.
	Listen string
	// Simulation is the simulated API of demo and serve.
	Simulation Simulation
}

// API is where and as whom to call.
type API struct {
	APIKey    Secret
	SecretKey Secret
	BaseURL   *url.URL // without a trailing slash in its path
	// BaseURLSource is the flag or variable that gave BaseURL, such as --base-url or
	// FI_BASE_URL; empty for the default.
	BaseURLSource string
	DashboardURL  *url.URL // without a trailing slash in its path
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

// Mode is one of the three ways to say what to run.
type Mode string

// The ways.
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

// Create is what a created run test is made of, beside its target.
type Create struct {
	RunName              string // without the suffix that makes it unique; empty: from the CI context
	Description          string
	AgentVersion         uuid.UUID
	EvalConfigIDs        []uuid.UUID
	EvaluationsConfig    json.RawMessage
	DatasetRowIDs        []uuid.UUID
	EnableToolEvaluation *bool
	ReplaySessionID      uuid.UUID
}

// Reruns is what to do about calls that did not succeed.
type Reruns struct {
	Attempts int              // 0-5
	Type     client.RerunType // empty: auto, chosen for each call
	Max      Amount           // more calls than this are not rerun
}

// Baseline is what the run is compared with: at most one of the three.
type Baseline struct {
	Auto        bool      // the newest completed gate run of the target branch
	ExecutionID uuid.UUID // a test execution
	File        string    // a JSON report
}

// Waiting bounds the run in time.
type Waiting struct {
	Timeout         time.Duration
	PollMinInterval time.Duration
	PollMaxInterval time.Duration
	// ResultsWait is how long, within Timeout, to wait for scores and evals that come after
	// the end, while the verdict depends on them.
	ResultsWait  time.Duration
	CancelOnExit bool
}

// Policy says what verdicts do to the job.
type Policy struct {
	verdict.Policy
	SkipWithoutCredentials bool
}

// Reports are paths to write; an empty one is not written.
type Reports struct {
	JSON    string
	JUnit   string
	HTML    string
	Summary string // empty when StepSummary
	// StepSummary is true when the summary was asked for in the file of the step's own
	// summary on GitHub, to which it is appended in any case.
	StepSummary bool
	Dotenv      string
	Metrics     string
	Annotations string
}

// CommentMode says when the pull or merge request gets a comment.
type CommentMode string

// The modes.
const (
	CommentNever     CommentMode = "never"
	CommentOnFailure CommentMode = "on-failure" // when the verdict is no pass; a pass only updates one that is there
	CommentAlways    CommentMode = "always"
)

// Comment is the comment on the pull or merge request.
type Comment struct {
	Mode        CommentMode // empty counts as never
	Key         string      // tells comments of the same job apart; empty: there is only one
	GitHubToken Secret
	GitLabToken Secret
	// InsecureHTTP allows an API of GitHub or GitLab with http that is not loopback.
	InsecureHTTP bool
}

// Simulation is what the simulated API does.
type Simulation struct {
	Story   string // one of Stories
	Seed    uint64
	Dialect string  // "deployed" or "documented"
	Speed   float64 // simulated seconds in one second
}
