package jsonreport

import (
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// schemaID is the value of a report's schema key. docs/report.schema.json describes the shape;
// a breaking change needs a new version.
const schemaID = "agent-gate/report/v1"

// The types below are the shape of the JSON report. They are separate from the domain types so
// that neither changes the other by accident. Pointers are null if unknown.

type jsonTool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type jsonCI struct {
	Provider   string          `json:"provider"`
	Repository *text.Untrusted `json:"repository"`
	Ref        *text.Untrusted `json:"ref"`
	BaseRef    *text.Untrusted `json:"base_ref"`
	SHA        *text.Untrusted `json:"sha"`
	Workflow   *text.Untrusted `json:"workflow"`
	Job        *text.Untrusted `json:"job"`
	RunID      *text.Untrusted `json:"run_id"`
	Attempt    *text.Untrusted `json:"attempt"`
	JobURL     *text.Untrusted `json:"job_url"`
	PullNumber *int            `json:"pull_number"`
	Fork       bool            `json:"fork"`
}

type jsonRunTest struct {
	ID   *uuid.UUID      `json:"id"`
	Name *text.Untrusted `json:"name"`
}

// jsonReused says whose calls were judged again.
type jsonReused struct {
	StartedAt  time.Time       `json:"started_at"`
	AgeSeconds *float64        `json:"age_seconds"` // when this run began
	Origin     *text.Untrusted `json:"origin"`
}

// jsonRun is what the executions of a run have in common.
type jsonRun struct {
	Key    *text.Untrusted `json:"key"`
	Reused bool            `json:"reused"`
	// ReusedFrom is the start that paid for the calls; null unless Reused.
	ReusedFrom *jsonReused `json:"reused_from"`
	Trials     int         `json:"trials"`
	// PlannedTrials is how many trials the planned calls are of; 0 in reports of earlier versions.
	PlannedTrials int `json:"planned_trials"`
	// MaxTrials is the most trials that the run's limits allow.
	MaxTrials int `json:"max_trials"`
	// FirstLook is after how many trials the run was judged first; null if it is judged only once.
	FirstLook *int            `json:"first_look"`
	Looks     []jsonLook      `json:"looks"`
	Stopped   *text.Untrusted `json:"stopped"`
	// Settings is null in reports of earlier versions.
	Settings *jsonSettings `json:"settings"`
}

// jsonSettings is what was asked of the run that can change its verdict, besides what it was judged by.
type jsonSettings struct {
	RerunAttempts int         `json:"rerun_attempts"`
	RerunType     string      `json:"rerun_type"`
	RerunMaxCalls string      `json:"rerun_max_calls"`
	NewEvals      []uuid.UUID `json:"new_eval_config_ids"`
}

type jsonLook struct {
	Trials  int             `json:"trials"`
	Calls   int             `json:"calls"`
	Outcome string          `json:"outcome"`
	Reason  *text.Untrusted `json:"reason"`
}

type jsonExecution struct {
	ID                *uuid.UUID      `json:"id"`
	Status            *text.Untrusted `json:"status"`
	URL               *text.Untrusted `json:"url"`
	Dialect           *text.Untrusted `json:"dialect"`
	StartedAt         *time.Time      `json:"started_at"`
	CompletedAt       *time.Time      `json:"completed_at"`
	AgentType         *text.Untrusted `json:"agent_type"`
	AgentName         *text.Untrusted `json:"agent_name"`
	PromptVersion     *text.Untrusted `json:"prompt_version,omitempty"`
	ServerSuccessRate *float64        `json:"server_success_rate"`
	ErrorReason       *text.Untrusted `json:"error_reason"`
	Trial             int             `json:"trial"`
}

type jsonCounts struct {
	Total     int `json:"total"`
	Completed int `json:"completed"`
	Failed    int `json:"failed"`
	Cancelled int `json:"cancelled"`
	Succeeded int `json:"succeeded"`
	Skipped   int `json:"skipped"`
	Scored    int `json:"scored"`
	Flaky     int `json:"flaky"`
	Passed    int `json:"passed"`
	Lost      int `json:"lost"`
	Open      int `json:"open"`
	Judged    int `json:"judged"`
	Missing   int `json:"missing"`
	Planned   int `json:"planned"`
	TurnLimit int `json:"turn_limit,omitempty"`
}

type jsonPlanned struct {
	ID    *uuid.UUID      `json:"id"`
	Name  *text.Untrusted `json:"name"`
	Calls *int            `json:"calls"`
}

type jsonPlatform struct {
	Reasons []jsonPlatformReason `json:"reasons"`
}

type jsonPlatformReason struct {
	Reason string `json:"reason"`
	Calls  int    `json:"calls"`
}

type jsonEstimate struct {
	Value *float64 `json:"value"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
	N     int      `json:"n"`
}

type jsonMetrics struct {
	SuccessRate      jsonEstimate `json:"success_rate"`
	FirstSuccessRate jsonEstimate `json:"first_success_rate"`
	PassRate         jsonEstimate `json:"pass_rate"`
	FirstPassRate    jsonEstimate `json:"first_pass_rate"`
	JudgedRate       jsonEstimate `json:"judged_rate"`
	ScoredRate       jsonEstimate `json:"scored_rate"`
	FlakyRate        jsonEstimate `json:"flaky_rate"`
	OverallScore     jsonEstimate `json:"overall_score"`
	Duration         jsonEstimate `json:"duration"`
	ResponseTime     jsonEstimate `json:"response_time"`
	Cost             jsonEstimate `json:"cost"`
}

type jsonCriterion struct {
	Criterion string          `json:"criterion"`
	Scope     *text.Untrusted `json:"scope"`
	Actual    *float64        `json:"actual"`
	Low       *float64        `json:"low"`
	High      *float64        `json:"high"`
	Tolerance *float64        `json:"tolerance"`
	Outcome   string          `json:"outcome"`
	N         int             `json:"n"`
	Unknown   int             `json:"unknown"`
	Detail    *text.Untrusted `json:"detail"`
}

type jsonScenario struct {
	ID           *uuid.UUID     `json:"id"`
	Name         text.Untrusted `json:"name"`
	Counts       jsonCounts     `json:"counts"`
	SuccessRate  jsonEstimate   `json:"success_rate"`
	PassRate     jsonEstimate   `json:"pass_rate"`
	OverallScore jsonEstimate   `json:"overall_score"`
}

type jsonEvalSummary struct {
	ID       *uuid.UUID      `json:"id"`
	Name     *text.Untrusted `json:"name"`
	Type     *text.Untrusted `json:"type"`
	Results  int             `json:"results"`
	Passed   int             `json:"passed"`
	Failed   int             `json:"failed"`
	Errored  int             `json:"errored"`
	Pending  int             `json:"pending"`
	Skipped  int             `json:"skipped"`
	PassRate jsonEstimate    `json:"pass_rate"`
	Score    jsonEstimate    `json:"score"`
	Labels   []jsonLabel     `json:"labels"`
}

type jsonLabel struct {
	Label text.Untrusted `json:"label"`
	Count int            `json:"count"`
}

type jsonEvalConfig struct {
	ID         *uuid.UUID      `json:"id"`
	TemplateID *uuid.UUID      `json:"template_id"`
	Name       *text.Untrusted `json:"name"`
	Type       *text.Untrusted `json:"type"`
}

type jsonCall struct {
	ID                uuid.UUID           `json:"id"`
	Scenario          *text.Untrusted     `json:"scenario"`
	ScenarioID        *uuid.UUID          `json:"scenario_id"`
	Status            string              `json:"status"`
	Outcome           string              `json:"outcome"`
	Passed            *bool               `json:"passed"`
	Lost              bool                `json:"lost"`
	FirstOutcome      string              `json:"first_outcome"`
	Attempts          int                 `json:"attempts"`
	Flaky             bool                `json:"flaky"`
	Execution         int                 `json:"execution"`
	Trial             int                 `json:"trial"`
	Case              *text.Untrusted     `json:"case"`
	OverallScore      *float64            `json:"overall_score"`
	DurationSeconds   *float64            `json:"duration_seconds"`
	ResponseSeconds   *float64            `json:"response_seconds"`
	CostCents         *float64            `json:"cost_cents"`
	EndedReason       *text.Untrusted     `json:"ended_reason"`
	ProcessingSkipped bool                `json:"processing_skipped"`
	SkipReason        *text.Untrusted     `json:"skip_reason"`
	StartedAt         *time.Time          `json:"started_at"`
	UpdatedAt         *time.Time          `json:"updated_at"`
	Row               *datasetRow         `json:"row"`
	Evals             map[string]jsonEval `json:"evals"`
	// Transcript is null unless it was requested and read.
	Transcript        []jsonTurn      `json:"transcript"`
	TranscriptLeft    *int            `json:"transcript_left"`
	TranscriptMissing *text.Untrusted `json:"transcript_missing"`
	// Conversation is only there with a transcript.
	Conversation *jsonConversation `json:"conversation,omitempty"`
}

type jsonConversation struct {
	AgentLatencySeconds   *float64        `json:"agent_latency_seconds"`
	CustomerInterruptions *int            `json:"customer_interruptions"`
	AgentInterruptions    *int            `json:"agent_interruptions"`
	Recordings            []jsonRecording `json:"recordings"`
}

type jsonRecording struct {
	Track string         `json:"track"`
	URL   text.Untrusted `json:"url"`
}

// datasetRow is the number of a dataset row, encoded as a string: it has more digits than other
// languages keep of a number.
type datasetRow uint64

// MarshalText implements encoding.TextMarshaler.
func (r datasetRow) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%016x", uint64(r)), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *datasetRow) UnmarshalText(b []byte) error {
	v, err := strconv.ParseUint(string(b), 16, 64)
	*r = datasetRow(v)
	return err
}

type jsonTurn struct {
	Role         string         `json:"role"`
	Text         text.Untrusted `json:"text"`
	StartSeconds *float64       `json:"start_seconds"`
	EndSeconds   *float64       `json:"end_seconds"`
}

type jsonEval struct {
	Name   *text.Untrusted  `json:"name"`
	Type   *text.Untrusted  `json:"type"`
	State  string           `json:"state"`
	Kind   *string          `json:"kind"`
	Passed *bool            `json:"passed"`
	Number *float64         `json:"number"`
	Labels []text.Untrusted `json:"labels"`
	Reason *text.Untrusted  `json:"reason"`
}

type jsonRerun struct {
	Attempt   int             `json:"attempt"`
	Type      string          `json:"type"`
	Requested int             `json:"requested"`
	Accepted  int             `json:"accepted"`
	Rescued   int             `json:"rescued"`
	Rejected  []jsonRejected  `json:"rejected"`
	Error     *text.Untrusted `json:"error"`
}

type jsonStop struct {
	Cause  string          `json:"cause"`
	Reason *text.Untrusted `json:"reason"`
}

// jsonQuarantined is a scenario that is not judged.
type jsonQuarantined struct {
	Scenario text.Untrusted `json:"scenario"`
	Reason   text.Untrusted `json:"reason"`
	Owner    text.Untrusted `json:"owner"`
	// Until is the last day on which it is not judged, in UTC.
	Until  *string    `json:"until"`
	Counts jsonCounts `json:"counts"`
}

type jsonFailFast struct {
	Calls     int  `json:"calls"`
	Failed    int  `json:"failed"`
	Rescuable bool `json:"rescuable"`
}

type jsonRejected struct {
	ID     uuid.UUID       `json:"id"`
	Reason *text.Untrusted `json:"reason"`
}

type jsonBaseline struct {
	ID          *uuid.UUID      `json:"id"`
	Status      *text.Untrusted `json:"status"`
	URL         *text.Untrusted `json:"url"`
	CompletedAt *time.Time      `json:"completed_at"`
	Calls       int             `json:"calls"`
	RunTest     *text.Untrusted `json:"run_test"`
	// NewlyFailing and NewlyPassing are names of scenarios.
	NewlyFailing []text.Untrusted `json:"newly_failing"`
	NewlyPassing []text.Untrusted `json:"newly_passing"`
}

type jsonAPI struct {
	Requests int `json:"requests"`
	Polls    int `json:"polls"`
	Retries  int `json:"retries"`
	Adopted  int `json:"adopted"`

	BaseURL       *text.Untrusted `json:"base_url"`
	BaseURLSource *text.Untrusted `json:"base_url_source"`
}

type jsonTiming struct {
	StartedAt       *time.Time `json:"started_at"`
	FinishedAt      *time.Time `json:"finished_at"`
	DurationSeconds *float64   `json:"duration_seconds"`
}
