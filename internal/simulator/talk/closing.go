package talk

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/api"
	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// patch is PATCH call-executions/{id}/: any state from any (chat.md 5). A call that the
// server places is not given up in this way by the simulator.
func (h *Handler) patch(id uuid.UUID, other bool, b map[string]json.RawMessage, now time.Time) api.Answer {
	f := api.NewForm(b)
	status := f.Choice("status", "pending", "queued", "ongoing", "analyzing", "completed", "failed", "cancelled")
	reason := f.Text("ended_reason", false, 0)
	if a, bad := h.Refuse(f); bad {
		return a
	}
	c, found := h.w.FindCall(id, now)
	if !found || other || c.Chat == nil {
		return h.Problem(http.StatusNotFound, "Call execution not found")
	}
	c.Chat.Patch(story.Status(status), reason, now)
	return api.Bare(http.StatusOK, h.stored(c, now))
}

// storedCall is a call as its table has it, in the order of the recorded answer
// patch-200-failed.
type storedCall struct {
	ID                  uuid.UUID `json:"id"`
	PhoneNumber         string    `json:"phone_number"`
	ProviderCallID      any       `json:"service_provider_call_id"`
	Status              string    `json:"status"`
	StartedAt           *string   `json:"started_at"`
	CompletedAt         any       `json:"completed_at"`
	DurationSeconds     *int      `json:"duration_seconds"`
	RecordingURL        any       `json:"recording_url"`
	CostCents           any       `json:"cost_cents"`
	Metadata            metadata  `json:"call_metadata"`
	ErrorMessage        any       `json:"error_message"`
	ScenarioName        string    `json:"scenario_name"`
	Transcripts         []string  `json:"transcripts"`
	CreatedAt           string    `json:"created_at"`
	UpdatedAt           string    `json:"updated_at"`
	ProviderCallData    any       `json:"provider_call_data"`
	StereoRecordingURL  any       `json:"stereo_recording_url"`
	EndedReason         *string   `json:"ended_reason"`
	STTCostCents        any       `json:"stt_cost_cents"`
	LLMCostCents        any       `json:"llm_cost_cents"`
	TTSCostCents        any       `json:"tts_cost_cents"`
	OverallScore        *float64  `json:"overall_score"`
	ResponseTimeMS      any       `json:"response_time_ms"`
	ResponseTimeSeconds any       `json:"response_time_seconds"`
	AssistantID         uuid.UUID `json:"assistant_id"`
	CustomerNumber      any       `json:"customer_number"`
	CallType            any       `json:"call_type"`
	EndedAt             *string   `json:"ended_at"`
	AnalysisData        any       `json:"analysis_data"`
	EvaluationData      any       `json:"evaluation_data"`
	MessageCount        any       `json:"message_count"`
	TranscriptAvailable bool      `json:"transcript_available"`
	RecordingAvailable  bool      `json:"recording_available"`
	EvalOutputs         any       `json:"eval_outputs"`
	ErrorLocalizerTasks []string  `json:"error_localizer_tasks"`
	CallSummary         any       `json:"call_summary"`
	AgentVersion        uuid.UUID `json:"agent_version"`
	CustomerCostCents   any       `json:"customer_cost_cents"`
	SystemMetrics       any       `json:"system_metrics"`
	CostBreakdown       any       `json:"cost_breakdown"`
	CustomerCallID      any       `json:"customer_call_id"`
	SimulationCallType  string    `json:"simulation_call_type"`
	ProcessingSkipped   bool      `json:"processing_skipped"`
	ProcessingReason    any       `json:"processing_skip_reason"`
}

// metadata is what the server was told about the call: most of all the whole prompt of the
// customer, so that an answer has 14 KB.
type metadata struct {
	DatasetID      uuid.UUID `json:"dataset_id"`
	Language       string    `json:"language"`
	BasePrompt     string    `json:"base_prompt"`
	CallChannel    string    `json:"call_channel"`
	ChatProvider   string    `json:"chat_provider"`
	SystemPrompt   string    `json:"system_prompt"`
	CallDirection  string    `json:"call_direction"`
	DynamicPrompt  string    `json:"dynamic_prompt"`
	InitialMessage string    `json:"initial_message"`
}

// stored shows the whole call.
func (h *Handler) stored(c *world.Call, now time.Time) storedCall {
	prompt := "You are a customer. " + c.Conversation().Situation() + strings.Repeat(" Stay in your role, and answer in one or two sentences.", 80)
	s := storedCall{
		ID: c.ID, Status: string(c.Status(now)), DurationSeconds: c.Chat.Seconds(), ScenarioName: c.Conversation().ScenarioName(),
		Metadata: metadata{
			DatasetID: c.Scenario.Dataset, Language: "en", BasePrompt: prompt, CallChannel: "chat", ChatProvider: "futureagi",
			SystemPrompt: prompt, CallDirection: "inbound", DynamicPrompt: prompt, InitialMessage: story.NoModelOpening,
		},
		Transcripts: []string{}, CreatedAt: h.Stamp(c.Chat.Created), UpdatedAt: h.Stamp(c.Chat.Touched),
		EndedReason: c.EndedReason(now), OverallScore: c.Score(now), AssistantID: h.w.ID(story.ForSimulator), ErrorLocalizerTasks: []string{},
		AgentVersion: h.w.ID(story.ForAgentVersion), SimulationCallType: "text",
	}
	if at, begun := c.StartedAt(now); begun {
		s.StartedAt = new(h.Stamp(at))
	}
	if c.Status(now).Terminal() {
		s.EndedAt = new(h.Stamp(c.Chat.Touched))
	}
	return s
}
