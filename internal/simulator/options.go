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

// The dialects: that of the vendor's four API documents, and that of the open-source
// backend of 2026-08.
const (
	Documented Dialect = "documented"
	Deployed   Dialect = "deployed"
)

// AgentType is what kind of agent is under test.
type AgentType string

// The agent types. Text agents take only eval_only reruns.
const (
	Voice AgentType = "voice"
	Text  AgentType = "text"
)

// Options describe a server. The zero value is a deployed-dialect server with a voice
// agent, four scenarios of five rows, seven evals, and calls that all succeed.
type Options struct {
	// Dialect is Deployed when empty.
	Dialect Dialect
	// Seed decides everything that is drawn, ids included.
	Seed uint64
	// Speed is how many simulated seconds pass in one second of the clock; 0 is 1.
	// It shortens calls and phases. Timestamps stay on the clock, so that a client
	// may compare them with its own; durations in answers are simulated ones.
	Speed float64
	// PageSize is the default page size; 0 is 20 (documented) or 10 (deployed).
	PageSize int
	// APIKey and SecretKey are the accepted pair. When both are empty any non-empty
	// pair is accepted.
	APIKey, SecretKey string
	// AcceptUnknown makes up a run test, scenario, agent or eval config for an
	// unknown UUID on its first use, where a server would refuse it. An agent version
	// is never made up.
	AcceptUnknown bool
	// AttachEvals gives every run test all of Evals. Without it a run test made by a
	// create has the evals that its dialect gives it: the deployed server attaches
	// only evaluations_config and ignores eval_config_ids.
	AttachEvals bool
	// RefuseLimit makes the documented dialect answer 400 to the query key limit,
	// which get-test-execution.txt does not name. The deployed dialect takes it.
	RefuseLimit bool
	// Agent is the agent's type, Voice when empty; AgentID is drawn when nil.
	Agent   AgentType
	AgentID uuid.UUID
	// HostedText lets execute work for text agents of the deployed dialect: all rows
	// are there at once, and total_calls is real. Without it execute answers "started"
	// all the same, and the voice workflow makes rows that stay pending, or fail where
	// the plan says so. NoChatTarget
	// makes all hosted chats fail, without a reason, as for an agent that has no
	// address (real-server.md, row 8).
	HostedText, NoChatTarget bool
	// WholeRows lets the deployed updated_at of voice calls follow every change, as on
	// servers that save rows whole. Without it only creation and reruns move it.
	WholeRows bool
	// Elsewhere are ids of another workspace: agents, scenarios, run tests, eval
	// configs. They are not found, also with AcceptUnknown.
	Elsewhere []uuid.UUID
	// RunTestTime is how long a list of run tests takes for each item, on the clock;
	// the server takes 0.1 to 0.15 s.
	RunTestTime time.Duration
	// VoiceGate, when 402 or 403, is how create, execute and call_and_eval reruns
	// are refused for voice agents.
	VoiceGate int
	// OmitRelations leaves the agent's two row fields with a dotted source out of
	// deployed rows, as a server does when an execution has no agent. Those of the
	// simulator agent are there where execute named one.
	OmitRelations bool
	// Scenarios are what the organisation has; nil is a set of four, an empty slice
	// is none.
	Scenarios []story.Scenario
	// Evals are the eval configs of the organisation; nil is a set of seven, an empty
	// slice is none.
	Evals []story.Eval
	// Concurrency is how many calls run at once; 0 is 10.
	Concurrency int
	// Plan is the story of every execution, unless PlanFor is set, which is asked for
	// each execution, counting from 0. PlanFor runs under the server's lock and must
	// not call the server.
	Plan    story.Plan
	PlanFor func(execution int) story.Plan
	// Faults go wrong on the way to the server or back; see also [Server.Inject].
	Faults []Fault
	// Chats are the switches of the chat protocol, which the deployed dialect speaks.
	Chats Chats
	// Skew is how far the server's clock is ahead: of the header Date and of all times in
	// answers. The ledger keeps the true time.
	Skew time.Duration
	// OnRequest is called before each request is looked at, without any lock.
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

// world is what the world needs to know of the options.
func (o Options) world() world.Options {
	planFor := o.PlanFor
	if planFor == nil {
		planFor = func(int) story.Plan { return o.Plan }
	}
	return world.Options{
		Seed: story.Seed(o.Seed), Speed: o.Speed, Deployed: o.Dialect == Deployed,
		Text: o.Agent == Text, HostedText: o.HostedText, NoChatTarget: o.NoChatTarget, WholeRows: o.WholeRows,
		AcceptUnknown: o.AcceptUnknown, AgentID: o.AgentID, Elsewhere: o.Elsewhere,
		Scenarios: o.Scenarios, Evals: o.Evals, Concurrency: o.Concurrency, Chats: o.Chats, PlanFor: planFor,
	}
}

// api is what the routes and forms need to know of the options.
func (o Options) api() api.Options {
	return api.Options{
		PageSize: o.PageSize, APIKey: o.APIKey, SecretKey: o.SecretKey, AttachEvals: o.AttachEvals,
		RefuseLimit: o.RefuseLimit, OmitRelations: o.OmitRelations, VoiceGate: o.VoiceGate,
		RunTestTime: o.RunTestTime, Skew: o.Skew,
	}
}
