package simulator

// snapshots are the attempts before reruns, as list rows embed them: the keys of the
// server's table, with results in their stored form (real-server.md, row 15, and the
// recorded answer real-voice-after-rerun).
func (h *Handler) snapshots(c *call) []object {
	list := make([]object, 0, len(c.past))
	for i := range c.past {
		list = append(list, h.snapshot(c, i))
	}
	return list
}

func (h *Handler) snapshot(c *call, i int) object {
	then, p := c.then(i)
	m, talked := then.measures(p.at)
	count := func(v int) any {
		if !talked {
			return nil
		}
		return v
	}
	number := func(v float64) any {
		if !talked {
			return nil
		}
		return float(v)
	}
	var started, ended, combined, stereo *string
	var seconds, cents *int
	if p.connected(p.at) {
		started = new(h.stamp(p.started))
	}
	if p.over(p.at) {
		ended, combined, stereo = new(h.stamp(p.ended)), new(recording(then, "combined")), new(recording(then, "stereo"))
		seconds, cents = new(int(p.talk.Seconds())), new(cost(p.talk))
	}
	var summary *string
	if talked {
		summary = new(then.conversation().Summary())
	}
	heard := then.heard(p.at)
	return object{
		{"id", h.w.id(forSnapshot, fold(c.id), uint64(i))}, {"snapshot_timestamp", h.stamp(p.at)}, {"rerun_type", p.rerun},
		{"service_provider_call_id", h.providerID(then, p.at)}, {"status", p.status}, {"started_at", started}, {"completed_at", nil}, {"ended_at", ended},
		{"duration_seconds", seconds}, {"recording_url", combined}, {"stereo_recording_url", stereo},
		{"cost_cents", cents}, {"stt_cost_cents", nil}, {"llm_cost_cents", nil}, {"tts_cost_cents", nil},
		{"call_summary", summary}, {"ended_reason", then.endedReason(p.at)}, {"overall_score", then.score(p.at)},
		{"response_time_ms", count(m.response)}, {"assistant_id", "asst_acme_01"}, {"customer_number", phone(c)}, {"call_type", "outbound"},
		{"message_count", len(heard)}, {"transcript_available", len(heard) > 0}, {"recording_available", combined != nil},
		{"eval_outputs", storedEvals(then, p.at)}, {"transcripts", []object{}}, {"analysis_data", nil}, {"evaluation_data", nil}, {"provider_call_data", nil},
		{"avg_agent_latency_ms", count(m.latency)}, {"user_interruption_count", count(m.interruptions)},
		{"user_interruption_rate", number(m.interruptionRate(p.talk))}, {"user_wpm", number(m.userWPM)}, {"bot_wpm", number(m.botWPM)},
		{"talk_ratio", number(m.talkRatio)}, {"ai_interruption_count", count(0)}, {"ai_interruption_rate", number(0)},
		{"avg_stop_time_after_interruption_ms", count(m.stop)}, {"conversation_metrics_data", nil},
	}
}
