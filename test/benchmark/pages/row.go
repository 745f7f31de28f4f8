package pages

import (
	"fmt"
	"strings"
)

// deployedRow is a row with the large fields of the deployed server, and as many small ones as
// it has.
func deployedRow() map[string]any {
	nodes := make([]map[string]any, 12)
	for i := range nodes {
		nodes[i] = map[string]any{
			"id": id(i), "type": "conversation", "position": map[string]float64{"x": 120.5 * float64(i), "y": 80},
			"data":  map[string]any{"label": fmt.Sprintf("Step %d", i), "prompt": strings.Repeat("The customer explains what went wrong and asks for help. ", 6)},
			"edges": []map[string]any{{"source": id(i), "target": id(i + 1), "condition": "the customer agrees"}},
		}
	}
	row := map[string]any{
		"id": markID, "service_provider_call_id": "call_" + markNumber, "session_id": nil, "timestamp": "2026-08-22T10:10:00.933483Z",
		"call_type": "Inbound", "status": "completed", "duration": 165, "duration_seconds": 165, "start_time": "2026-08-22T10:06:03.573456Z",
		"transcript": []any{}, "scenario": "Scenario " + markScenario, "overall_score": markScore, "response_time": 0.955, "response_time_ms": 955,
		"audio_url": "https://recordings.example.com/" + markID + "/combined.wav", "customer_name": "+14155550119",
		"eval_outputs": evals(), "eval_metrics": evals(),
		"scenario_columns": map[string]any{"situation": map[string]any{"value": strings.Repeat("A long story of a lost parcel. ", 20), "visible": true}},
		"ended_reason":     "customer-ended-call", "call_summary": strings.Repeat("The agent greeted the customer and solved the matter. ", 10),
		"recordings": map[string]any{}, "scenario_id": id(7), "scenario_graph": map[string]any{"nodes": nodes},
		"processing_skipped": false, "processing_skip_reason": nil, "rerun_snapshots": []any{}, "tool_outputs": map[string]any{},
		"cost_cents": 12, "simulation_call_type": "voice", "provider": "vapi",
	}
	for i := range 30 {
		row[fmt.Sprintf("measure_number_%d", i)] = float64(i) * 1.25
	}
	return row
}

// documentedRow is a call with a transcript of 30 turns.
func documentedRow() map[string]any {
	turns := make([]map[string]any, 30)
	for i := range turns {
		turns[i] = map[string]any{
			"id": id(i), "role": "assistant", "content": strings.Repeat("Let me look that up for you, one moment please. ", 3),
			"start_time_ms": 1000 * i, "end_time_ms": 1000*i + 900, "confidence_score": 0.93, "created_at": "2026-08-22T10:06:03.573456Z",
		}
	}
	return map[string]any{
		"id": markID, "status": "completed", "duration": 165, "transcript": turns, "overall_score": markScore,
		"eval_outputs": evals(), "scenario": "Scenario " + markScenario, "created_at": "2026-08-22T10:06:03.573456Z",
	}
}

// evals are 5 evals with reasons that differ from call to call.
func evals() map[string]any {
	out := map[string]any{}
	for i, e := range []struct {
		kind  string
		value any
	}{
		{"Pass/Fail", markPassed},
		{"score", 0.25},
		{"choices", []string{"Polite"}},
		{"numeric", 42.5},
		{"score", map[string]any{"score": 0.75, "choice": "Good"}},
	} {
		out[id(1000+i)] = map[string]any{
			"value": e.value, "type": e.kind, "name": fmt.Sprintf("eval_%d", i), "error": false, "status": "completed", "skipped": false,
			"reason": fmt.Sprintf("In call %s, looked at for point %d, the agent answered the question, confirmed the next step and stayed polite.", markNumber, i),
		}
	}
	return out
}

// id is a made-up id.
func id(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", n) }
