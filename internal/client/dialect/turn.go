package dialect

import (
	"cmp"
	"encoding/json"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
	"github.com/agent-gate/agent-gate/internal/text"
)

// Transcript reads the transcript from the response that describes a call.
func (a Answers) Transcript(call uuid.UUID) func(io.Reader) (calls.Transcript, error) {
	return func(r io.Reader) (calls.Transcript, error) { return turnReader{call: call, secrets: a.secrets}.read(r) }
}

// turnReader reads the transcript of one call.
type turnReader struct {
	call    uuid.UUID
	secrets *Redactor
}

// read streams the response and keeps only the turns: it is about 25 KB, plus up to 300 KB of
// the voice provider's data (contract, section 9).
func (t turnReader) read(r io.Reader) (calls.Transcript, error) {
	var (
		id                   words
		latency, chatLatency number
		customer, agent      count
		audio                words
		recordings           object[tracks]
		turns                = turnList{secrets: t.secrets}
	)
	scan := jsonstream.New(r)
	seen, err := document{
		fields: map[string]any{
			"id": &id, "avg_agent_latency_ms": &latency, "avg_latency_ms": &chatLatency,
			"user_interruption_count": &customer, "ai_interruption_count": &agent,
			"audio_url": &audio, "recordings": &recordings,
		},
		lists: map[string]func() error{"transcript": func() error { return turns.read(scan) }},
	}.read(scan)
	switch {
	case err != nil:
		return calls.Transcript{}, err
	case id.id() != t.call:
		return calls.Transcript{}, Nonsense("the answer is about another call, %s", id.id())
	case !seen["transcript"]:
		return calls.Transcript{}, Nonsense("it has no list of turns")
	}
	out := turns.transcript()
	out.AgentLatencySeconds = cmp.Or(secondsOf(number{}, latency), secondsOf(number{}, chatLatency))
	out.CustomerInterruptions, out.AgentInterruptions = customer.v, agent.v
	out.Recordings = t.recordings(recordings.v, audio)
	return out, nil
}

// tracks are the URLs of the recordings of a voice call (contract, section 3.8).
type tracks struct {
	Combined  words `json:"combined"`
	Stereo    words `json:"stereo"`
	Customer  words `json:"customer"`
	Assistant words `json:"assistant"`
}

// recordings returns the recordings that have a URL; audio is the usual one where the server does not list
// them.
func (t turnReader) recordings(listed tracks, audio words) []calls.Recording {
	var out []calls.Recording
	for i, url := range []words{cmp.Or(listed.Combined, audio), listed.Stereo, listed.Customer, listed.Assistant} {
		if n := len(url); n > 0 && n <= calls.MaxURL {
			out = append(out, calls.Recording{Track: calls.Tracks()[i], URL: t.secrets.Keep(string(url))})
		}
	}
	return out
}

// turns reads only the id of a row and, for the calls in of, the turns.
func (r *rowReader) turns(of map[uuid.UUID]bool, into map[uuid.UUID]calls.Transcript) (calls.Call, error) {
	var id words
	turns, there := turnList{secrets: r.secrets}, false
	if c, err := r.scan.Peek(); err != nil || c != '{' {
		return calls.Call{}, cmp.Or(err, r.scan.Skip(), errNoID)
	}
	err := r.scan.Object(func(key []byte) error {
		switch jsonstream.String(key) {
		case "id":
			return readInto(&r.scan, &id)
		case "transcript":
			if c, err := r.scan.Peek(); err != nil || c != '[' {
				return cmp.Or(err, r.scan.Skip())
			}
			turns, there = turnList{secrets: r.secrets}, true
			return r.scan.List(func() error { return turns.read(&r.scan) })
		}
		return r.scan.Skip()
	})
	call := calls.Call{ID: id.id()}
	if err == nil && call.ID == uuid.Nil {
		err = errNoID
	}
	if there && of[call.ID] {
		into[call.ID] = turns.transcript()
	}
	return call, err
}

// turnList collects turns up to the limits of a transcript.
type turnList struct {
	calls.Transcript
	secrets    *Redactor
	characters int
}

// read reads one element of a list of turns.
func (l *turnList) read(s *jsonstream.Scanner) error {
	if l.Left > 0 {
		l.Left++
		return s.Skip()
	}
	var row object[turnRow]
	if err := readInto(s, &row); err != nil {
		return err
	}
	for _, turn := range row.v.turns() {
		l.add(turn)
	}
	return nil
}

