package api

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/simulator/story"
	"github.com/agent-gate/agent-gate/internal/simulator/world"
)

// metrics is GET /sdk/api/v1/simulation/metrics/?execution_id= of the deployed server, a
// small and exact read of progress (contract, section 3.16). It refuses run_test_name and
// call_execution_id, which are not simulated.
func (h *Handler) metrics(q url.Values, now time.Time) Answer {
	errs := checkQuery(q, "execution_id", "page", "limit")
	id, err := uuid.Parse(q.Get("execution_id"))
	switch {
	case !q.Has("execution_id"):
		errs.add(nonField, "invalid", "At least one of 'run_test_name', 'execution_id', or 'call_execution_id' is required.")
	case err != nil:
		errs.add("execution_id", "invalid", "Must be a valid UUID.")
	}
	if len(errs) > 0 {
		var extra []member
		if named := firstField(errs); named != "" {
			extra = append(extra, member{"attr", named})
		}
		return envelope(http.StatusBadRequest, errs[0].code, "Validation failed",
			append(extra, member{"details", details(errs)}, member{"errors", details(errs)})...)
	}
	e, found := h.w.FindExecution(id, now)
	if !found {
		return h.missing("TestExecution", "Test execution not found.")
	}
	e.NoteRead(now)
	t, stored := e.Tally(now), e.StoredTally(now)
	return ok(object{{"status", true}, {"result", object{
		{"execution_id", e.ID}, {"status", e.Shown(now)}, {"started_at", h.stamp(e.Began)}, {"completed_at", h.end(e, now)},
		{"total_calls", stored.Total}, {"completed_calls", stored.Completed}, {"failed_calls", stored.Failed},
		{"metrics", append(h.means(e, now), member{"calls", object{
			{"total", t.Total}, {"completed", t.Completed}, {"failed", t.Failed}, {"pending", t.Pending},
		}})},
	}}})
}

// means returns the averages over the calls that have metrics.
func (h *Handler) means(e *world.Execution, now time.Time) object {
	var n, scored int
	var talk time.Duration
	var response, latency, userWPM, botWPM, ratios, interruptions, stop, in, out, turns, csat float64
	var latencies []float64
	for _, c := range e.Visible(now) {
		m, has := c.Measures(now)
		if !has {
			continue
		}
		n++
		talk += c.Attempt.Talk
		latencies = append(latencies, float64(m.Latency))
		response += float64(m.Response)
		latency += float64(m.Latency)
		userWPM += m.UserWPM
		botWPM += m.BotWPM
		ratios += m.TalkRatio
		interruptions += m.InterruptionRate(c.Attempt.Talk)
		stop += float64(m.Stop)
		in += float64(m.TokensIn)
		out += float64(m.TokensOut)
		turns += float64(m.Turns)
		if score := c.Score(now); score != nil {
			scored++
			csat += float64(*score)
		}
	}
	slices.Sort(latencies)
	rank := func(p int) float { return float(latencies[min((p*n+99)/100, n)-1]) }
	percentiles := object{}
	if n > 0 {
		percentiles = object{{"p50", rank(50)}, {"p95", rank(95)}, {"p99", rank(99)}}
	}
	voice, chat := n, 0
	if h.w.Options.Text {
		voice, chat = 0, n
	} else {
		scored = 0
	}
	mean := func(sum float64, n, digits int) float { return float(story.Round(ratio(sum, n), digits)) }
	return object{
		{"latency", object{
			{"avg_agent_latency_ms", mean(latency, voice, 0)}, {"avg_response_time_ms", mean(response, voice, 0)}, {"percentiles", percentiles},
		}},
		{"cost", object{{"total_duration_seconds", int(talk.Seconds())}}},
		{"conversation", object{
			{"avg_user_wpm", mean(userWPM, voice, 1)}, {"avg_bot_wpm", mean(botWPM, voice, 1)}, {"avg_talk_ratio", mean(ratios, voice, 2)},
			{"avg_user_interruption_rate", mean(interruptions, voice, 2)}, {"avg_ai_interruption_rate", float(0)},
			{"avg_stop_time_after_interruption_ms", mean(stop, voice, 0)},
		}},
		{"chat", object{
			{"avg_total_tokens", mean(in+out, chat, 1)}, {"avg_input_tokens", mean(in, chat, 1)}, {"avg_output_tokens", mean(out, chat, 1)},
			{"avg_chat_latency_ms", mean(latency*3, chat, 1)}, {"avg_turn_count", mean(turns, n, 1)}, {"avg_csat_score", mean(csat, scored, 1)},
		}},
	}
}

// ratio returns sum / n, 0 if n is 0.
func ratio(sum float64, n int) float64 {
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// percent returns part of whole in percent, 0 if whole is 0.
func percent(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}
