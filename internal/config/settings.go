package config

import (
	"time"

	"github.com/google/uuid"
)

// settings is every input as envconfig decodes it, after its type has validated and
// normalised it. A test compares the tags with the table. It contains no structs, because
// envconfig would look for inputs inside them.
type settings struct {
	APIKey            string    `env:"API_KEY"`
	SecretKey         string    `env:"SECRET_KEY"`
	BaseURL           string    `env:"BASE_URL"`
	AllowInsecureHTTP bool      `env:"ALLOW_INSECURE_HTTP"`
	DashboardURL      string    `env:"DASHBOARD_URL"`
	WorkspaceID       uuid.UUID `env:"WORKSPACE_ID"`

	Config string   `env:"CONFIG"` // of suites only init reads it here, see Choose
	Gates  []string `env:"GATES"`

	ChangedFiles string `env:"CHANGED_FILES"`

	AgentDefinitionID    uuid.UUID   `env:"AGENT_DEFINITION_ID"`
	ScenarioIDs          []uuid.UUID `env:"SCENARIO_IDS"`
	RunTestID            uuid.UUID   `env:"RUN_TEST_ID"`
	TestExecutionID      uuid.UUID   `env:"TEST_EXECUTION_ID"`
	RunName              string      `env:"RUN_NAME"`
	Description          string      `env:"DESCRIPTION"`
	AgentVersion         uuid.UUID   `env:"AGENT_VERSION"`
	EvalConfigIDs        []uuid.UUID `env:"EVAL_CONFIG_IDS"`
	EvaluationsConfig    string      `env:"EVALUATIONS_CONFIG"`
	DatasetRowIDs        []uuid.UUID `env:"DATASET_ROW_IDS"`
	EnableToolEvaluation *bool       `env:"ENABLE_TOOL_EVALUATION"`
	ReplaySessionID      uuid.UUID   `env:"REPLAY_SESSION_ID"`
	SimulatorID          uuid.UUID   `env:"SIMULATOR_ID"`

	AgentCommand string        `env:"AGENT_COMMAND"`
	AgentURL     string        `env:"AGENT_URL"`
	AgentFormat  string        `env:"AGENT_FORMAT"`
	AgentModel   string        `env:"AGENT_MODEL"`
	AgentHeader  string        `env:"AGENT_HEADER"`
	AgentReady   time.Duration `env:"AGENT_READY"`
	Concurrency  int           `env:"CONCURRENCY"`
	TurnTimeout  time.Duration `env:"TURN_TIMEOUT"`
	MaxTurns     int           `env:"MAX_TURNS"`

	MaxCalls   int     `env:"MAX_CALLS"`
	MaxCost    float64 `env:"MAX_COST"`
	MaxMinutes float64 `env:"MAX_MINUTES"`
	DryRun     bool    `env:"DRY_RUN"`

	RerunAttempts int    `env:"RERUN_ATTEMPTS"`
	RerunType     string `env:"RERUN_TYPE"`
	RerunMaxCalls string `env:"RERUN_MAX_CALLS"`

	NewEvalConfigIDs []uuid.UUID `env:"NEW_EVAL_CONFIG_IDS"`

	RunKey      string        `env:"RUN_KEY"`
	ReuseMaxAge time.Duration `env:"REUSE_MAX_AGE"`

	Trials    int `env:"TRIALS"`
	MaxTrials int `env:"MAX_TRIALS"`

	MinSuccessRate  *float64 `env:"MIN_SUCCESS_RATE"`
	MinOverallScore *float64 `env:"MIN_OVERALL_SCORE"`
	Criteria        string   `env:"CRITERIA"`

	PassWhen         string        `env:"PASS_WHEN"`
	PlatformFailures string        `env:"PLATFORM_FAILURES"`
	ResultsWait      time.Duration `env:"RESULTS_WAIT"`

	Confidence  float64 `env:"CONFIDENCE"`
	DecideOn    string  `env:"DECIDE_ON"`
	IntervalFor string  `env:"INTERVAL_FOR"`
	Baseline    string  `env:"BASELINE"`
	FailFast    bool    `env:"FAIL_FAST"`

	Timeout         time.Duration `env:"TIMEOUT"`
	PollMinInterval time.Duration `env:"POLL_MIN_INTERVAL"`
	PollMaxInterval time.Duration `env:"POLL_MAX_INTERVAL"`
	CancelOnExit    bool          `env:"CANCEL_ON_EXIT"`

	OnOperationalError   string `env:"ON_OPERATIONAL_ERROR"`
	OnInconclusive       string `env:"ON_INCONCLUSIVE"`
	OnMissingCredentials string `env:"ON_MISSING_CREDENTIALS"`
	SoftFail             bool   `env:"SOFT_FAIL"`

	JSONReport        string `env:"JSON_REPORT"`
	JUnitReport       string `env:"JUNIT_REPORT"`
	HTMLReport        string `env:"HTML_REPORT"`
	SummaryFile       string `env:"SUMMARY_FILE"`
	DotenvFile        string `env:"DOTENV_FILE"`
	MetricsReport     string `env:"METRICS_REPORT"`
	AnnotationsReport string `env:"ANNOTATIONS_REPORT"`
	CTRFReport        string `env:"CTRF_REPORT"`
	AttestationReport string `env:"ATTESTATION_REPORT"`
	ReportURL         string `env:"REPORT_URL"`
	Transcripts       string `env:"TRANSCRIPTS"`

	Comment     string `env:"COMMENT"`
	CommentKey  string `env:"COMMENT_KEY"`
	GitHubToken string `env:"GITHUB_TOKEN"`
	GitLabToken string `env:"GITLAB_TOKEN"`
	PullRequest int    `env:"PULL_REQUEST"`

	StateFile string `env:"STATE_FILE"`
	LogLevel  string `env:"LOG_LEVEL"`

	List bool   `env:"LIST"`
	CI   string `env:"CI"`

	Format string `env:"FORMAT"`

	Listen  string  `env:"LISTEN"`
	Story   string  `env:"STORY"`
	Seed    uint64  `env:"SEED"`
	Dialect string  `env:"DIALECT"`
	Speed   float64 `env:"SPEED"`
	Text    bool    `env:"TEXT"`
}
