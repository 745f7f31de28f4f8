package simulator

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// Dialect is one of the two forms of the API.
type Dialect string

// The dialects of the vendor's four API documents and of its open-source backend of
// 2026-08.
const (
	Documented Dialect = "documented"
	Deployed   Dialect = "deployed"
)

// AgentType is the type of the agent under test.
type AgentType string

// The agent types. Text agents support only eval_only reruns.
const (
	Voice AgentType = "voice"
	Text  AgentType = "text"
)

// Options configure a server. The zero value is a deployed-dialect server with a voice
// agent, four scenarios of five rows, seven evals, and calls that all succeed.
type Options struct {
	// Dialect is Deployed if empty.
	Dialect Dialect
	// Seed determines everything random, ids included.
	Seed uint64
	// Speed is the number of simulated seconds per second of the clock; 0 is 1. It
	// shortens calls and phases. Timestamps in answers are on the clock, so clients may
	// compare them with their own; durations in answers are simulated.
	Speed float64
	// PageSize is the default page size; 0 is 20 (documented) or 10 (deployed).
	PageSize int
	// APIKey and SecretKey are the accepted pair. If both are empty, any non-empty pair
	// is accepted.
	APIKey, SecretKey string
	// AcceptUnknown makes up a run test, scenario, agent or eval config on the first use
	// of an unknown UUID, where a server would refuse it. An agent version is never made
	// up.
	AcceptUnknown bool
	// AttachEvals gives every run test all of Evals, but those whose names its create defines itself. Without it, a create attaches the
	// evals that its dialect does: the deployed server attaches only evaluations_config
	// and ignores eval_config_ids.
	AttachEvals bool
	// RefuseLimit makes the documented dialect answer 400 to the query key limit, which
	// get-test-execution.txt does not name. The deployed dialect accepts it.
	RefuseLimit bool
	// Agent is the agent's type, Voice if empty.
	Agent AgentType
	// HostedText makes execute work for text agents of the deployed dialect: all rows
	// exist at once and total_calls is real. Without it execute still answers "started",
	// but the voice workflow creates rows that stay pending, or fail if the plan says
	// so. NoChatTarget makes all hosted chats fail without a reason, as for an agent
	// without an address (real-server.md, row 8).
	HostedText, NoChatTarget bool
	// WholeRows makes the deployed updated_at of voice calls follow every change, as on
	// servers that save whole rows. Without it only creation and reruns change it.
	WholeRows bool
	// Prompts are ids of run tests of the one prompt that the organization has. Each exists, with
	// all scenarios and evals, once it was read.
	Prompts []uuid.UUID
	// Elsewhere are ids of another workspace: agents, scenarios, run tests, eval
	// configs. They are not found, even with AcceptUnknown.
	Elsewhere []uuid.UUID
	// RunTestTime is how long a list of run tests takes per item, on the clock. The real
	// server takes 0.1 to 0.15 s (real-server.md, row 13).
	RunTestTime time.Duration
	// VoiceGate, if 402 or 403, is the status with which create, execute and
	// call_and_eval reruns are refused for voice agents.
	VoiceGate int
	// OmitRelations omits agent_definition_used_name and _id from deployed rows, as a
	// server does for an execution without an agent. The two keys of the simulator agent
	// depend on execute alone.
	OmitRelations bool
	// OmitCells omits the cells of dataset rows, so that nothing tells which row a call plays.
	OmitCells bool
	// Scenarios are the organization's scenarios; nil is a set of four, an empty slice
	// is none.
	Scenarios []story.Scenario
	// Evals are the organization's eval configs; nil is a set of seven, an empty slice
	// is none.
	Evals []story.Eval
	// Concurrency is how many calls run at once; 0 is 10.
	Concurrency int
	// Plan is the plan of every execution, unless PlanFor is set, which returns the plan
	// of the n-th execution, from 0. PlanFor runs under the server's lock and must not
	// call the server.
	Plan    story.Plan
	PlanFor func(n int) story.Plan
	// Faults make requests go wrong; see also [Server.Inject].
	Faults []Fault
	// Chats are the switches of the chat protocol, which the deployed dialect speaks.
	Chats Chats
	// Skew is how far the server's clock is ahead, in the Date header and in all times in
	// answers. The ledger has the true time.
	Skew time.Duration
	// OnRequest is called with each request before it is handled, without any lock.
	OnRequest func(api.Endpoint, *http.Request)
}

func (o Options) withDefaults() Options {
	if o.Dialect == "" {
		o.Dialect = Deployed
	}
	if o.Speed <= 0 {
		o.Speed = 1
	}
	if o.PageSize <= 0 {
		o.PageSize = 10
		if o.Dialect == Documented {
			o.PageSize = 20
		}
	}
	if o.Agent == "" {
		o.Agent = Voice
	}
	if o.Scenarios == nil {
		o.Scenarios = story.DefaultScenarios()
	}
	if o.Evals == nil {
		o.Evals = story.DefaultEvals()
	}
	o.Evals = append([]story.Eval(nil), o.Evals...)
	if o.Concurrency <= 0 {
		o.Concurrency = 10
	}
	return o
}

// world returns the options of the world.
func (o Options) world() world.Options {
	planFor := o.PlanFor
	if planFor == nil {
		planFor = func(int) story.Plan { return o.Plan }
	}
	return world.Options{
		Seed: story.Seed(o.Seed), Speed: o.Speed, Deployed: o.Dialect == Deployed,
		Text: o.Agent == Text, HostedText: o.HostedText, NoChatTarget: o.NoChatTarget, WholeRows: o.WholeRows,
		AcceptUnknown: o.AcceptUnknown, Prompts: o.Prompts, Elsewhere: o.Elsewhere,
		Scenarios: o.Scenarios, Evals: o.Evals, Concurrency: o.Concurrency, Chats: o.Chats, PlanFor: planFor,
	}
}

// api returns the options of the API.
func (o Options) api() api.Options {
	return api.Options{
		PageSize: o.PageSize, APIKey: o.APIKey, SecretKey: o.SecretKey, AttachEvals: o.AttachEvals,
		RefuseLimit: o.RefuseLimit, OmitRelations: o.OmitRelations, OmitCells: o.OmitCells, VoiceGate: o.VoiceGate,
		RunTestTime: o.RunTestTime, Skew: o.Skew,
	}
}
