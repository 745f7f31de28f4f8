package simulator

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// lines are the turns of the conversation.
func (c *call) lines() []turn {
	if c.out.Low {
		return c.scenario.script.bad
	}
	return c.scenario.script.good
}

// heard are the turns that a transcript of the call has. A call that broke off has the
// turns until then, and one in which the agent never spoke the customer's first.
func (c *call) heard(now time.Time) []turn {
	lines := c.lines()
	switch {
	case c.conversed(now):
		return lines
	case !reached(c.now.ended, now) || c.now.revived || c.out.NoTranscript || c.exec.s.opts.Agent == Text:
		return nil
	case c.now.fails && c.out.Connects:
		return lines[:(len(lines)+1)/2]
	case !c.now.fails && c.out.SkipReason == SkipAgentSilent:
		for _, t := range lines {
			if t.role == roleCustomer {
				return []turn{t}
			}
		}
	}
	return nil
}

// say is a line as it is spoken in this call.
func (c *call) say(line string) string { return c.said(about(line, c.row)) }

// showCall is GET call-executions/{id}/ (contract, section 3.8).
func (s *Server) showCall(id uuid.UUID, now time.Time) answer {
	c, found := s.callBy[id]
	if !found {
		return s.missing("CallExecution", "Call execution not found")
	}
	c.exec.advance(now)
	if !s.deployed() {
		return ok(c.documentedRow(now))
	}
	return ok(c.deployedRow(now, true))
}

// fillDetail adds what only the detail has: transcript, recordings and the provider's
// payload.
func (c *call) fillDetail(d *deployedRow, now time.Time) {
	if !reached(c.now.ended, now) || c.now.fails && !c.out.Connects {
		return
	}
	lines := c.heard(now)
	if c.exec.s.opts.Agent == Text {
		if len(lines) > 0 {
			d.transcript = c.chat(lines)
		}
		return
	}
	for _, track := range []string{"combined", "stereo", "customer", "assistant"} {
		d.recordings = append(d.recordings, member{track, c.recording(track)})
	}
	if len(lines) > 0 {
		d.transcript = c.speech(lines)
	}
	callID, reason := c.providerID(now), c.endedReason(now)
	d.attributes = object{
		{"gen_ai.span.kind", "conversation"},
		{"raw_log", object{{"id", callID}, {"type", "inboundPhoneCall"}, {"status", "ended"}, {"endedReason", reason}, {"startedAt", c.exec.s.stamp(c.now.started)}}},
		{"vapi.call_id", callID}, {"gen_ai.request.model", "gpt-4o"}, {"gen_ai.provider.name", "openai"},
		{"ended_reason", reason}, {"call.total_turns", len(lines)}, {"call.duration", d.seconds},
		{"call.participant_phone_number", c.phone()}, {"call.status", "ended"},
	}
	m, has := c.measures(now)
	if !has {
		return
	}
	d.attributes = append(d.attributes, object{
		{"gen_ai.usage.input_tokens", m.tokensIn}, {"gen_ai.usage.output_tokens", m.tokensOut}, {"gen_ai.usage.total_tokens", m.tokensIn + m.tokensOut},
		{"call.user_wpm", float(m.userWPM)}, {"call.bot_wpm", float(m.botWPM)}, {"provider_transcript", c.spoken(lines)},
	}...)
}

// spoken is what was said in the given turns, without the tools.
func (c *call) spoken(lines []turn) []object {
	list := []object{}
	for _, t := range lines {
		if t.role != roleTool {
			list = append(list, object{{"role", t.role}, {"content", c.say(t.text)}})
		}
	}
	return list
}

// speech is a voice transcript. The simulated customer is user, the agent under test
// is assistant; tool turns have no end.
func (c *call) speech(lines []turn) []object {
	made := c.exec.s.stamp(c.now.ended)
	at := 640
	var list []object
	add := func(role, text string, length int) {
		end, endSeconds := 0, (*float)(nil)
		if length > 0 {
			end, endSeconds = at+length, new(float(at+length)/1000)
		}
		list = append(list, object{
			{"id", c.turnID(len(list))}, {"speaker_role", role}, {"content", text},
			{"start_time_ms", at}, {"start_time_seconds", float(at) / 1000}, {"end_time_ms", end}, {"end_time_seconds", endSeconds},
			{"confidence_score", float(1)}, {"created_at", made},
		})
		at += max(length, 50) + 350
	}
	for _, t := range lines {
		if t.role == roleTool {
			add("tool_calls", fmt.Sprintf(`[{"name": %q, "arguments": {"number": "%d"}}]`, t.text, 4400+c.row), 0)
			add("tool_call_result", c.scenario.script.toolResult, 0)
			continue
		}
		text := c.say(t.text)
		add(t.role, text, 1000+60*len(text))
	}
	return list
}

// chat is the transcript of a text call.
func (c *call) chat(lines []turn) []object {
	s := c.exec.s
	session := s.id(idTurn, fold(c.id))
	at := c.now.started
	var list []object
	add := func(role, text string, calls []object) {
		content := object{{"role", role}, {"content", text}}
		if len(calls) > 0 {
			content = append(content, member{"tool_calls", calls})
		} else {
			calls = []object{}
		}
		list = append(list, object{
			{"id", c.turnID(len(list))}, {"role", role}, {"messages", []string{text}}, {"content", []object{content}},
			{"session_id", session}, {"tool_calls", calls}, {"created_at", s.stamp(at)},
		})
		at = at.Add(s.span(2412 * time.Millisecond))
	}
	for _, t := range lines {
		if t.role != roleTool {
			add(t.role, c.say(t.text), nil)
			continue
		}
		arguments := fmt.Sprintf(`{"number": %d}`, 4400+c.row)
		add(roleAgent, "Let me check that.", []object{{
			{"id", "call_" + t.text}, {"type", "function"}, {"function", object{{"name", t.text}, {"arguments", arguments}}},
		}})
		add("tool", c.scenario.script.toolResult, nil)
	}
	return list
}

func (c *call) turnID(i int) uuid.UUID { return c.exec.s.id(idTurn, fold(c.id), uint64(i)+1) }