// add appends one turn, cut if it exceeds the limit. Secrets are removed first, because a cut
// one would not be recognised.
func (l *turnList) add(t spokenTurn) {
	said := strings.TrimSpace(l.secrets.Keep(t.text).Raw())
	switch {
	case said == "":
		return
	case l.Left > 0 || len(l.Turns) == calls.MaxTurns || l.characters >= calls.MaxTurnCharacters:
		l.Left++
		return
	}
	room := calls.MaxTurnCharacters - l.characters
	if n := utf8.RuneCountInString(said); n > room {
		said = string([]rune(said)[:room-1]) + "…"
		l.Left++
	}
	l.characters += utf8.RuneCountInString(said)
	l.Turns = append(l.Turns, calls.Turn{Role: t.role, Text: text.New(said), StartSeconds: t.start, EndSeconds: t.end})
}

// longestCall is the largest offset within a call, in seconds. Larger ones are times of day.
const longestCall = 24 * 60 * 60

// transcript returns the turns. If their times are times of day, as the telephony provider's
// are on the deployed server, they are changed to count from the first turn.
func (l *turnList) transcript() calls.Transcript {
	first := math.Inf(1)
	for _, turn := range l.Turns {
		if turn.StartSeconds != nil {
			first = min(first, *turn.StartSeconds)
		}
	}
	if first < longestCall || math.IsInf(first, 1) {
		return l.Transcript
	}
	for i := range l.Turns {
		for _, at := range []*float64{l.Turns[i].StartSeconds, l.Turns[i].EndSeconds} {
			if at != nil {
				*at -= first
			}
		}
	}
	return l.Transcript
}

// spokenTurn is a turn before redaction.
type spokenTurn struct {
	role       calls.Role
	text       string
	start, end *float64
}

// turnRow is a turn in any of three forms: the deployed server's for voice calls and for chats
// (contract, section 3.8), and role and content as in the documented dialect's samples.
type turnRow struct {
	Role         words                       `json:"role"`
	SpeakerRole  words                       `json:"speaker_role"`
	Content      utterance                   `json:"content"`
	Messages     utterance                   `json:"messages"`
	StartSeconds number                      `json:"start_time_seconds"`
	StartMS      number                      `json:"start_time_ms"`
	EndSeconds   number                      `json:"end_time_seconds"`
	EndMS        number                      `json:"end_time_ms"`
	ToolCalls    list[object[toolCallInRow]] `json:"tool_calls"`
}

// toolCallInRow is a tool call that an agent's chat message includes.
type toolCallInRow struct {
	Function object[struct {
		Name      words `json:"name"`
		Arguments words `json:"arguments"`
	}] `json:"function"`
}

// turns returns what was said, then the tool calls.
func (r turnRow) turns() []spokenTurn {
	said := spokenTurn{
		role:  roleOf(cmp.Or(r.SpeakerRole, r.Role)),
		text:  cmp.Or(string(r.Messages), string(r.Content)),
		start: secondsOf(r.StartSeconds, r.StartMS),
		end:   secondsOf(r.EndSeconds, r.EndMS),
	}
	if said.end != nil && (*said.end == 0 || said.start != nil && *said.end < *said.start) {
		said.end = nil // the deployed server writes this for no end
	}
	out := []spokenTurn{said}
	for _, tool := range r.ToolCalls {
		if f := tool.v.Function.v; f.Name != "" {
			out = append(out, spokenTurn{role: calls.RoleOther, text: string(f.Name) + " " + string(f.Arguments)})
		}
	}
	return out
}

// roleOf returns who speaks. The user is the simulated customer, the assistant is the agent
// under test (contract, section 3.8).
func roleOf(w words) calls.Role {
	switch strings.ToLower(strings.TrimSpace(string(w))) {
	case "assistant", "agent":
		return calls.RoleAgent
	case "user", "customer":
		return calls.RoleCustomer
	}
	return calls.RoleOther
}

// secondsOf returns a time in seconds, from either field; nil if there is none or it is
// negative.
func secondsOf(seconds, milliseconds number) *float64 {
	v := seconds.v
	if v == nil && milliseconds.v != nil {
		v = new(*milliseconds.v / 1000)
	}
	if v == nil || *v < 0 {
		return nil
	}
	return v
}

// utterance is what someone said: a string, or a list of strings and of objects with content or
// text.
type utterance string

// UnmarshalJSON implements json.Unmarshaler.
func (u *utterance) UnmarshalJSON(b []byte) error {
	*u = ""
	if jsonstream.IsString(b) {
		*u = utterance(jsonstream.String(b))
		return nil
	}
	var parts list[json.RawMessage]
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	var said []string
	for _, raw := range parts {
		part := jsonstream.String(raw)
		if jsonstream.IsObject(raw) {
			var w struct {
				Content words `json:"content"`
				Text    words `json:"text"`
			}
			if err := exactly(raw, &w); err != nil {
				return err
			}
			part = string(cmp.Or(w.Content, w.Text))
		}
		if part != "" {
			said = append(said, part)
		}
	}
	*u = utterance(strings.Join(said, "\n"))
	return nil
}
